"""No clock is left on an old calendar, in whichever order an edit and a starting clock commit."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime

import pytest

from services.kernel.limits.adapters import clock_store
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import (
    Calendar,
    CalendarDay,
    DayKind,
    local_date,
    start_of,
)
from services.kernel.limits.domain.clock import Cause, Clock
from services.kernel.limits.domain.profile import Duty
from services.kernel.limits.entrypoints.timers import RungTimer
from services.kernel.runtime import db
from services.kernel.runtime.tables import simulated_clock
from services.kernel.runtime.unit_of_work import UnitOfWork
from tests.fixtures.house import Room, StartService

ISSUED = date(2024, 3, 4)  # a Monday
NOW = datetime(2024, 3, 4, 2, tzinfo=UTC)
HOLIDAY = CalendarDay(date(2024, 3, 5), DayKind.HOLIDAY, "Ngày nghỉ", "1/QĐ-TTg")
BEFORE, AFTER = Calendar.of([], 10), Calendar.of([HOLIDAY], 11)
PROFILES = load_profiles()


def book() -> ClockBook:
    return ClockBook(PROFILES, CalendarStore())


async def start_clock(work: UnitOfWork, book: ClockBook) -> Clock:
    """The limit of khoản 1 Điều 7: 2 working days, ends on Wednesday, or Thursday after the edit."""
    profile = PROFILES.for_day(ISSUED)
    assert profile is not None
    rule = profile.limit_on(Duty.INTAKE)
    assert rule is not None
    subject = f"directives/{uuid.uuid4()}"
    return await book.start(
        work, rule, profile, subject=subject, owner=subject, owed_by="van-phong",
        started_at=start_of(ISSUED), cause=Cause(NOW, "ENTERED", "test"),
    )  # fmt: skip


async def last_day(room: Room, clock: Clock) -> tuple[date, int, list[date]]:
    """Where the clock ends now, by which calendar, and the days of its waiting rungs."""
    async with room.engine.connect() as connection:
        work = UnitOfWork(connection, NOW)
        kept = await clock_store.get(work, clock.id)
        rungs = (await clock_store.rungs(work, [clock.id]))[clock.id]
    assert kept is not None
    end = local_date(kept.clock.due_at - datetime.resolution)
    waiting = [local_date(rung.fire_at) for rung in rungs if rung.waiting]
    return end, kept.clock.calendar_version, waiting


async def sweep(room: Room) -> None:
    await RungTimer(room.engine, room.running.kernel.clock, book()).run()


@pytest.mark.rule("R7.1", "R23.1")
@pytest.mark.parametrize("edit_commits_first", [True, False])
async def test_a_clock_that_starts_beside_an_edit_ends_on_the_new_calendar(
    start_service: StartService, edit_commits_first: bool
) -> None:
    room = await start_service("tasks")
    await room.set_clock(NOW)
    async with db.transaction(room.engine) as connection:
        work = UnitOfWork(connection, NOW)
        await CalendarStore().replace(work, BEFORE)
        await work.flush()

    starting = db.transaction(room.engine)
    connection = await starting.__aenter__()
    work, books = UnitOfWork(connection, NOW), book()
    clock = await start_clock(work, books)  # has read the old calendar, is not committed
    await work.flush()
    if not edit_commits_first:
        await starting.__aexit__(None, None, None)
    async with db.transaction(room.engine) as other:
        edit = UnitOfWork(other, NOW)
        assert await CalendarStore().replace(edit, AFTER)
        await edit.flush()
    if edit_commits_first:
        await starting.__aexit__(None, None, None)

    assert (await last_day(room, clock))[:2] == (date(2024, 3, 6), 10)
    await sweep(room)
    end, version, waiting = await last_day(room, clock)
    assert (end, version) == (date(2024, 3, 7), 11)
    assert waiting == [date(2024, 3, 7), date(2024, 3, 8)]


@pytest.mark.rule("R23.1")
async def test_a_replica_that_is_behind_does_not_bring_an_old_calendar_back(
    start_service: StartService,
) -> None:
    room = await start_service("tasks")
    async with db.transaction(room.engine) as connection:
        work = UnitOfWork(connection, NOW)
        store = CalendarStore()
        assert await store.replace(work, AFTER)
        assert not await store.replace(work, BEFORE)
        await work.flush()
        assert (await CalendarStore().read(work)).version == 11


async def test_each_rung_fires_once_with_two_timers_at_the_same_time(
    start_service: StartService,
) -> None:
    room = await start_service("tasks")
    await room.set_clock(NOW)
    async with db.transaction(room.engine) as connection:
        work = UnitOfWork(connection, NOW)
        await CalendarStore().replace(work, BEFORE)
        for _ in range(30):
            await start_clock(work, book())
        await work.flush()
    late = datetime(2024, 3, 20, tzinfo=UTC)
    async with room.engine.begin() as connection:
        await connection.execute(simulated_clock.update().values(now=late))
    timers = [RungTimer(room.engine, room.running.kernel.clock, book()) for _ in range(2)]
    fired = await asyncio.gather(*(timer.run() for timer in timers))
    assert sum(fired) == 60  # due today and overdue of each clock
