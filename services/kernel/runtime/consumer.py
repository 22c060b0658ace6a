"""Reads another service's stream: inbox row and effects in one transaction, then the acknowledgement.

What lies ready is taken together, in one transaction; if anything in it fails, each event for itself.

A handler reconciles to the event's state if its version is newer than what it holds, whatever the type:
reordering, gaps and redelivery are harmless. It never refuses a fact. What keeps failing goes to the
dead letters, from where it can be replayed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import nats.errors
import nats.js.errors
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.message import DecodeError
from opentelemetry import propagate, trace
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.runtime import crashpoints, db
from services.kernel.runtime.bus import Bus
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.positions import Positions
from services.kernel.runtime.tables import dead_letter, inbox
from services.kernel.runtime.unit_of_work import UnitOfWork

logger = logging.getLogger("dondoc.consumer")
tracer = trace.get_tracer("dondoc.consumer")

Handler = Callable[[UnitOfWork, Event], Awaitable[None]]

BATCH = 50
FETCH_SECONDS = 1.0
RETRY_SECONDS = 0.25
REDELIVERY_SECONDS = 1.0
ATTEMPTS = 5  # of one event, before it is a dead letter


class Consumer:
    """Reads `stream` for `service` with one handler for all its events."""

    def __init__(
        self,
        service: str,
        stream: str,
        handler: Handler,
        *,
        engine: AsyncEngine,
        bus: Bus,
        clock: Clock,
        positions: Positions,
        committed: asyncio.Event,
        salt: bytes,
    ) -> None:
        self.service, self.stream, self.handler = service, stream, handler
        self._engine, self._bus, self._clock = engine, bus, clock
        self._positions, self._committed, self._salt = positions, committed, salt

    async def run(self) -> None:
        """Until cancelled; subscribes again whenever stream or connection is another one."""
        while True:
            try:
                await self._bus.connect()
                subscription = await self._bus.subscribe(self.stream, self.service)
                await self._read(subscription)
            except (nats.errors.Error, nats.js.errors.Error, OSError) as error:
                logger.debug("waiting for the stream", extra={"error": type(error).__name__})
                await asyncio.sleep(RETRY_SECONDS)
            except Exception as error:
                # Nothing may end a reader: what it has not acknowledged comes again.
                logger.error("the reader starts anew", extra={"error": type(error).__name__})
                await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, subscription: Any) -> None:
        while True:
            try:
                messages = await subscription.fetch(BATCH, timeout=FETCH_SECONDS)
            except nats.errors.TimeoutError:
                messages = []
            if not messages:
                # Quiet, or the consumer is gone with its stream: asking tells (NotFoundError).
                await self._bus.jetstream.consumer_info(self.stream, self.service)
                continue
            if not await self._take_together(messages):
                for message in messages:
                    await self._take(message)

    async def _take_together(self, messages: Sequence[Any]) -> bool:
        """All of a batch in one transaction; False, with nothing done, when one of them fails."""
        try:
            events = [Event.FromString(message.data) for message in messages]
            await self.apply(*events)
        except Exception as error:
            # Each for itself then: the one that fails is found, counted and logged there.
            logger.debug("a batch is taken apart", extra={"error": type(error).__name__})
            return False
        crashpoints.reached("consumer.before_ack")
        for message in messages:
            await message.ack()
        self._positions.changed()
        return True

    async def _take(self, message: Any) -> None:
        try:
            event = Event.FromString(message.data)
            UUID(event.id)
        except (DecodeError, ValueError):
            logger.error("a message on the stream is no event", extra={"stream": self.stream})
            await message.term()
            return
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self.apply(event)
                break
            except Exception as error:
                logger.warning(
                    "an event could not be applied",
                    extra={
                        "stream": self.stream, "event": event.id, "type": event.type,
                        "attempt": attempt, "error": type(error).__name__,
                    },
                )  # fmt: skip
                if _is_passing(error):
                    await asyncio.sleep(RETRY_SECONDS)
                    await message.nak(delay=REDELIVERY_SECONDS)
                    return
                if attempt == ATTEMPTS:
                    await self._bury(event, error)
                await asyncio.sleep(RETRY_SECONDS * attempt)
        crashpoints.reached("consumer.before_ack")
        await message.ack()
        self._positions.changed()

    async def apply(self, *events: Event) -> int:
        """Applies the events that the inbox does not know yet, in one transaction; returns how many."""
        recorded, applied = False, 0
        async with db.transaction(self._engine) as connection:
            fresh = await self._note(connection, events)
            now = await self._clock.now(connection) if fresh else datetime.now(UTC)
            for event in events:
                if UUID(event.id) not in fresh:
                    continue
                fresh.discard(UUID(event.id))
                recorded |= await self._handle(connection, event, now)
                applied += 1
        if recorded:
            self._committed.set()
        return applied

    async def _note(self, connection: AsyncConnection, events: Sequence[Event]) -> set[UUID]:
        """Writes the events into the inbox; those that were not there yet."""
        at = datetime.now(UTC)
        row = insert(inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
        rows = [
            {"stream": self.stream, "event_id": event_id, "recorded_at": at}
            for event_id in dict.fromkeys(UUID(event.id) for event in events)
        ]
        return set(await connection.scalars(row.values(rows)))

    async def _handle(self, connection: AsyncConnection, event: Event, now: datetime) -> bool:
        """True when the handler recorded events of its own."""
        with tracer.start_as_current_span(
            f"process {event.type}",
            context=propagate.extract({"traceparent": event.traceparent}),
            kind=trace.SpanKind.CONSUMER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            span.set_attribute("messaging.system", "nats")
            span.set_attribute("messaging.message.id", event.id)
            work = UnitOfWork(connection, now, cause=event.id, salt=self._salt)
            await self.handler(work, event)
            await work.flush()
            return bool(work.facts)

    async def _bury(self, event: Event, error: Exception) -> None:
        logger.error("dead letter", extra={"stream": self.stream, "event": event.id})
        async with db.transaction(self._engine) as connection:
            now = datetime.now(UTC)
            key = {"stream": self.stream, "event_id": UUID(event.id), "recorded_at": now}
            letter = insert(dead_letter).values(
                **key,
                type=event.type,
                event=event.SerializeToString(),
                error=type(error).__name__,
            )
            await connection.execute(letter.on_conflict_do_nothing())
            await connection.execute(insert(inbox).values(**key).on_conflict_do_nothing())


def _is_passing(error: Exception) -> bool:
    """What the database's state is to blame for, not the event: it comes again until it succeeds."""
    if isinstance(error, db.StorageError):
        return db.is_passing(error.sqlstate)
    return isinstance(error, OSError | DBAPIError)
