"""What time does to the clocks of a service: rungs fire, clocks of an older calendar are re-dated."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.limits.adapters import clock_store
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.runtime import crashpoints, db
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.unit_of_work import UnitOfWork

BATCH = 500


class RungTimer:
    """Fires due rungs, each once with any number of replicas; `occurred_at` is when they were due.

    After a standstill all that came due meanwhile fires in the order in which it was due.
    """

    counts = "due_rungs"

    def __init__(self, engine: AsyncEngine, clock: Clock, book: ClockBook) -> None:
        self._engine, self._clock, self._book = engine, clock, book

    async def run(self) -> int:
        done = 0
        while True:
            async with db.transaction(self._engine) as connection:
                work = UnitOfWork(connection, await self._clock.now(connection))
                taken = await self._book.redate_behind(work)
                fired = 0 if taken else await self._book.fire_due(work, BATCH)
                await work.flush()
                crashpoints.reached("timer.before_commit")
            if fired:
                crashpoints.reached("timer.after_commit")
            done += fired
            if not taken and fired < BATCH:
                return done

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        return await clock_store.next_fire_at(connection)

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        return await clock_store.due_rungs(connection, now)
