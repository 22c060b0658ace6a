"""Carries the permanent log to the stream, in the log's order; unpublished is `published_at IS NULL`.

One relay at a time for each service, by a session advisory lock; no transaction is held across NATS.
The stream is disposable: when it is another one than last time, everything is published again.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

from dondoc.type.v1.event_pb2 import Event
from opentelemetry import propagate, trace
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.runtime import crashpoints
from services.kernel.runtime.bus import Bus
from services.kernel.runtime.tables import event_log, relay_stream

logger = logging.getLogger("dondoc.relay")
tracer = trace.get_tracer("dondoc.relay")

LOCK = 0x646F6E64  # "dond"
BATCH = 200
RETRY_SECONDS = 0.5


class Relay:
    """Woken after each commit of this process, and by a poll for those of other replicas."""

    def __init__(self, service: str, engine: AsyncEngine, bus: Bus, poll_seconds: float) -> None:
        self._service, self._engine, self._bus, self._poll = service, engine, bus, poll_seconds
        self.wake = asyncio.Event()
        self.healthy = False
        self.judged = asyncio.Event()  # `healthy` says something: it was tried once

    async def run(self) -> None:
        """Until cancelled; never gives up."""
        while True:
            try:
                await self._bus.connect()
                async with self._engine.connect() as raw:
                    connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
                    await self._lead(connection)
            except Exception as error:
                # NATS away, database away, whatever it is: writes go on, and so does this loop.
                if self.healthy:
                    logger.warning("relay is degraded", extra={"error": type(error).__name__})
                self._judge(healthy=False)
                await asyncio.sleep(RETRY_SECONDS)

    def _judge(self, *, healthy: bool) -> None:
        self.healthy = healthy
        self.judged.set()

    async def _lead(self, connection: AsyncConnection) -> None:
        while not await connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
            self._judge(healthy=True)
            await asyncio.sleep(self._poll)
        try:
            await self._notice_another_stream(connection)
            while True:
                self.wake.clear()
                while await self._publish_batch(connection):
                    pass
                self._judge(healthy=True)
                try:
                    await asyncio.wait_for(self.wake.wait(), self._poll)
                except TimeoutError:
                    # A stream that is gone makes publishing fail, and then we are here anew; one
                    # that was made again meanwhile is noticed in a quiet moment.
                    await self._notice_another_stream(connection)
        finally:
            if not connection.invalidated:
                await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})

    async def _notice_another_stream(self, connection: AsyncConnection) -> None:
        created = await self._bus.ensure_stream(self._service)
        known = await connection.scalar(
            select(relay_stream.c.created_at).where(relay_stream.c.stream == self._service)
        )
        if known == created:
            return
        if known is not None:
            logger.warning("the stream is another one; publishing everything again")
        # Unpublished first, remembered second: a crash between the two only repeats the first.
        await connection.execute(
            update(event_log).where(event_log.c.published_at.is_not(None)).values(published_at=None)
        )
        row = insert(relay_stream).values(stream=self._service, created_at=created)
        await connection.execute(
            row.on_conflict_do_update(
                index_elements=["stream"], set_={"created_at": row.excluded.created_at}
            )
        )

    async def _publish_batch(self, connection: AsyncConnection) -> bool:
        rows = (
            await connection.execute(
                select(event_log.c.position, event_log.c.event)
                .where(event_log.c.published_at.is_(None))
                .order_by(event_log.c.position)
                .limit(BATCH)
            )
        ).all()
        if not rows:
            return False
        async with asyncio.TaskGroup() as group:
            for row in rows:
                group.create_task(self._publish(row.event))
        crashpoints.reached("relay.after_publish")
        await connection.execute(
            update(event_log)
            .where(event_log.c.position.in_([row.position for row in rows]))
            .values(published_at=datetime.now(UTC))
        )
        return len(rows) == BATCH

    async def _publish(self, data: bytes) -> None:
        event = Event.FromString(data)
        headers: dict[str, Any] = {"Nats-Msg-Id": event.id}
        parent = propagate.extract({"traceparent": event.traceparent})
        with tracer.start_as_current_span(
            f"publish {event.type}", context=parent, kind=trace.SpanKind.PRODUCER
        ) as span:
            span.set_attribute("messaging.system", "nats")
            span.set_attribute("messaging.message.id", event.id)
            propagate.inject(headers)
            await self._bus.jetstream.publish(
                f"{self._service}.{event.type}", data, headers=headers, stream=self._service
            )


async def oldest_unpublished(connection: AsyncConnection) -> datetime | None:
    """When the event was recorded that has waited longest for the relay; real time."""
    query = select(event_log.c.recorded_at).where(event_log.c.published_at.is_(None))
    found: datetime | None = await connection.scalar(query.order_by(event_log.c.position).limit(1))
    return found


async def unpublished(connection: AsyncConnection) -> int:
    """How many events wait for the relay."""
    query = select(func.count()).select_from(event_log).where(event_log.c.published_at.is_(None))
    return int(await connection.scalar(query) or 0)
