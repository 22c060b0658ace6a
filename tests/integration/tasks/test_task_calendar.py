"""An edit of the calendar: what a preview tells is what then happens, to running clocks alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2 as task_messages
from dondoc.tasks.v1 import task_service_pb2 as task_pb

from services.kernel.limits.adapters.calendar_store import day_message
from services.kernel.limits.domain.calendar import CalendarDay, DayKind, DayStatus
from services.kernel.runtime.protos import from_date, to_date, to_timestamp
from tests.fixtures.house import token
from tests.integration.tasks.calendar_desk import CalendarDesk, off, rows_of
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, document, item, lead

# A Monday; the task is due on a Wednesday, its update three working days later, on Monday the 18th.
ISSUED, DUE = date(2024, 3, 4), date(2024, 3, 13)
TASK, UPDATE = "R5.1e", "R7.2a"


@pytest.fixture
def desk(house: TasksHouse) -> CalendarDesk:
    return CalendarDesk(house)


async def forwarded(house: TasksHouse, due: date = DUE, number: str = "374") -> str:
    (name,) = await house.forward(directive(ISSUED, item(due), number=number), on=at(ISSUED))
    return name


@pytest.mark.rule("R5.1e", "R7.2a", "R23.1")
async def test_a_preview_tells_what_then_happens_and_writes_nothing(desk: CalendarDesk) -> None:
    name = await forwarded(desk.house)
    other = await forwarded(desk.house, date(2024, 5, 20), "375")
    before = await desk.last_days()
    edit = off(DUE)
    told = await desk.preview(edit)
    assert told == {
        (name, TASK): (DUE, date(2024, 3, 14)),
        (name, UPDATE): (date(2024, 3, 18), date(2024, 3, 19)),
    }
    assert await desk.last_days() == before
    await desk.edit(edit)
    after = await desk.last_days()
    assert {key: (before[key], after[key]) for key in before if before[key] != after[key]} == told
    assert (other, TASK) in after
    assert await desk.nobody_is_left_behind() == 4


@pytest.mark.rule("R23.1")
async def test_the_ledger_of_a_moved_clock_names_ground_and_document(desk: CalendarDesk) -> None:
    name = await forwarded(desk.house)
    await desk.edit(off(DUE), document="12/TB; 13/TB")
    clock = (await desk.house.clocks(name))[TASK, DUE.isoformat()]
    entry = clock.ledger[-1]
    assert (entry.kind, entry.ground, entry.document) == ("MOVED", "CALENDAR", "12/TB; 13/TB")
    assert [rung.rung for rung in clock.rungs if not rung.HasField("revoke_time")] == [
        "due_soon", "due_today", "overdue", "overdue_5", "overdue_10",
    ]  # fmt: skip
    # An edit that the service never heard of by itself is still known by its document.
    desk.edited(off(date(2024, 3, 14)), document="14/TB")
    await desk.edit(off(date(2024, 7, 1)), document="15/TB")
    clock = (await desk.house.clocks(name))[TASK, DUE.isoformat()]
    assert clock.ledger[-1].document == "14/TB"


async def test_a_preview_comes_in_pages_of_clocks_examined(desk: CalendarDesk) -> None:
    names = {await forwarded(desk.house, number=str(n)) for n in range(7)}
    edit = off(DUE)
    found, request = [], pb.PreviewCalendarEditRequest(days=map(day_message, edit), page_size=3)
    pages = 0
    while True:
        page = await desk.asked(request)
        pages += 1
        found += [move.clock for move in page.moves]
        assert (page.running_clocks > 0) == (pages == 1)
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert pages == 5
    assert len(found) == len(set(found)) == 2 * len(names)


async def test_an_agency_sees_its_own_clocks_move_and_no_others(desk: CalendarDesk) -> None:
    await forwarded(desk.house)
    assert len(await desk.preview(off(DUE), lead())) == 2
    stranger = token("so-tu-phap", "department", "officer")
    assert await desk.preview(off(DUE), stranger) == {}
    page = await desk.asked(pb.PreviewCalendarEditRequest(), stranger)
    assert page.running_clocks == 0


@pytest.mark.rule("R5.1g")
async def test_stopped_clocks_move_only_by_the_explicit_command(desk: CalendarDesk) -> None:
    """Reported a day late; the due day turns out to have been off, so it was in time."""
    house = desk.house
    name = await forwarded(house)
    await house.accepted(name)
    await house.room.set_clock(at(date(2024, 3, 14)))
    await house.reported(name, date(2024, 3, 14))
    key = TASK, DUE.isoformat()
    assert (await house.clocks(name))[key].state == clock_pb2.CLOCK_STATE_MET_LATE
    assert await desk.preview(off(DUE)) == {}
    told = await desk.preview(off(DUE), stopped_too=True)
    assert told[name, TASK] == (DUE, date(2024, 3, 14))
    await desk.edit(off(DUE))
    assert (await house.clocks(name))[key].state == clock_pb2.CLOCK_STATE_MET_LATE
    # The same day entered again, now by name for the stopped ones too.
    await desk.edit(off(DUE), document="2/TB", stopped_too=True)
    clock = (await house.clocks(name))[key]
    assert clock.state == clock_pb2.CLOCK_STATE_MET
    assert clock.ledger[-1].document == "1/TB; 2/TB"
    pending = await rows_of(house.room, "SELECT 1 FROM calendar_change WHERE stopped_pending")
    assert pending == []


async def test_a_stopped_clock_out_of_reach_stays_as_it_was_decided(desk: CalendarDesk) -> None:
    house = desk.house
    name = await forwarded(house)
    await house.accepted(name)
    await house.reported(name, ISSUED)
    await desk.edit(off(DUE))
    await desk.edit(off(date(2024, 9, 12)), stopped_too=True)
    assert (await desk.last_days(stopped=True))[name, TASK] == DUE


@pytest.mark.rule("R5.1g", "R23.1")
async def test_what_stops_between_an_edit_and_the_sweep_ends_on_the_new_calendar(
    desk: CalendarDesk,
) -> None:
    """Reported on the day that the edit gives: in time, whether the sweep or the agency came first."""
    house = desk.house
    name = await forwarded(house)
    await house.accepted(name)
    await desk.tell(*desk.edited(off(DUE)))
    time = clock_pb.SetTimeRequest(time=to_timestamp(at(date(2024, 3, 14))))
    await house.room.call(ClockControlServiceStub, "SetTime", time)  # no timer runs
    await house.reported(name, date(2024, 3, 14))
    clock = (await house.clocks(name))[TASK, DUE.isoformat()]
    assert clock.state == clock_pb2.CLOCK_STATE_MET
    kinds = [(entry.kind, entry.ground) for entry in clock.ledger]
    assert kinds[1:] == [("MOVED", "CALENDAR"), ("STOPPED", "RESULT_REPORTED")]
    await desk.sweep()
    assert (await house.clocks(name))[TASK, DUE.isoformat()].etag == clock.etag


@pytest.mark.rule("R7.2a")
async def test_an_end_that_rests_on_undecided_days_is_shown_as_such(desk: CalendarDesk) -> None:
    house = desk.house
    estimate = CalendarDay(
        date(2024, 3, 15), DayKind.HOLIDAY, "Dự kiến", "", DayStatus.ESTIMATED
    )  # fmt: skip
    await desk.edit([estimate], document="")
    name = await forwarded(house)
    await forwarded(house, date(2024, 5, 20), "375")
    clocks = await house.clocks(name)
    assert clocks[TASK, DUE.isoformat()].estimated_days == 0
    update = clocks[UPDATE, DUE.isoformat()]
    assert update.estimated_days == 1
    listed = await house.room.call(
        DeadlineServiceStub, "ListClocks", pb.ListClocksRequest(parent=name)
    )
    assert [clock.estimated_days for clock in listed.clocks] == [0, 1]
    explained = await house.room.call(
        DeadlineServiceStub, "ExplainDeadline", pb.ExplainDeadlineRequest(name=update.name)
    )
    assert list(explained.estimated_days) == [to_date(estimate.day)]
    assert [from_date(d.day, "") for d in explained.days if d.estimated] == [estimate.day]
    assert "Chưa có quyết định chính thức" in explained.text
    page = await desk.asked(pb.PreviewCalendarEditRequest())
    assert (page.running_clocks, page.estimated_clocks) == (4, 1)
    assert [(from_date(d.day, ""), d.clocks) for d in page.estimated_days] == [(estimate.day, 1)]
    decided = CalendarDay(estimate.day, DayKind.HOLIDAY, "Chính thức", "9/QĐ-TTg")
    await desk.edit([decided], document="9/QĐ-TTg")
    assert (await desk.asked(pb.PreviewCalendarEditRequest())).estimated_clocks == 0


async def test_ends_in_a_year_that_is_not_entered_rest_on_estimates(desk: CalendarDesk) -> None:
    name = await forwarded(desk.house, date(2028, 3, 15))
    clocks = await desk.house.clocks(name)
    assert clocks[UPDATE, "2028-03-15"].estimated_days == 6
    page = await desk.asked(pb.PreviewCalendarEditRequest())
    assert page.estimated_clocks == 2
    # The answer to a request is bounded by the day before that due date, four years ahead.
    asked = task_pb.RequestExtensionRequest(
        name=name,
        requested_due_date=to_date(date(2028, 4, 20)),
        reason=task_messages.EXTENSION_REASON_OTHER,
        reason_words="cần thêm thời gian",
        request_document=document("5", "CV", ISSUED),
    )
    await desk.house.accepted(name)
    await desk.house.call("RequestExtension", asked, lead())
    page = await desk.asked(pb.PreviewCalendarEditRequest())
    assert (page.running_clocks, page.estimated_clocks) == (3, 3)
    assert list(page.estimated_days) == []


async def test_a_saturday_that_becomes_worked_brings_an_end_forward(
    desk: CalendarDesk,
) -> None:
    """The stated day is a Saturday; its legal end of Monday comes back to it."""
    saturday = date(2024, 3, 16)
    name = await forwarded(desk.house, saturday)
    worked = [CalendarDay(saturday, DayKind.SWAP_WORK, "Làm bù", "3/TB")]
    told = await desk.preview(worked)
    assert told[name, TASK] == (saturday + timedelta(days=2), saturday)
    await desk.edit(worked, document="3/TB")
    assert (await desk.last_days())[name, TASK] == saturday
