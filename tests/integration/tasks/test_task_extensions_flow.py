"""Asking for more time over gRPC, and what the answer does to the clocks."""

from __future__ import annotations

from datetime import date

import grpc
import pytest
from dondoc.limits.v1 import clock_pb2
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import document_pb2

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import OFFICE_SLUG
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, document, item, lead

ISSUED, DUE, NEW = date(2026, 1, 5), date(2026, 1, 14), date(2026, 1, 30)
TASK, UPDATE = ("R5.1e", "2026-01-14"), ("R7.2a", "2026-01-14")
RUNNING, MET = clock_pb2.CLOCK_STATE_RUNNING, clock_pb2.CLOCK_STATE_MET


def ask(name: str, day: date = date(2026, 1, 8)) -> pb.RequestExtensionRequest:
    return pb.RequestExtensionRequest(
        name=name,
        requested_due_date=to_date(NEW),
        reason=task_pb2.EXTENSION_REASON_SCOPE_GREW,
        reason_words="Khối lượng tăng",
        request_document=document("12", "SNV-VP", day),
    )


def admit(name: str, received: date) -> pb.AdmitExtensionRequest:
    return pb.AdmitExtensionRequest(
        name=name,
        requested_due_date=to_date(NEW),
        reason=task_pb2.EXTENSION_REASON_FORCE_MAJEURE,
        request_document=document("12", "SNV-VP", received),
        ask_date=to_date(received),
        admission_words="Do bão lũ",
    )


def answer(name: str, day: date, granted: date | None = NEW) -> pb.AnswerExtensionRequest:
    return pb.AnswerExtensionRequest(
        name=f"{name}/extensions/1",
        granted=granted is not None,
        granted_due_date=to_date(granted),
        answer_document=document("80", "UBND-TH", day),
    )


async def forwarded(house: TasksHouse, **changes: int) -> str:
    (name,) = await house.forward(directive(ISSUED, item(DUE, **changes)), on=at(ISSUED))
    return name


