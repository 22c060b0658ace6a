"""What each act does to the clocks of a task."""

from __future__ import annotations

from datetime import date

import pytest
from dondoc.limits.v1 import clock_pb2
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import limit_pb2

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import OFFICE_SLUG
from tests.integration.tasks.tasks_house import (
    LEAD,
    UNCONNECTED,
    TasksHouse,
    at,
    directive,
    document,
    item,
    lead,
)

ISSUED, DUE = date(2026, 1, 5), date(2026, 1, 14)
RUNNING, LATE = clock_pb2.CLOCK_STATE_RUNNING, clock_pb2.CLOCK_STATE_LATE
MET, MET_LATE = clock_pb2.CLOCK_STATE_MET, clock_pb2.CLOCK_STATE_MET_LATE
VOID = clock_pb2.CLOCK_STATE_VOID
TASK, UPDATE = ("R5.1e", "2026-01-14"), ("R7.2a", "2026-01-14")


def fired(clock: clock_pb2.Clock) -> list[str]:
    """Rungs that were said and still stand."""
    return [
        r.rung for r in clock.rungs if r.HasField("fired_time") and not r.HasField("revoke_time")
    ]


@pytest.mark.rule("R7.2a")
async def test_the_update_is_made_by_the_first_entry_that_tells_of_the_due_day_or_later(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 15)))
    await house.progress(name, date(2026, 1, 13))
    assert (await house.clocks(name))[UPDATE].state == RUNNING
    await house.progress(name, DUE)
    clocks = await house.clocks(name)
    assert clocks[UPDATE].state == MET
    # Telling how it stands is not doing it: the task itself is overdue.
    assert clocks[TASK].state == LATE
    assert (await house.task(name)).timeliness == task_pb2.TIMELINESS_OVERDUE


@pytest.mark.rule("R7.2a", "R5.1g")
async def test_a_result_in_time_that_is_entered_late_misses_the_update_alone(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 20)))
    assert fired((await house.clocks(name))[UPDATE]) == ["update_missing"]
    assert "overdue" in fired((await house.clocks(name))[TASK])
    task = await house.reported(name, DUE)
    assert task.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT
    assert task.progress == task_pb2.TASK_PROGRESS_DONE
    clocks = await house.clocks(name)
    assert clocks[TASK].state == MET
    assert clocks[UPDATE].state == MET_LATE
    # That it was overdue turned out untrue and is taken back; that the update was missing was true.
    assert "overdue" not in fired(clocks[TASK])
    assert fired(clocks[UPDATE]) == ["update_missing"]


