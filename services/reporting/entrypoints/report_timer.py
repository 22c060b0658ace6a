"""What time does to reports: each period asks for its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.limits.domain.calendar import start_of
from services.kernel.limits.domain.periods import span_of
from services.kernel.runtime import db
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import report_store as store
from services.reporting.application.reports import Reports

_DAY = timedelta(days=1)


class ReportTimer:
    """Asks for each report once with any number of replicas: the plan of a rule is locked, ids are
    derived."""

    # A period that has begun without its clocks has rungs that could not fire yet.
    counts = "due_rungs"

    def __init__(self, engine: AsyncEngine, clock: Clock, reports: Reports) -> None:
        self._engine, self._clock, self._reports = engine, clock, reports

    async def run(self) -> int:
        async with db.transaction(self._engine) as connection:
            work = UnitOfWork(connection, await self._clock.now(connection))
            asked = await self._reports.ask(work)
            await work.flush()
        return asked

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        now = await self._clock.now(connection)
        # A regulation that comes into force brings duties of which nothing is planned yet.
        begin = [start for day in self._reports.first_days() if (start := start_of(day)) > now]
        return min([*await self._following(connection), *begin], default=None)

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        return sum(start <= now for start in await self._following(connection))

    async def _following(self, connection: AsyncConnection) -> list[datetime]:
        """When the next period of each rule begins, where the regulation of that day has the rule."""
        found = []
        for rule_id, day in (await store.planned(connection)).items():
            known = self._reports.rule_on(day, rule_id)
            following = span_of(known[2], day).last_day + _DAY if known else day
            if known and self._reports.rule_on(following, rule_id):
                found.append(start_of(following))
        return found
