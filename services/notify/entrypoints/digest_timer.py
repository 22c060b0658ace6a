"""Tells the digests whose time has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.runtime import crashpoints, db
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import digest_store
from services.notify.application.digests import Digests

BATCH = 100


class DigestTimer:
    """Each digest becomes one notice, with any number of replicas."""

    # On the simulated clock a digest that is due counts with the post that it will be.
    counts = "queued_deliveries"

    def __init__(self, engine: AsyncEngine, clock: Clock, digests: Digests) -> None:
        self._engine, self._clock, self._digests = engine, clock, digests

    async def run(self) -> int:
        done = 0
        while True:
            async with db.transaction(self._engine) as connection:
                work = UnitOfWork(connection, await self._clock.now(connection))
                told = await self._digests.tell_due(work, BATCH)
                await work.flush()
                crashpoints.reached("digest.before_commit")
            done += told
            if told < BATCH:
                return done

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        return await digest_store.next_at(connection)

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        return await digest_store.count_due(connection, now)
