"""Sends what is queued: the attempt is on record and committed before the SMTP conversation, its outcome
after it. No transaction is held across the conversation.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from opentelemetry import propagate, trace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.runtime import crashpoints, db
from services.notify.adapters import delivery_store as store
from services.notify.adapters.messages import words_of
from services.notify.application.ports import Conversation, Mailer
from services.notify.domain.delivery import (
    NO_ADDRESS,
    Mail,
    Outcome,
    RetryPolicy,
    Verdict,
)

logger = logging.getLogger("dondoc.notify")
tracer = trace.get_tracer("dondoc.smtp")


@dataclass(frozen=True, slots=True)
class Pace:
    """`batch` deliveries are claimed at once and shared by `connections`; `poll` seconds between looks
    at an empty queue; no attempt starts later than `start_within` its claim, so that it ends before
    its lease does."""

    start_within: timedelta
    batch: int = 100
    connections: int = 2
    poll: float = 0.2


class Deliverer:
    """A worker, and on the simulated clock also a timer, so that advancing waits for the post."""

    counts = "queued_deliveries"

    def __init__(
        self, engine: AsyncEngine, mailer: Mailer, policy: RetryPolicy, pace: Pace
    ) -> None:
        self._engine, self._mailer, self.policy, self._pace = engine, mailer, policy, pace
        self._draining = False

    async def work(self) -> None:
        """Until cancelled; then what is being sent is sent to its end, and the rest given back."""
        while True:
            running = asyncio.ensure_future(self.run())
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                self._draining = True
                await _ended(running)
                raise
            except Exception as error:
                # Of whatever kind: what was claimed is UNCERTAIN until its lease ends, and then sent
                # again; the post must not stand still.
                logger.warning("deliveries are delayed", extra={"error": type(error).__name__})
            await asyncio.sleep(self._pace.poll)

    async def run(self) -> int:
        """Sends what is due now; returns how many attempts were made."""
        done = 0
        while not self._draining:
            claimed_at = datetime.now(UTC)
            async with db.transaction(self._engine) as connection:
                rows = await store.claim(connection, claimed_at, self.policy, self._pace.batch)
            if not rows:
                break
            shares = [rows[i :: self._pace.connections] for i in range(self._pace.connections)]
            ended = await asyncio.gather(
                *(self._send(share, claimed_at) for share in shares if share),
                return_exceptions=True,
            )
            for error in ended:
                if error is not None:
                    raise error
            done += len(rows)
        return done

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        """None: deliveries wait in real time, never for the legal clock."""
        return None

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        return await store.unsettled(connection, datetime.now(UTC), self.policy)

    async def _send(self, rows: list[Any], claimed_at: datetime) -> None:
        async with self._mailer.conversation() as conversation:
            for index, row in enumerate(rows):
                late = datetime.now(UTC) - claimed_at > self._pace.start_within
                if late or self._draining:
                    async with db.transaction(self._engine) as connection:
                        await store.give_back(connection, rows[index:], datetime.now(UTC))
                    return
                await self._attempt(conversation, row)

    async def _attempt(self, conversation: Conversation, row: Any) -> None:
        with tracer.start_as_current_span(
            "send mail",
            context=propagate.extract({"traceparent": row.traceparent}),
            kind=trace.SpanKind.CLIENT,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            span.set_attribute("network.protocol.name", "smtp")
            span.set_attribute("messaging.message.id", row.message_id)
            span.set_attribute("dondoc.attempt", row.attempts)
            crashpoints.reached("notify.before_smtp")
            outcome = Outcome(Verdict.NEVER, NO_ADDRESS)
            if row.address:
                title, body = words_of(row)
                mail = Mail(row.message_id, row.address, title, body, row.queued_at)
                outcome = await conversation.send(mail)
            span.set_attribute("dondoc.outcome", outcome.verdict)
            if outcome.verdict is not Verdict.ACCEPTED:
                span.set_attribute("error.type", outcome.failure)
                span.set_status(trace.StatusCode.ERROR)
                logger.warning(
                    "a mail was not delivered",
                    extra={
                        "notice": str(row.notice_id), "attempt": row.attempts,
                        "outcome": outcome.verdict, "failure": outcome.failure,
                    },
                )  # fmt: skip
            crashpoints.reached("notify.after_smtp_before_record")
            async with db.transaction(self._engine) as connection:
                await store.record(connection, row, outcome, self.policy, datetime.now(UTC))


async def _ended(running: asyncio.Future[int]) -> None:
    """However often it is asked to stop meanwhile: a mail that is under way is not cut off, for nobody
    would know whether it went out."""
    while not running.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([running])
    await asyncio.gather(running, return_exceptions=True)  # a failure is on record as UNCERTAIN