@pytest.mark.rule("R6.2c")
async def test_asked_on_the_last_day_it_is_taken_the_day_after_it_is_too_late(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.room.set_clock(at(date(2026, 1, 10), 23))
    taken = await house.call("RequestExtension", ask(name), lead())
    assert taken.extensions[0].state == task_pb2.EXTENSION_STATE_ASKED
    assert not taken.extensions[0].admitted_late
    other = (await house.forward(directive(ISSUED, item(DUE), number="375")))[0]
    await house.room.set_clock(at(date(2026, 1, 11), 0))
    late = await house.refused("RequestExtension", ask(other), lead())
    assert (late.code, late.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION, "EXTENSION_TOO_LATE",
    )  # fmt: skip
    assert late.metadata["last_day"] == "2026-01-10"
    # The Office may admit it with its reason; the leadership still decides.
    admitted = await house.call("AdmitExtension", admit(other, date(2026, 1, 11)))
    assert admitted.extensions[0].admitted_late
    assert admitted.extensions[0].admission_words == "Do bão lũ"
    assert admitted.limit.due_date == to_date(DUE)


@pytest.mark.rule("R6.1d")
async def test_the_office_owes_the_answer_within_two_working_days_of_receipt(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.room.set_clock(at(date(2026, 1, 8)))
    await house.call("RequestExtension", ask(name), lead())
    (own,) = (await house.clocks(f"{name}/extensions/1")).values()
    assert (own.rule, own.owed_by) == ("R6.1d", f"agencies/{OFFICE_SLUG}")
    # Thursday, then Friday and the worked Saturday.
    assert own.last_day == to_date(date(2026, 1, 10))
    # An open request stops no clock.
    assert (await house.clocks(name))[TASK].state == RUNNING
    await house.room.set_clock(at(date(2026, 1, 12)))
    await house.call("AnswerExtension", answer(name, date(2026, 1, 9)))
    (own,) = (await house.clocks(f"{name}/extensions/1")).values()
    # The answer is as old as its document, not as its entry.
    assert own.state == MET


@pytest.mark.rule("R6.1d")
async def test_the_answer_is_due_the_day_before_the_due_date_at_the_latest(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.room.set_clock(at(date(2026, 1, 13)))
    await house.call("AdmitExtension", admit(name, date(2026, 1, 12)))
    (own,) = (await house.clocks(f"{name}/extensions/1")).values()
    assert own.last_day == to_date(date(2026, 1, 13))


@pytest.mark.rule("R6.1d", "R6.2c")
async def test_a_granted_extension_moves_the_clocks_and_takes_back_what_became_untrue(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 10)))
    await house.call("RequestExtension", ask(name), lead())
    await house.room.set_clock(at(date(2026, 1, 15)))
    await house.progress(name, date(2026, 1, 15))
    late = await house.task(name)
    assert late.timeliness == task_pb2.TIMELINESS_OVERDUE
    granted = await house.call("AnswerExtension", answer(name, date(2026, 1, 14)))
    assert granted.limit.due_date == to_date(NEW)
    assert granted.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT
    assert granted.extensions[0].previous_due_date == to_date(DUE)
    clocks = await house.clocks(name)
    moved, update = clocks["R5.1e", "2026-01-30"], clocks["R7.2a", "2026-01-30"]
    assert moved.last_day == to_date(NEW)
    assert moved.ledger[-1].ground == "EXTENSION"
    assert moved.ledger[-1].document == "80/UBND-TH"
    overdue = [r for r in moved.rungs if r.rung == "overdue" and r.HasField("fired_time")]
    assert [r.HasField("revoke_time") for r in overdue] == [True]
    # The entry made at the old due date is no update after the new one.
    assert update.state == RUNNING


@pytest.mark.rule("R6.1d")
async def test_a_refused_extension_leaves_the_due_date(house: TasksHouse) -> None:
    name = await forwarded(house)
    await house.room.set_clock(at(date(2026, 1, 8)))
    await house.call("RequestExtension", ask(name), lead())
    refused = await house.call("AnswerExtension", answer(name, date(2026, 1, 8), None))
    assert refused.extensions[0].state == task_pb2.EXTENSION_STATE_REFUSED
    assert refused.limit.due_date == to_date(DUE)
    assert (await house.clocks(name))[TASK].state == RUNNING
    again = await house.refused("AnswerExtension", answer(name, date(2026, 1, 8)))
    assert again.reason == "EXTENSION_NOT_OPEN"
    missing = answer(name, date(2026, 1, 8))
    missing.name = f"{name}/extensions/7"
    assert (await house.refused("AnswerExtension", missing)).code is grpc.StatusCode.NOT_FOUND


@pytest.mark.rule("R6.1d")
async def test_an_extension_granted_after_a_late_result_makes_it_timely(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 10)))
    await house.call("RequestExtension", ask(name), lead())
    await house.room.set_clock(at(date(2026, 1, 16)))
    late = await house.reported(name, date(2026, 1, 16))
    assert late.timeliness == task_pb2.TIMELINESS_OVERDUE
    granted = await house.call("AnswerExtension", answer(name, date(2026, 1, 14)))
    assert granted.timeliness == task_pb2.TIMELINESS_WITHIN_LIMIT
    assert (await house.clocks(name))["R5.1e", "2026-01-30"].state == MET


@pytest.mark.rule("R6.1d")
async def test_what_the_government_set_the_province_does_not_extend(house: TasksHouse) -> None:
    name = await forwarded(house, origin=document_pb2.ORIGIN_GOVERNMENT)
    found = await house.refused("RequestExtension", ask(name, ISSUED), lead())
    assert (found.code, found.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION, "ORIGIN_LOCKED",
    )  # fmt: skip


@pytest.mark.rule("R6.2a")
async def test_a_return_voids_the_clock_of_an_open_request(house: TasksHouse) -> None:
    name = await forwarded(house)
    await house.call("RequestExtension", ask(name, ISSUED), lead())
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE, words="Ngoài thẩm quyền"
    )
    await house.call("ReturnTask", request, lead())
    (own,) = (await house.clocks(f"{name}/extensions/1")).values()
    assert own.void_reason == "TASK_RETURNED"
