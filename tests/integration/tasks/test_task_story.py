"""One task from forwarded to closed, and what the log tells of it."""

from __future__ import annotations

from datetime import date

import pytest
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from tests.integration.tasks.tasks_house import TasksHouse, at, directive, item, lead

ISSUED, DUE = date(2026, 1, 5), date(2026, 1, 14)


@pytest.mark.rule("R6.2b", "R6.1c", "R9.1a", "R8.2", "R5.1g")
async def test_a_task_goes_from_forwarded_to_closed(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    assert (await house.accepted(name)).progress == task_pb2.TASK_PROGRESS_NOT_STARTED
    await house.room.set_clock(at(date(2026, 1, 8)))
    started = await house.progress(name)
    assert started.progress == task_pb2.TASK_PROGRESS_IN_PROGRESS
    assert started.progress_entries[0].situation == "Đang làm"
    done = await house.reported(name, date(2026, 1, 7))
    assert (done.results[0].summary, done.results[0].quality) == ("Đã xong", task_pb2.GRADE_GOOD)
    early = await house.refused("CloseTask", pb.CloseTaskRequest(name=name))
    assert (early.reason, early.metadata["state"]) == ("WRONG_STATE", "REPORTED")
    grades = task_pb2.Evaluation(
        progress=task_pb2.GRADE_GOOD, quality=task_pb2.GRADE_SATISFACTORY,
        effectiveness=task_pb2.GRADE_GOOD, words="Đạt yêu cầu",
    )  # fmt: skip
    confirmed = await house.call("ConfirmTask", pb.ConfirmTaskRequest(name=name, evaluation=grades))
    assert confirmed.evaluation == grades
    await house.room.set_clock(at(date(2026, 3, 2)))
    closed = await house.call("CloseTask", pb.CloseTaskRequest(name=name))
    # Confirming and closing never move lateness.
    assert closed.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT
    assert closed == await house.task(name)
    events = await house.events(name)
    assert [event.type for event in events] == [
        "TaskForwarded", "TaskAccepted", "TaskProgressRecorded", "TaskReported", "TaskConfirmed",
        "TaskClosed",
    ]  # fmt: skip
    assert [event.version for event in events] == [1, 2, 3, 4, 5, 6]
    told = task_pb2.Task()
    assert events[-1].data.Unpack(told)
    for field in ("timeliness", "due_time"):
        closed.ClearField(field)
    assert told == closed


@pytest.mark.rule("R6.2a", "R7.2b")
async def test_a_returned_task_without_limit_owes_its_updates_to_the_next_lead(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE, words="Ngoài thẩm quyền"
    )
    await house.call("ReturnTask", request, lead())
    # While it lies with the Office no period begins for anybody.
    await house.room.set_clock(at(date(2026, 4, 2)))
    assert {clock.void_reason for clock in (await house.clocks(name)).values()} == {"TASK_RETURNED"}
    await house.call(
        "ReforwardTask", pb.ReforwardTaskRequest(name=name, lead_agency="agencies/so-tu-phap")
    )
    running = [c for c in (await house.clocks(name)).values() if not c.void_reason]
    assert [c.owed_by for c in running] == ["agencies/so-tu-phap"]
    assert (running[0].stated_due_date.month, running[0].stated_due_date.day) == (9, 30)


@pytest.mark.rule("R6.2a", "R7.2b")
async def test_a_round_in_the_same_quarter_has_a_clock_of_its_own(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_TASK_MISSING, words="Thiếu nhiệm vụ"
    )
    await house.call("ReturnTask", request, lead())
    await house.call("ReforwardTask", pb.ReforwardTaskRequest(name=name))
    clock = (await house.clocks(name))["R7.2b", "2026-06-30"]
    assert not clock.void_reason
    await house.room.set_clock(at(date(2026, 7, 1)))
    assert ("R7.2b", "2026-09-30") in await house.clocks(name)
