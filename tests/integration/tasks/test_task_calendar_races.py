"""No clock is left behind, whatever comes first: each order is forced, and judged by own SQL."""

from __future__ import annotations

import asyncio
from datetime import date, datetime

import pytest
from dondoc.tasks.v1 import task_service_pb2 as task_pb
from dondoc.type.v1.event_pb2 import Event
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.kernel.limits.adapters.calendar_store import CalendarStore, to_message
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.domain.calendar import Calendar, CalendarChange, CalendarEdit
from services.kernel.limits.entrypoints import calendar_consumer
from services.kernel.limits.entrypoints.timers import RungTimer
from services.kernel.runtime import db
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.application import forwarding
from services.tasks.application.limits import TaskClocks
from tests.fixtures.house import Room, StartService
from tests.integration.tasks.calendar_desk import PROFILES, CalendarDesk, off, rows_of
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, item, lead

ISSUED, DUE = date(2024, 3, 4), date(2024, 3, 13)


@pytest.fixture
def desk(house: TasksHouse) -> CalendarDesk:
    return CalendarDesk(house)


class Replica:
    """Another process of the service: its own cache of the calendar, the same database."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.book = ClockBook(PROFILES, CalendarStore())

    async def forward(self, work: UnitOfWork, number: str = "374") -> None:
        made = directive(ISSUED, item(DUE), number=number)
        made.forward_time.FromDatetime(at(ISSUED))
        await forwarding.take_over(work, made, at(ISSUED), "", TaskClocks(self.book))

    async def keep(self, calendar: Calendar, changes: list[CalendarChange]) -> None:
        """CalendarChanged is applied by this replica, whatever the inbox knows."""
        event = Event()
        event.data.Pack(to_message(calendar, changes))
        async with db.transaction(self.room.engine) as connection:
            work = UnitOfWork(connection, await self.now())
            await calendar_consumer.keep(work, event, self.book)
            await work.flush()

    async def sweep(self) -> None:
        await RungTimer(self.room.engine, self.room.running.kernel.clock, self.book).run()

    async def now(self) -> datetime:
        async with self.room.engine.connect() as connection:
            return await self.room.running.kernel.clock.now(connection)


@pytest.mark.rule("R23.1", "R5.1e")
@pytest.mark.parametrize("first", ["the edit", "the forwarding"])
async def test_a_task_forwarded_beside_an_edit_ends_on_the_new_calendar(
    desk: CalendarDesk, first: str
) -> None:
    """The forwarding has read the old calendar when the edit is told; either may commit first."""
    room = desk.house.room
    await room.set_clock(at(ISSUED))
    replica = Replica(room)
    forwarding_ = db.transaction(room.engine)
    connection = await forwarding_.__aenter__()
    work = UnitOfWork(connection, at(ISSUED))
    await replica.forward(work)
    await work.flush()
    if first == "the forwarding":
        await forwarding_.__aexit__(None, None, None)
    await desk.tell(*desk.edited(off(DUE)))
    await desk.sweep()  # before the other commit it finds nothing of it
    if first == "the edit":
        await forwarding_.__aexit__(None, None, None)
        old = await rows_of(room, "SELECT DISTINCT calendar_version FROM clock")
        assert [row.calendar_version for row in old] == [1]
    await desk.sweep()
    assert await desk.nobody_is_left_behind() == 2


async def test_a_replica_that_is_behind_forwards_by_the_calendar_of_the_database(
    desk: CalendarDesk,
) -> None:
    """Its cache holds the old version; what counts is the version in its transaction."""
    room = desk.house.room
    await room.set_clock(at(ISSUED))
    replica = Replica(room)
    async with db.transaction(room.engine) as connection:
        assert (await replica.book.calendars.read(UnitOfWork(connection, at(ISSUED)))).version == 1
    await desk.tell(*desk.edited(off(DUE)))
    async with db.transaction(room.engine) as connection:
        work = UnitOfWork(connection, at(ISSUED))
        await replica.forward(work)
        await work.flush()
    assert await desk.nobody_is_left_behind() == 2


@pytest.mark.parametrize(
    ("order", "documents"),
    [
        ((0, 1, 2), ["1/TB", "2/TB", "3/TB"]),
        ((2, 1, 0), ["1/TB; 2/TB; 3/TB"]),
        ((1, 0, 2), ["1/TB; 2/TB", "3/TB"]),
        ((0, 2, 2, 1, 0), ["1/TB"]),  # by both it ends on the same day: the newer ones move nothing
    ],
)
async def test_edits_that_arrive_in_any_order_and_more_than_once_end_on_the_newest(
    desk: CalendarDesk, order: tuple[int, ...], documents: list[str]
) -> None:
    house = desk.house
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    told = [
        desk.edited(off(DUE), document="1/TB"),
        desk.edited(off(date(2024, 3, 14)), document="2/TB"),
        desk.edited([], DUE, document="3/TB"),
    ]
    replicas = [Replica(house.room), Replica(house.room)]
    for turn, number in enumerate(order):
        replica = replicas[turn % 2]
        await replica.keep(*told[number])
        await replicas[(turn + 1) % 2].sweep()
    assert await desk.nobody_is_left_behind() == 2
    # What moved it is on record, also where the edit's own event came too late.
    ledger = (await house.clocks(name))["R7.2a", DUE.isoformat()].ledger
    assert [entry.document for entry in ledger[1:]] == documents
    kept = await rows_of(house.room, "SELECT version FROM calendar_change ORDER BY version")
    assert [row.version for row in kept] == [2, 3, 4]


async def test_an_older_calendar_does_not_come_back_from_a_replica_that_holds_it(
    desk: CalendarDesk,
) -> None:
    older, newer = desk.edited(off(DUE)), desk.edited(off(date(2024, 3, 14)))
    replica = Replica(desk.house.room)
    await replica.keep(*newer)
    days = await rows_of(desk.house.room, "SELECT * FROM calendar_day ORDER BY day")
    await replica.keep(*older)
    assert await rows_of(desk.house.room, "SELECT * FROM calendar_day ORDER BY day") == days


async def test_two_edits_that_reach_two_replicas_at_once_leave_the_newer_one(
    desk: CalendarDesk,
) -> None:
    """The older one holds the row of the version; the newer one waits for it, and comes after."""
    house = desk.house
    await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    older, newer = desk.edited(off(DUE)), desk.edited(off(date(2024, 3, 14)))
    one, other = Replica(house.room), Replica(house.room)
    async with db.transaction(house.room.engine) as connection:
        work = UnitOfWork(connection, at(ISSUED))
        assert await one.book.calendars.replace(work, *older)
        await work.flush()
        arriving = asyncio.create_task(other.keep(*newer))
        await _someone_waits(house.room)
    await arriving
    await one.sweep()
    assert await desk.nobody_is_left_behind() == 2


async def test_an_act_that_holds_the_clocks_is_not_overtaken_by_the_sweep(
    desk: CalendarDesk,
) -> None:
    """The sweep leaves rows that an act holds; the act itself brings them onto the new calendar."""
    house = desk.house
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await desk.tell(*desk.edited(off(DUE)))
    async with house.room.engine.begin() as holding:
        await holding.execute(text("SELECT 1 FROM clock WHERE rule = 'R5.1e' FOR UPDATE"))
        await desk.sweep()
        left = await rows_of(house.room, "SELECT rule FROM clock WHERE calendar_version = 1")
        assert [row.rule for row in left] == ["R5.1e"]
    await house.call("AcceptTask", task_pb.AcceptTaskRequest(name=name), lead())
    await house.progress(name)  # opens the clocks of the task
    assert await desk.nobody_is_left_behind() == 2


async def test_each_service_follows_the_calendar(start_service: StartService) -> None:
    """Those without clocks of their own too: what they start tomorrow counts by it."""
    for service in ("inspections", "reporting", "notify"):
        room = await start_service(service)
        event = Event(id="00000000-0000-5000-8000-000000000001", type="CalendarChanged")
        changes = [CalendarChange(7, (DUE,), "1/TB")]
        event.data.Pack(to_message(Calendar.of(off(DUE), 7), changes))
        consumer = next(c for c in room.running.consumers if c.stream == "directives")
        await consumer.apply(event)
        found = await rows_of(room, "SELECT version FROM calendar_state")
        assert [row.version for row in found] == [7]
        assert [row.day for row in await rows_of(room, "SELECT day FROM calendar_day")] == [DUE]


working_days = st.integers(0, 40).map(lambda n: date.fromordinal(ISSUED.toordinal() + n))


@pytest.mark.rule("R23.1")
async def test_an_edit_and_its_undoing_restore_every_end_and_every_rung(desk: CalendarDesk) -> None:
    """Through PostgreSQL, with what timers said in between; many edits, one after the other."""
    house = desk.house
    await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.forward(directive(ISSUED, item(date(2024, 3, 30)), number="375"))
    await house.forward(directive(ISSUED, item(date(2024, 4, 19)), number="376"))
    loop = asyncio.get_running_loop()

    async def there_and_back(days: set[date]) -> None:
        before = await _standing(house.room)
        entered = desk.calendar
        put = [day for day in off(*sorted(days)) if day.day not in entered.days]
        edit = CalendarEdit(tuple(put))
        await desk.edit(put)
        back = entered.reverse(edit)
        await desk.edit(list(back.put), *back.remove)
        assert desk.calendar.days == entered.days
        assert await _standing(house.room) == before
        assert await desk.nobody_is_left_behind() == 6

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sets(working_days, min_size=1, max_size=6))
    def property_(days: set[date]) -> None:
        asyncio.run_coroutine_threadsafe(there_and_back(days), loop).result()

    await asyncio.to_thread(property_)
    await house.room.set_clock(at(date(2024, 3, 14)))  # some rungs were said
    await asyncio.to_thread(property_)


async def _standing(room: Room) -> list[tuple[object, ...]]:
    """Ends of all clocks with the rungs that stand."""
    query = """
        SELECT c.id, c.due_at, c.generation, r.rung, r.fire_at, r.fired_at, r.skipped
        FROM clock c LEFT JOIN rung r ON r.clock_id = c.id AND r.revoked_at IS NULL
        ORDER BY c.id, r.fire_at, r.rung
    """
    return [tuple(row) for row in await rows_of(room, query)]


async def _someone_waits(room: Room) -> None:
    asked = """
        SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE NOT granted AND datname = current_database()
    """
    while not (await rows_of(room, asked))[0][0]:
        await asyncio.sleep(0)
