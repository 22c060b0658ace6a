"""What time does to tasks without limit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.limits.domain.calendar import local_date, start_of
from services.kernel.runtime import db
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import period_store
from services.tasks.application import periods
from services.tasks.application.limits import TaskClocks

BATCH = 100


class PeriodTimer:
    """Starts the clock of each period when it begins, once with any number of replicas."""

    # A period that has begun without its clock is a rung of that clock that could not fire yet.
    counts = "due_rungs"

    def __init__(self, engine: AsyncEngine, clock: Clock, clocks: TaskClocks) -> None:
        self._engine, self._clock, self._clocks = engine, clock, clocks

    async def run(self) -> int:
        done = 0
        while True:
            async with db.transaction(self._engine) as connection:
                work = UnitOfWork(connection, await self._clock.now(connection))
                begun = await periods.begin(work, self._clocks, BATCH)
                await work.flush()
            done += begun
            if begun < BATCH:
                return done

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        day = await period_store.next_on(connection)
        return start_of(day) if day else None

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        return await period_store.count_due(connection, local_date(now))
