"""From a forwarded directive to its tasks."""

from __future__ import annotations

from datetime import date

import pytest
from dondoc.directives.v1 import directive_pb2 as directive_pb
from dondoc.limits.v1 import clock_pb2
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from sqlalchemy import text

from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.limits.domain.calendar import Calendar, CalendarDay, DayKind
from services.kernel.runtime.protos import to_date
from tests.integration.tasks.tasks_house import LEAD, TasksHouse, at, directive, item

ISSUED, DUE = date(2026, 1, 5), date(2026, 1, 14)


@pytest.mark.rule("R5.1dd", "R6.1a", "R4")
async def test_each_item_and_lead_gets_the_task_that_the_directive_minted(
    house: TasksHouse,
) -> None:
    made = directive(ISSUED, item(DUE, LEAD, "so-tu-phap"), item(None))
    names = await house.forward(made, on=at(ISSUED))
    assert len(names) == len(set(names)) == 3
    listed = await house.call("ListTasks", pb.ListTasksRequest(directive=made.name))
    assert {task.name for task in listed.tasks} == set(names)
    task = await house.task(names[1])
    assert task.lead_agency == "agencies/so-tu-phap"
    assert task.ordinal == 1
    assert task.content == "Xây dựng kế hoạch"
    assert task.directive.document_code == "374/UBND-VXNV"
    assert task.state == task_pb2.TASK_STATE_FORWARDED
    assert [(r.number, r.lead_agency) for r in task.rounds] == [(1, "agencies/so-tu-phap")]
    assert task.forward_time.ToDatetime().isoformat() == "2026-01-05T02:00:00"
    (event,) = await house.events(names[1])
    told = task_pb2.Task()
    assert event.type == "TaskForwarded"
    assert event.data.Unpack(told)
    # What time alone changes is in no event.
    assert not told.timeliness
    assert not told.HasField("due_time")
    assert (told.lead_agency, told.etag) == (task.lead_agency, "1")


@pytest.mark.rule("R5.1e", "R7.2a")
async def test_a_task_with_a_due_date_starts_its_two_clocks(house: TasksHouse) -> None:
    saturday = date(2026, 1, 24)
    (name,) = await house.forward(directive(ISSUED, item(saturday)), on=at(ISSUED))
    clocks = await house.clocks(name)
    assert {rule for rule, _ in clocks} == {"R5.1e", "R7.2a"}
    due, update = clocks["R5.1e", "2026-01-24"], clocks["R7.2a", "2026-01-24"]
    # The Saturday moves to Monday 26 January; three working days later it is Thursday.
    assert due.last_day == to_date(date(2026, 1, 26))
    assert update.last_day == to_date(date(2026, 1, 29))
    for clock in (due, update):
        assert clock.owed_by == f"agencies/{LEAD}"
        assert clock.state == clock_pb2.CLOCK_STATE_RUNNING
        assert clock.start_time.ToDatetime().isoformat() == "2026-01-05T02:00:00"
    task = await house.task(name)
    assert task.due_time == due.due_time
    assert task.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT


@pytest.mark.rule("R23.1")
async def test_a_repeated_or_newer_directive_never_resets_a_task(house: TasksHouse) -> None:
    made = directive(ISSUED, item(DUE))
    (name,) = await house.forward(made, on=at(ISSUED))
    accepted = await house.accepted(name)
    assert not await house.feed("DirectiveForwarded", made.name, 3, made)
    made.items[0].content = "Nội dung khác"
    made.items.append(item(None, "so-tu-phap"))
    made.items[1].ordinal = 2
    made.items[1].tasks.append("tasks/0f9d6d7e-2c1b-5a4e-9f63-3a1d5f0d9a11")
    assert await house.feed("DirectiveAmended", made.name, 4, made)
    assert await house.task(name) == accepted
    # What an amendment added is forwarded; an older event that comes after it changes nothing.
    added = await house.task(made.items[1].tasks[0])
    assert added.state == task_pb2.TASK_STATE_FORWARDED
    made.state = directive_pb.DIRECTIVE_STATE_ENTERED
    assert await house.feed("DirectiveEntered", made.name, 1, made)
    assert await house.task(name) == accepted
    assert len(await house.events(name)) == 2


async def test_a_directive_that_is_not_forwarded_gives_no_task(house: TasksHouse) -> None:
    made = directive(ISSUED, item(DUE))
    made.state = directive_pb.DIRECTIVE_STATE_ENTERED
    await house.forward(made)
    listed = await house.call("ListTasks", pb.ListTasksRequest())
    assert not listed.tasks


async def test_a_task_older_than_every_regulation_has_no_clocks(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(date(2019, 12, 20), item(date(2020, 3, 2))))
    assert await house.clocks(name) == {}
    task = await house.task(name)
    assert not task.HasField("due_time")
    assert task.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT
    await house.room.set_clock(at(date(2020, 3, 3), 0))
    assert (await house.task(name)).timeliness == task_pb2.TIMELINESS_OVERDUE


@pytest.mark.rule("R5.1e", "R5.1g")
async def test_a_limit_in_words_stays_words(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(words="trong quý I")), on=at(ISSUED))
    task = await house.task(name)
    assert task.limit_in_words == "trong quý I"
    assert task.timeliness == task_pb2.TIMELINESS_NO_LIMIT
    assert await house.clocks(name) == {}


async def test_clocks_that_started_before_the_calendar_arrived_are_put_right(
    house: TasksHouse,
) -> None:
    # Wednesday 14 January becomes a day off after the task was forwarded.
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    days = [*seeded_days(2019, 2027), CalendarDay(DUE, DayKind.HOLIDAY, "Nghỉ bất thường")]
    await house.set_calendar(Calendar.of(days, 2))
    await house.room.set_clock(at(ISSUED, 10))
    clock = (await house.clocks(name))["R5.1e", "2026-01-14"]
    assert clock.last_day == to_date(date(2026, 1, 15))
    assert [entry.ground for entry in clock.ledger][-1] == "CALENDAR"


async def test_parties_of_a_task_are_those_that_the_directive_names(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    query = text("SELECT agency, part FROM party WHERE subject = :s ORDER BY part")
    async with house.room.engine.connect() as connection:
        rows = (await connection.execute(query, {"s": name})).all()
    assert [tuple(row) for row in rows] == [
        ("ubnd-huyen-a", "CONCERNED"),
        ("so-tai-chinh", "COORDINATING"),
        (LEAD, "LEAD"),
        ("phong-tong-hop", "MONITORING"),
        ("so-gd", "SUBMITTING"),
    ]
