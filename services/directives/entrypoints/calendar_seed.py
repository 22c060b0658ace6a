"""Enters the seeded calendar when there is none yet, so that limits are right from the first day."""

from __future__ import annotations

from services.directives.application import calendar
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.limits.domain.calendar import Calendar
from services.kernel.runtime import db
from services.kernel.runtime.service import Kernel
from services.kernel.runtime.unit_of_work import UnitOfWork

FIRST_YEAR, LAST_YEAR = 2016, 2027


async def seed(kernel: Kernel, calendars: CalendarStore) -> None:
    """Nothing when any version is there, also by another replica; the journal tells of the first one."""
    seeded = Calendar.of(seeded_days(FIRST_YEAR, LAST_YEAR), calendar.FIRST)
    async with db.transaction(kernel.engine) as connection:
        work = UnitOfWork(connection, await kernel.clock.now(connection))
        await calendar.seed(work, seeded, calendars)
        await work.flush()
    kernel.relay.wake.set()
