"""A request for more time that is put to the leadership, or taken back: what it does to the clocks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import grpc
import pytest
from dondoc.limits.v1 import clock_pb2
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import document_pb2

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import StartService, token
from tests.integration.tasks.edited_profile import house_of
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
from tests.integration.tasks.test_task_extensions_flow import DUE, ISSUED, NEW, TASK, answer, ask

RUNNING, MET = clock_pb2.CLOCK_STATE_RUNNING, clock_pb2.CLOCK_STATE_MET
VOID, LATE = clock_pb2.CLOCK_STATE_VOID, clock_pb2.CLOCK_STATE_LATE
ASKED = date(2026, 1, 8)
CLASSIFIED = document_pb2.SECRECY_SECRET


async def asked(house: TasksHouse, slug: str = LEAD, **changes: int) -> str:
    """A task on Thursday 8 January, the day of its request; the answer is due on the Saturday."""
    made = directive(ISSUED, item(DUE, slug), **changes)
    (name,) = await house.forward(made, on=at(ISSUED))
    await house.room.set_clock(at(ASKED))
    request = ask(name)
    if changes:
        request.ClearField("reason_words")
    await house.call("RequestExtension", request, lead(slug))
    return name


def submit(name: str, day: date | None = None) -> pb.SubmitExtensionRequest:
    """By a document of the day, or by the day alone when `day` is given."""
    extension = f"{name}/extensions/1"
    if day:
        return pb.SubmitExtensionRequest(name=extension, submit_date=to_date(day))
    return pb.SubmitExtensionRequest(name=extension, document=document("15", "TTr-VP", ASKED))


def withdraw(name: str, number: int = 1) -> pb.WithdrawExtensionRequest:
    return pb.WithdrawExtensionRequest(name=f"{name}/extensions/{number}")


async def own_clock(house: TasksHouse, name: str, number: int = 1) -> clock_pb2.Clock:
    (found,) = (await house.clocks(f"{name}/extensions/{number}")).values()
    return found


@pytest.mark.rule("R6.1d")
async def test_a_submission_meets_the_limit_of_the_office_and_the_answer_comes_to_a_clock_that_stands(
    house: TasksHouse,
) -> None:
    name = await asked(house)
    await house.room.set_clock(at(date(2026, 1, 12)))
    assert (await own_clock(house, name)).state == LATE
    told = await house.call("SubmitExtension", submit(name))
    (request,) = told.extensions
    assert (request.state, request.submit_date) == (
        task_pb2.EXTENSION_STATE_ASKED, to_date(ASKED),
    )  # fmt: skip
    assert request.submit_document.number == "15"
    assert request.HasField("submit_time")
    stopped = await own_clock(house, name)
    # Submitted on the 8th, entered on the 12th: by the day of the act.
    assert stopped.state == MET
    last = stopped.ledger[-1]
    assert (last.kind, last.ground, last.document) == (
        "STOPPED", "EXTENSION_SUBMITTED", "15/TTr-VP",
    )  # fmt: skip
    # No submission moves the limit of the task.
    assert (await house.clocks(name))[TASK].state == RUNNING
    granted = await house.call("AnswerExtension", answer(name, date(2026, 1, 12)))
    assert granted.limit.due_date == to_date(NEW)
    assert granted.extensions[0].submit_date == to_date(ASKED)
    assert await own_clock(house, name) == stopped
    assert [event.type for event in await house.events(name)][-2:] == [
        "ExtensionSubmitted", "ExtensionAnswered",
    ]  # fmt: skip


@pytest.mark.rule("R6.1d")
async def test_what_the_timer_said_of_a_late_answer_is_taken_back_by_an_earlier_submission(
    house: TasksHouse,
) -> None:
    name = await asked(house)
    await house.room.set_clock(at(date(2026, 1, 12)))
    await house.call("SubmitExtension", submit(name, date(2026, 1, 9)))
    overdue = [r for r in (await own_clock(house, name)).rungs if r.rung == "overdue"]
    assert [r.HasField("fired_time") for r in overdue] == [True]
    assert [r.HasField("revoke_time") for r in overdue] == [True]


@pytest.mark.rule("R6.1d")
async def test_under_a_regulation_that_counts_the_answer_alone_a_submission_stops_nothing(
    start_service: StartService, tmp_path: Path
) -> None:
    both = "stop: [EXTENSION_SUBMITTED, EXTENSION_ANSWERED]"
    house = await house_of(start_service, tmp_path, both, "stop: [EXTENSION_ANSWERED]")
    name = await asked(house)
    told = await house.call("SubmitExtension", submit(name))
    assert told.extensions[0].submit_date == to_date(ASKED)
    assert (await own_clock(house, name)).state == RUNNING
    await house.call("AnswerExtension", answer(name, ASKED))
    assert (await own_clock(house, name)).ledger[-1].ground == "EXTENSION_ANSWERED"


@pytest.mark.rule("R6.1d")
async def test_a_request_is_submitted_once_by_the_office_and_not_after_its_answer(
    house: TasksHouse,
) -> None:
    name = await asked(house)
    early = await house.refused("SubmitExtension", submit(name, date(2026, 1, 7)))
    assert (early.code, early.fields) == (grpc.StatusCode.INVALID_ARGUMENT, ["submit_date"])
    by_lead = await house.refused("SubmitExtension", submit(name), lead())
    assert by_lead.code is grpc.StatusCode.PERMISSION_DENIED
    await house.call("SubmitExtension", submit(name))
    again = await house.refused("SubmitExtension", submit(name))
    assert (again.code, again.reason, again.metadata["submit_date"]) == (
        grpc.StatusCode.FAILED_PRECONDITION, "EXTENSION_ALREADY_SUBMITTED", "2026-01-08",
    )  # fmt: skip
    assert "08/01/2026" in again.vi
    await house.call("AnswerExtension", answer(name, ASKED, None))
    over = await house.refused("SubmitExtension", submit(name))
    assert over.reason == "EXTENSION_NOT_OPEN"
    missing = submit(name)
    missing.name = f"{name}/extensions/7"
    assert (await house.refused("SubmitExtension", missing)).code is grpc.StatusCode.NOT_FOUND


@pytest.mark.rule("R6.1d", "R6.2c")
async def test_a_request_that_is_taken_back_asks_nothing_of_the_office_and_frees_the_way(
    house: TasksHouse,
) -> None:
    name = await asked(house)
    await house.room.set_clock(at(date(2026, 1, 10)))
    told = await house.call("WithdrawExtension", withdraw(name), lead())
    assert told.extensions[0].state == task_pb2.EXTENSION_STATE_WITHDRAWN
    assert told.extensions[0].HasField("withdraw_time")
    own = await own_clock(house, name)
    assert (own.state, own.void_reason) == (VOID, "EXTENSION_REQUEST_WITHDRAWN")
    # What was true when it was said stays said; the rest never will be.
    assert {rung.rung: rung.HasField("revoke_time") for rung in own.rungs} == {
        "due_today": False, "overdue": True,
    }  # fmt: skip
    assert (await house.clocks(name))[TASK].state == RUNNING
    assert (await house.events(name))[-1].type == "ExtensionWithdrawn"
    # Saturday is the last day to ask; a further request is one like the first.
    second = await house.call("RequestExtension", ask(name), lead())
    assert second.extensions[1].state == task_pb2.EXTENSION_STATE_ASKED
    assert (await own_clock(house, name, 2)).state == RUNNING
    await house.room.set_clock(at(date(2026, 1, 11)))
    await house.call("WithdrawExtension", withdraw(name, 2), lead())
    late = await house.refused("RequestExtension", ask(name), lead())
    assert (late.reason, late.metadata["last_day"]) == ("EXTENSION_TOO_LATE", "2026-01-10")
    over = await house.refused("WithdrawExtension", withdraw(name, 2), lead())
    assert over.reason == "EXTENSION_NOT_OPEN"


@pytest.mark.rule("R6.1d")
async def test_what_the_office_had_submitted_stays_met_when_the_request_is_taken_back(
    house: TasksHouse,
) -> None:
    name = await asked(house)
    await house.call("SubmitExtension", submit(name))
    await house.call("WithdrawExtension", withdraw(name), lead())
    assert (await own_clock(house, name)).state == MET


@pytest.mark.rule("R6.1d")
async def test_under_a_regulation_that_does_not_void_it_a_request_taken_back_leaves_the_clock(
    start_service: StartService, tmp_path: Path
) -> None:
    said = "void: [EXTENSION_REQUEST_WITHDRAWN, TASK_RETURNED"
    house = await house_of(start_service, tmp_path, said, "void: [TASK_RETURNED")
    name = await asked(house)
    await house.call("WithdrawExtension", withdraw(name), lead())
    assert (await own_clock(house, name)).state == RUNNING


@pytest.mark.rule("R6.1b", "R6.2c")
async def test_the_office_takes_back_by_letter_for_an_agency_without_connection_alone(
    house: TasksHouse,
) -> None:
    connected = await house.refused("WithdrawExtension", withdraw(await asked(house)))
    assert (connected.code, connected.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION, "AGENCY_CONNECTED",
    )  # fmt: skip
    other = directive(ISSUED, item(DUE, UNCONNECTED), number="375")
    (name,) = await house.forward(other)
    admitted = pb.AdmitExtensionRequest(
        name=name, requested_due_date=to_date(NEW), reason=task_pb2.EXTENSION_REASON_RESOURCES,
        request_document=document("9", "CCB", ASKED), ask_date=to_date(ASKED),
        admission_words="Gửi bằng văn bản giấy",
    )  # fmt: skip
    await house.call("AdmitExtension", admitted)
    without = await house.refused("WithdrawExtension", withdraw(name))
    assert without.fields == ["document.number"]
    request = withdraw(name)
    request.document.CopyFrom(document("11", "CCB", ASKED))
    told = await house.call("WithdrawExtension", request)
    assert told.extensions[0].withdraw_document.number == "11"
    own = await own_clock(house, name)
    assert own.ledger[-1].document == "11/CCB"
    last = (await house.events(name))[-1]
    assert last.actor.on_behalf_of == f"agencies/{UNCONNECTED}"


@pytest.mark.rule("R6.1d", "R5.2end")
async def test_a_classified_request_is_submitted_and_taken_back_by_numbers_and_days(
    house: TasksHouse,
) -> None:
    name = await asked(house, secrecy=CLASSIFIED)
    told = submit(name)
    told.document.title = "Tờ trình xin gia hạn"
    refused = await house.refused("SubmitExtension", told)
    assert refused.fields == ["document.title"]
    await house.call("SubmitExtension", submit(name))
    letter = withdraw(name)
    letter.document.CopyFrom(document("9", "SNV", ASKED))
    await house.call("WithdrawExtension", letter, lead())
    seen = await house.task(name, token(LEAD, "department", "head"))
    assert seen.extensions[0].submit_document.number == "15"
    assert seen.extensions[0].withdraw_document.number == "9"