@pytest.mark.rule("R6.1c")
async def test_sending_back_opens_the_clocks_again(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.accepted(name)
    await house.reported(name, ISSUED)
    assert {c.state for c in (await house.clocks(name)).values()} == {MET}
    request = pb.SendBackTaskRequest(
        name=name, reason=task_pb2.SEND_BACK_REASON_INCOMPLETE, words="Còn thiếu phụ lục"
    )
    sent = await house.call("SendBackTask", request)
    assert sent.state == task_pb2.TASK_STATE_IN_PROGRESS
    assert sent.progress == task_pb2.TASK_PROGRESS_IN_PROGRESS
    assert not sent.HasField("done_date")
    assert sent.results[0].send_back_words == "Còn thiếu phụ lục"
    for clock in (await house.clocks(name)).values():
        assert (clock.state, clock.generation) == (RUNNING, 2)
    await house.room.set_clock(at(date(2026, 1, 15), 0))
    assert (await house.task(name)).timeliness == task_pb2.TIMELINESS_OVERDUE
    done = await house.reported(name, date(2026, 1, 15))
    assert done.timeliness == task_pb2.TIMELINESS_OVERDUE
    assert (await house.clocks(name))[TASK].state == MET_LATE
    assert [r.number for r in done.results] == [1, 2]


@pytest.mark.rule("R6.2a")
async def test_a_return_voids_the_clocks_and_forwarding_again_starts_new_ones(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE, words="Ngoài thẩm quyền"
    )
    returned = await house.call("ReturnTask", request, lead())
    assert returned.rounds[0].return_words == "Ngoài thẩm quyền"
    for clock in (await house.clocks(name)).values():
        assert (clock.state, clock.void_reason) == (VOID, "TASK_RETURNED")
    await house.room.set_clock(at(date(2026, 1, 7)))
    again = await house.call(
        "ReforwardTask", pb.ReforwardTaskRequest(name=name, lead_agency="agencies/so-tu-phap")
    )
    assert [r.lead_agency for r in again.rounds] == [f"agencies/{LEAD}", "agencies/so-tu-phap"]
    assert again.state == task_pb2.TASK_STATE_FORWARDED
    listed = await house.clocks(name)
    # On the same stated due date, owed by the new lead.
    assert again.limit.due_date == to_date(DUE)
    for key in (TASK, UPDATE):
        assert (listed[key].state, listed[key].owed_by) == (RUNNING, "agencies/so-tu-phap")
    # The new lead has the task, the old one still sees it.
    await house.accepted(name, "so-tu-phap")
    assert (await house.task(name, lead())).state == task_pb2.TASK_STATE_ACCEPTED
    assert (await house.refused("RecordProgress", pb.RecordProgressRequest(
        name=name, situation="x"), lead())).reason == "PERMISSION_DENIED"  # fmt: skip


@pytest.mark.rule("R6.2a")
async def test_the_office_may_set_another_due_date_when_it_forwards_again(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_CONTENT_INACCURATE, words="Chưa rõ thời hạn"
    )
    await house.call("ReturnTask", request, lead())
    again = await house.call(
        "ReforwardTask",
        pb.ReforwardTaskRequest(name=name, content="Nội dung rõ hơn", due_date=to_date(DUE)),
    )
    assert (again.content, again.rounds[0].content) == ("Nội dung rõ hơn", "Xây dựng kế hoạch")
    clocks = await house.clocks(name)
    assert clocks[TASK].state == clocks[UPDATE].state == RUNNING
    assert clocks["R7.2b", "2026-06-30"].state == VOID
    assert (await house.refused("ReforwardTask", pb.ReforwardTaskRequest(name=name))).metadata[
        "state"
    ] == "FORWARDED"


async def test_a_task_is_forwarded_again_only_to_an_agency_that_may_be_given_tasks(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_TASK_MISSING, words="Thiếu nhiệm vụ"
    )
    await house.call("ReturnTask", request, lead())
    found = await house.refused(
        "ReforwardTask", pb.ReforwardTaskRequest(name=name, lead_agency="agencies/khong-co")
    )
    assert (found.reason, found.fields) == ("INVALID_FIELD", ["lead_agency"])


@pytest.mark.rule("R7.2b")
async def test_a_task_without_limit_owes_one_update_in_each_quarter_after_its_forwarding(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    await house.accepted(name)
    assert list(await house.clocks(name)) == [("R7.2b", "2026-06-30")]
    # What is told of the quarter of forwarding is no update for the next one.
    await house.room.set_clock(at(date(2026, 3, 30)))
    await house.progress(name)
    assert (await house.clocks(name))["R7.2b", "2026-06-30"].state == RUNNING
    await house.room.set_clock(at(date(2026, 4, 1)))
    await house.progress(name)
    assert (await house.clocks(name))["R7.2b", "2026-06-30"].state == MET
    # The next clocks start when their quarters begin, each once.
    assert ("R7.2b", "2026-09-30") not in await house.clocks(name)
    await house.room.set_clock(at(date(2026, 7, 1), 0))
    third = (await house.clocks(name))["R7.2b", "2026-09-30"]
    assert third.state == RUNNING
    assert third.start_time.ToDatetime().isoformat() == "2026-06-30T17:00:00"
    await house.room.set_clock(at(date(2026, 10, 2)))
    clocks = await house.clocks(name)
    assert clocks["R7.2b", "2026-09-30"].state == LATE
    assert fired(clocks["R7.2b", "2026-09-30"])[-1] == "update_missing"
    assert clocks["R7.2b", "2026-12-31"].state == RUNNING
    # Told late of the third quarter, it serves the third alone.
    await house.progress(name, date(2026, 9, 29))
    clocks = await house.clocks(name)
    assert clocks["R7.2b", "2026-09-30"].state == MET_LATE
    assert clocks["R7.2b", "2026-12-31"].state == RUNNING
    await house.reported(name, date(2026, 10, 1))
    assert (await house.clocks(name))["R7.2b", "2026-12-31"].state == MET
    # What is done owes no further updates.
    await house.room.set_clock(at(date(2027, 4, 1)))
    assert len(await house.clocks(name)) == 3
    assert (await house.task(name)).timeliness == task_pb2.TIMELINESS_NO_LIMIT


@pytest.mark.rule("R7.2b")
async def test_sent_back_work_without_limit_owes_updates_again(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    await house.accepted(name)
    await house.reported(name, ISSUED)
    assert (await house.clocks(name))["R7.2b", "2026-06-30"].state == MET
    request = pb.SendBackTaskRequest(
        name=name, reason=task_pb2.SEND_BACK_REASON_WRONG, words="Chưa đúng"
    )
    await house.call("SendBackTask", request)
    assert (await house.clocks(name))["R7.2b", "2026-06-30"].state == RUNNING
    await house.room.set_clock(at(date(2026, 7, 1)))
    assert (await house.clocks(name))["R7.2b", "2026-09-30"].state == RUNNING


@pytest.mark.rule("R7.2b")
async def test_a_task_may_set_another_cadence(house: TasksHouse) -> None:
    monthly = item(None, cadence=limit_pb2.CADENCE_MONTHLY)
    (name,) = await house.forward(directive(ISSUED, monthly), on=at(ISSUED))
    await house.room.set_clock(at(date(2026, 4, 2)))
    assert [last for _, last in await house.clocks(name)] == [
        "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


@pytest.mark.rule("R7.2b")
async def test_an_entry_stops_the_clock_of_a_period_that_no_timer_has_started_yet(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    await house.accepted(name)
    # The clock of the service moves, its timers have not run.
    async with house.room.engine.begin() as connection:
        await house.room.running.kernel.clock.set(connection, at(date(2026, 7, 1)))  # type: ignore[union-attr]
    await house.progress(name)
    clocks = await house.clocks(name)
    assert clocks["R7.2b", "2026-06-30"].state == MET_LATE
    assert clocks["R7.2b", "2026-09-30"].state == MET
    await house.room.set_clock(at(date(2026, 7, 1), 10))
    assert len(await house.clocks(name)) == 2


@pytest.mark.rule("R6.1b", "R7.3")
@pytest.mark.parametrize(
    ("entered", "state"), [(date(2026, 1, 12), MET), (date(2026, 1, 14), MET_LATE)]
)
async def test_the_office_enters_a_written_report_within_three_working_days(
    house: TasksHouse, entered: date, state: int
) -> None:
    """Received on Thursday 8 January: Friday, the worked Saturday, Monday."""
    (name,) = await house.forward(directive(ISSUED, item(DUE, UNCONNECTED)), on=at(ISSUED))
    await house.room.set_clock(at(entered))
    request = pb.EnterOnBehalfRequest(
        name=name,
        done_date=to_date(date(2026, 1, 7)),
        summary="Đã xong",
        document=document("5", "BC-HCCB", date(2026, 1, 7)),
        receipt_date=to_date(date(2026, 1, 8)),
    )
    task = await house.call("EnterOnBehalf", request)
    assert task.state == task_pb2.TASK_STATE_REPORTED
    assert task.results[0].on_behalf
    assert task.results[0].receipt_date == to_date(date(2026, 1, 8))
    clocks = await house.clocks(name)
    own = clocks["R7.3", ""]
    assert (own.owed_by, own.state) == (f"agencies/{OFFICE_SLUG}", state)
    assert own.last_day == to_date(date(2026, 1, 12))
    # The agency itself was in time, whenever the Office entered it.
    assert clocks[TASK].state == MET
    assert (await house.events(name))[-1].actor.on_behalf_of == f"agencies/{UNCONNECTED}"


@pytest.mark.rule("R6.1b")
async def test_a_connected_agency_reports_for_itself(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    request = pb.EnterOnBehalfRequest(
        name=name, done_date=to_date(ISSUED), summary="Đã xong",
        document=document("5", "BC-SNV", ISSUED), receipt_date=to_date(ISSUED),
    )  # fmt: skip
    found = await house.refused("EnterOnBehalf", request)
    assert (found.reason, found.metadata["agency"]) == ("AGENCY_CONNECTED", f"agencies/{LEAD}")
