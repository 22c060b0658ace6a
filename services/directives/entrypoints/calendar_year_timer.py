"""On 1 October the Office is told that the next year's holidays are not entered yet, once a year."""

from __future__ import annotations

from datetime import date, datetime

from dondoc.calendar.v1.calendar_pb2 import MissingYear
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.domain.calendar import local_date, start_of
from services.kernel.runtime import db
from services.kernel.runtime.clock import Clock
from services.kernel.runtime.tables import event_log
from services.kernel.runtime.unit_of_work import UnitOfWork

_FIRST_OF_OCTOBER = (10, 1)


class CalendarYearTimer:
    """Records CalendarYearMissing, at 00:00 of 1 October in law, whenever it runs after that.

    The event's aggregate is the year, so that of two replicas one records it.
    """

    counts = "due_rungs"

    def __init__(self, engine: AsyncEngine, clock: Clock, calendars: CalendarStore) -> None:
        self._engine, self._clock, self._calendars = engine, clock, calendars

    async def run(self) -> int:
        async with db.transaction(self._engine) as connection:
            work = UnitOfWork(connection, await self._clock.now(connection))
            # Across replicas: who comes second finds the first one's event.
            await work.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            year = await self._missing(work)
            if year is None:
                return 0
            work.record(
                "CalendarYearMissing",
                _aggregate(year),
                1,
                MissingYear(year=year),
                occurred_at=_asked_at(year),
            )
            await work.flush()
        return 1

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        now = await self._clock.now(connection)
        work = UnitOfWork(connection, now)
        year = await self._missing(work)
        if year is not None:
            return _asked_at(year)
        calendar = await self._calendars.read(work)
        today = local_date(now)
        following = today.year + (2 if today >= date(today.year, *_FIRST_OF_OCTOBER) else 1)
        if not calendar.version or calendar.covers(date(following, 1, 1)):
            return None
        return _asked_at(following)

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        return int(await self._missing(UnitOfWork(connection, now)) is not None)

    async def _missing(self, work: UnitOfWork) -> int | None:
        """The year to tell of now; None where its holidays are entered or it was told of."""
        year = (await self._calendars.read(work)).missing_year(local_date(work.now))
        if year is None:
            return None
        told = select(event_log.c.id).where(event_log.c.aggregate == _aggregate(year))
        return None if (await work.execute(told)).first() else year


_LOCK = int.from_bytes(b"calendar", "big") >> 1


def _aggregate(year: int) -> str:
    return f"calendar/years/{year}"


def _asked_at(year: int) -> datetime:
    return start_of(date(year - 1, *_FIRST_OF_OCTOBER))
