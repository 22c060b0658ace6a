"""One transaction: state, events, audit, clocks, parties and the answer, all of it or nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from dondoc.type.v1.event_pb2 import Actor
from google.protobuf.message import Message
from opentelemetry import trace
from sqlalchemy import Executable, Result, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.runtime import db, telemetry
from services.kernel.runtime.events import Fact, to_row
from services.kernel.runtime.identity import Principal
from services.kernel.runtime.tables import audit, event_log, party
from services.kernel.runtime.tables import metadata as kernel_tables


@cache
def _order(table: Table) -> tuple[bool, int]:
    """Own tables before the kernel's, each in the order of their foreign keys."""
    return table.metadata is kernel_tables, table.metadata.sorted_tables.index(table)


class UnitOfWork:
    """What a handler works with. Handlers never commit.

    Rows given to `insert` wait for `flush`, which writes one statement per table in the order of their
    foreign keys; updates that guard a version are executed at once.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        now: datetime,
        principal: Principal | None = None,
        *,
        cause: str = "",
        salt: bytes = b"",
    ) -> None:
        self.connection, self.now, self.principal, self.cause = connection, now, principal, cause
        self.clock_now = now  # what the clock of the law shows, also while the past is loaded
        self.facts: list[Fact] = []
        self._salt = salt
        self._rows: dict[Table, list[dict[str, Any]]] = {}

    @property
    def actor(self) -> Actor:
        """Of the events that this work records; empty for timers and consumers."""
        if self.principal is None:
            return Actor()
        agency = f"agencies/{self.principal.agency}" if self.principal.agency else ""
        return Actor(subject=self.principal.subject, agency=agency)

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """What is done inside took place then, in law: `now` and the events' times are of the past.

        What will be said still goes by `clock_now`, and what is recorded by the real clock.
        """
        now, self.now = self.now, instant
        try:
            yield
        finally:
            self.now = now

    async def execute(
        self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None
    ) -> Result[Any]:
        """Flushes what waits, then runs the statement, so that it sees this work's own rows."""
        await self.flush()
        return await db.execute(self.connection, statement, rows)

    def insert(self, table: Table, row: dict[str, Any]) -> None:
        """Queues a row. Missing columns become NULL: rows with different keys would lose some."""
        columns = (c.name for c in table.columns if c.identity is None)
        self._rows.setdefault(table, []).append({name: row.get(name) for name in columns})

    async def flush(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, {}
        for table in sorted(rows, key=_order):
            await db.execute(self.connection, insert(table), rows[table])

    def record(
        self,
        type: str,
        aggregate: str,
        version: int,
        data: Message,
        *,
        occurred_at: datetime | None = None,
        on_behalf_of: str = "",
    ) -> str:
        """Writes an event down with this work; returns its id.

        `data` is the full public state of the aggregate, of a classified one its twin without content.
        """
        actor = self.actor
        actor.on_behalf_of = on_behalf_of
        telemetry.link_to_life(aggregate)
        fact = Fact(type, aggregate, version, occurred_at or self.now, data, actor, self.cause)
        self.facts.append(fact)
        self.insert(event_log, to_row(fact))
        return str(fact.id)

    def audit(self, action: str, subject: str, values: Mapping[str, str] | None = None) -> None:
        """Who did what: names of `values` and salted digests of them, never the values."""
        digests = {
            name: hmac.new(self._salt, value.encode(), hashlib.sha256).hexdigest()
            for name, value in (values or {}).items()
        }
        context = trace.get_current_span().get_span_context()
        self.insert(
            audit,
            {
                "actor": self.principal.subject if self.principal else "",
                "agency": self.principal.agency if self.principal else "",
                "action": action,
                "subject": subject,
                "fields": sorted(digests),
                "digests": digests,
                "trace_id": format(context.trace_id, "032x") if context.is_valid else "",
                "occurred_at": self.clock_now,
                "recorded_at": datetime.now(UTC),
            },
        )

    async def set_parties(self, subject: str, parts: Iterable[tuple[str, str]]) -> None:
        """Replaces who has which part in `subject`; `parts` are (agency slug, Part)."""
        await self.execute(delete(party).where(party.c.subject == subject))
        for agency, part in sorted(set(parts)):
            self.insert(party, {"subject": subject, "agency": agency, "part": part})

    async def parties(self, subject: str) -> dict[str, Collection[str]]:
        """Agency slug → its parts."""
        return (await self.parties_of([subject])).get(subject, {})

    async def parties_of(self, subjects: Collection[str]) -> dict[str, dict[str, Collection[str]]]:
        """Subject → agency slug → its parts."""
        found: dict[str, dict[str, Collection[str]]] = {}
        query = select(party).where(party.c.subject.in_(list(subjects)))
        for row in await self.execute(query):
            parts = found.setdefault(row.subject, {})
            parts[row.agency] = {*parts.get(row.agency, ()), row.part}
        return found
