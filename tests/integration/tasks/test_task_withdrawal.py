"""A task is withdrawn alone or with its directive: nothing is owed any more, and nothing is forgotten."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2 as directive_pb
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1.deadline_service_pb2 import GetComplianceRequest, GetTraceRequest
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.tasks.v1.golive_service_pb2 import LoadTaskRequest
from dondoc.tasks.v1.golive_service_pb2_grpc import GoLiveServiceStub
from dondoc.type.v1 import document_pb2, withdrawal_pb2

from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import start_of
from services.kernel.limits.domain.clock import Cause
from services.kernel.limits.domain.profile import Act, Duty
from services.kernel.runtime import db
from services.kernel.runtime.protos import to_date, to_timestamp, without_content
from services.kernel.runtime.unit_of_work import UnitOfWork
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
    refusal,
)

ISSUED, DUE, LATER = date(2026, 1, 5), date(2026, 1, 14), date(2026, 1, 23)
WITHDRAWN_ON = date(2026, 1, 8)
WITHDRAWING = document("81", "UBND-TH", WITHDRAWN_ON)
REASON = "Không còn cần thực hiện"
RUNNING, LATE, MET = (
    clock_pb2.CLOCK_STATE_RUNNING,
    clock_pb2.CLOCK_STATE_LATE,
    clock_pb2.CLOCK_STATE_MET,
)
VOID = clock_pb2.CLOCK_STATE_VOID
Directive = directive_pb.Directive


def withdrawn(made: Directive, superseded_by: str = "") -> Directive:
    """As `directives` tells of it after it was withdrawn, or superseded, at nine on 8 January."""
    after = Directive()
    after.CopyFrom(made)
    after.state = (
        directive_pb.DIRECTIVE_STATE_SUPERSEDED
        if superseded_by
        else directive_pb.DIRECTIVE_STATE_WITHDRAWN
    )
    after.withdrawal.CopyFrom(
        withdrawal_pb2.Withdrawal(
            document=WITHDRAWING, reason=REASON, withdraw_time=to_timestamp(at(WITHDRAWN_ON)),
            recorded_by="chi-do", superseded_by=superseded_by,
        )
    )  # fmt: skip
    return after


async def withdraw(house: TasksHouse, name: str, **fields: Any) -> task_pb2.Task:
    request = pb.WithdrawTaskRequest(
        **{"name": name, "document": WITHDRAWING, "reason": REASON, **fields}
    )
    found: task_pb2.Task = await house.call("WithdrawTask", request)
    return found


async def ask_for_more_time(house: TasksHouse, name: str) -> None:
    await house.call("RequestExtension", pb.RequestExtensionRequest(
        name=name, requested_due_date=to_date(LATER), reason=task_pb2.EXTENSION_REASON_RESOURCES,
        request_document=document("12", "SNV-VP", WITHDRAWN_ON),
    ), lead())  # fmt: skip


def unfired(clock: clock_pb2.Clock) -> list[str]:
    return [
        r.rung
        for r in clock.rungs
        if not r.HasField("fired_time") and not r.HasField("revoke_time")
    ]


@pytest.mark.rule("R23.1", "R5.1e", "R7.2a", "R6.1d")
async def test_a_withdrawn_task_owes_nothing_and_its_request_for_more_time_ends_with_it(
    house: TasksHouse,
) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    await house.accepted(name)
    await house.progress(name)
    await house.room.set_clock(at(WITHDRAWN_ON))
    await ask_for_more_time(house, name)
    before = await house.task(name)
    task = await withdraw(house, name)
    assert task.state == task_pb2.TASK_STATE_WITHDRAWN
    assert (task.withdrawal.document, task.withdrawal.reason) == (WITHDRAWING, REASON)
    assert task.withdrawal.withdraw_time == to_timestamp(at(WITHDRAWN_ON))
    assert task.withdrawal.recorded_by
    assert task.timeliness == task_pb2.TIMELINESS_UNSPECIFIED
    # What was done stays: the history of the task is whole.
    assert (task.progress_entries, task.extensions) == (before.progress_entries, before.extensions)
    request = f"{name}/extensions/1"
    clocks = await house.clocks(name) | await house.clocks(request)
    assert {rule for rule, _ in clocks} == {"R5.1e", "R7.2a", "R6.1d"}
    for clock in clocks.values():
        assert (clock.state, clock.void_reason) == (VOID, "TASK_WITHDRAWN"), clock.rule
        assert clock.ledger[-1].document == "81/UBND-TH"
        assert unfired(clock) == []
    assert [event.type for event in await house.events(name)][-1] == "TaskWithdrawn"
    # Time goes on, and nothing of it is told any more.
    await house.room.set_clock(at(date(2026, 3, 2)))
    assert await house.clocks(name) | await house.clocks(request) == clocks
    assert await house.task(name, lead()) == task
    answer = pb.AnswerExtensionRequest(
        name=request, answer_document=document("7", "UBND-TH", WITHDRAWN_ON)
    )
    refused = await house.refused("AnswerExtension", answer)
    assert (refused.reason, refused.metadata["state"]) == ("WRONG_STATE", "WITHDRAWN")


@pytest.mark.rule("R23.1", "R7.2b")
async def test_a_withdrawn_task_without_limit_owes_no_further_updates(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(None)), on=at(ISSUED))
    await house.room.set_clock(at(WITHDRAWN_ON))
    await withdraw(house, name)
    await house.room.set_clock(at(date(2027, 1, 4)))
    clocks = await house.clocks(name)
    assert [(key, c.state, c.void_reason) for key, c in clocks.items()] == [
        (("R7.2b", "2026-06-30"), VOID, "TASK_WITHDRAWN")
    ]


@pytest.mark.rule("R23.1", "R7.3")
async def test_what_the_office_had_still_to_enter_for_the_agency_lapses_and_what_it_entered_stays(
    house: TasksHouse,
) -> None:
    """Today the entry itself starts the Office's limit and stops it; one that still runs is made here."""
    (name,) = await house.forward(directive(ISSUED, item(DUE, UNCONNECTED)), on=at(ISSUED))
    await house.room.set_clock(at(WITHDRAWN_ON))
    await house.call("EnterOnBehalf", pb.EnterOnBehalfRequest(
        name=name, done_date=to_date(ISSUED), summary="Đã xong",
        document=document("5", "BC-HCCB", ISSUED), receipt_date=to_date(ISSUED),
    ))  # fmt: skip
    (profile,) = load_profiles().installed
    rule = profile.limit_on(Duty.ENTER_ON_BEHALF)
    assert rule
    async with db.transaction(house.room.engine) as connection:
        work = UnitOfWork(connection, at(WITHDRAWN_ON))
        await ClockBook(load_profiles(), CalendarStore()).start(
            work, rule, profile, subject=name, owner=name, owed_by=OFFICE_SLUG,
            started_at=start_of(WITHDRAWN_ON), discriminator="2",
            cause=Cause(at(WITHDRAWN_ON), Act.WRITTEN_REPORT_RECEIVED, ""),
        )  # fmt: skip
        await work.flush()
    task = await withdraw(house, name)
    assert task.results[0].on_behalf
    listed = await house.room.call(
        DeadlineServiceStub, "GetCompliance", GetComplianceRequest(rule=rule.id)
    )
    assert (listed.total.met, listed.total.voided, listed.total.running) == (1, 1, 0)
    # The result came in time: that the task was withdrawn later changes nothing of it.
    assert (await house.clocks(name))["R5.1e", "2026-01-14"].state == MET


@pytest.mark.rule("R23.1")
async def test_a_directive_takes_its_tasks_with_it_except_those_that_are_confirmed(
    house: TasksHouse,
) -> None:
    made = directive(ISSUED, item(DUE, LEAD, "so-tu-phap"), item(None), number="374")
    first, other, unlimited = await house.forward(made, on=at(ISSUED))
    await house.accepted(first)
    await house.reported(first, ISSUED)
    confirmed = await house.call("ConfirmTask", pb.ConfirmTaskRequest(
        name=first, evaluation=task_pb2.Evaluation(
            progress=task_pb2.GRADE_GOOD, quality=task_pb2.GRADE_GOOD,
            effectiveness=task_pb2.GRADE_GOOD,
        ),
    ))  # fmt: skip
    # The news arrives a day late: in law it took place when the directive was withdrawn.
    await house.room.set_clock(at(date(2026, 1, 9)))
    successor = "directives/0a3f0b6e-7d3c-5a39-9a0e-0d6d5a6b8c11"
    assert await house.feed("DirectiveSuperseded", made.name, 4, withdrawn(made, successor))
    assert await house.task(first) == confirmed
    for name in (other, unlimited):
        task = await house.task(name)
        assert task.state == task_pb2.TASK_STATE_WITHDRAWN
        assert task.withdrawal.superseded_by == successor
        assert task.withdrawal.recorded_by == "chi-do"
        event = (await house.events(name))[-1]
        assert (event.type, event.occur_time) == ("TaskWithdrawn", to_timestamp(at(WITHDRAWN_ON)))
        for clock in (await house.clocks(name)).values():
            assert (clock.state, clock.void_reason) == (VOID, "TASK_WITHDRAWN")
            last = clock.ledger[-1]
            assert (last.time, last.actor) == (to_timestamp(at(WITHDRAWN_ON)), "chi-do")
    refused = await house.refused(
        "AcceptTask", pb.AcceptTaskRequest(name=other), lead("so-tu-phap")
    )
    assert refused.metadata["state"] == "WITHDRAWN"


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize("order", [(3, 4), (4, 3), (4, 4), (3, 4, 3, 4), (4,)])
async def test_in_whatever_order_the_news_arrive_the_task_ends_the_same(
    house: TasksHouse, order: tuple[int, ...]
) -> None:
    made = directive(ISSUED, item(DUE), item(None))
    made.forward_time.CopyFrom(to_timestamp(at(ISSUED)))
    names = [name for one in made.items for name in one.tasks]
    news = {3: ("DirectiveForwarded", made), 4: ("DirectiveWithdrawn", withdrawn(made))}
    await house.room.set_clock(at(WITHDRAWN_ON, 10))
    for version in order:
        type, data = news[version]
        await house.feed(type, made.name, version, data)
    for name in names:
        assert [event.type for event in await house.events(name)] == [
            "TaskForwarded", "TaskWithdrawn",
        ]  # fmt: skip
        task = await house.task(name)
        assert (task.state, task.etag) == (task_pb2.TASK_STATE_WITHDRAWN, "2")
        assert task.forward_time == made.forward_time
        clocks = await house.clocks(name)
        assert {clock.void_reason for clock in clocks.values()} == {"TASK_WITHDRAWN"}
    await house.room.set_clock(at(date(2026, 7, 2)))
    assert len(await house.clocks(names[1])) == 1


@pytest.mark.rule("R23.1")
async def test_a_directive_that_is_withdrawn_before_it_was_forwarded_gives_no_task(
    house: TasksHouse,
) -> None:
    made = directive(ISSUED, item(DUE))
    del made.items[0].tasks[:]
    await house.feed("DirectiveWithdrawn", made.name, 2, withdrawn(made))
    assert not (await house.call("ListTasks", pb.ListTasksRequest())).tasks


@pytest.mark.rule("R23.1")
async def test_a_task_that_was_withdrawn_before_its_directive_keeps_its_own_document(
    house: TasksHouse,
) -> None:
    made = directive(ISSUED, item(DUE))
    (name,) = await house.forward(made, on=at(ISSUED))
    own = await withdraw(house, name, document=document("80", "UBND-TH", ISSUED))
    await house.room.set_clock(at(WITHDRAWN_ON))
    await house.feed("DirectiveWithdrawn", made.name, 4, withdrawn(made))
    assert await house.task(name) == own


@pytest.mark.rule("R23.1", "R5.2dd")
async def test_of_a_classified_task_no_word_of_the_withdrawal_is_kept(house: TasksHouse) -> None:
    made = directive(ISSUED, item(DUE, LEAD, "so-tu-phap"), secrecy=document_pb2.SECRECY_SECRET)
    first, second = await house.forward(made, on=at(ISSUED))
    await house.room.set_clock(at(WITHDRAWN_ON))
    refused = await house.refused("WithdrawTask", pb.WithdrawTaskRequest(
        name=first, document=WITHDRAWING, reason=REASON
    ))  # fmt: skip
    assert (refused.reason, refused.fields) == ("CLASSIFIED_CONTENT", ["reason"])
    await withdraw(house, first, reason="")
    told = without_content(withdrawn(made), ClassifiedDirective())
    await house.feed("DirectiveWithdrawn", made.name, 4, told)
    for name in (first, second):
        task = await house.task(name)
        assert (task.state, task.withdrawal.reason) == (task_pb2.TASK_STATE_WITHDRAWN, "")
        assert task.withdrawal.document.number == "81"
        assert (await house.events(name))[-1].data.Is(ClassifiedTask.DESCRIPTOR)


@pytest.mark.rule("R23.1")
async def test_the_wrong_document_is_refused_by_its_field(house: TasksHouse) -> None:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(WITHDRAWN_ON))
    for fields, field in (
        ({"document": document("81", "UBND-TH", date(2026, 1, 4))}, "document.date"),
        ({"document": document("81", "UBND-TH", date(2026, 1, 9))}, "document.date"),
        ({"document": document("", "UBND-TH", ISSUED)}, "document.number"),
        ({"reason": ""}, "reason"),
    ):
        given = {"name": name, "document": WITHDRAWING, "reason": REASON, **fields}
        refused = await house.refused("WithdrawTask", pb.WithdrawTaskRequest(**given))
        assert refused.fields == [field]


@pytest.mark.rule("R23.1", "R25.2")
async def test_how_limits_were_kept_leaves_a_withdrawn_task_out_and_tells_the_past_as_before(
    house: TasksHouse,
) -> None:
    names = await house.forward(directive(ISSUED, item(DUE), item(DUE)), on=at(ISSUED))
    await house.room.set_clock(at(date(2026, 1, 20)))

    async def due(**fields: Any) -> Any:
        asked = GetComplianceRequest(rule="R5.1e", **fields)
        return await house.room.call(DeadlineServiceStub, "GetCompliance", asked)

    before = await due()
    assert (before.total.late, before.total.compliance.denominator) == (2, 2)
    overdue = pb.ListTasksRequest(timeliness=task_pb2.TIMELINESS_OVERDUE)
    assert len((await house.call("ListTasks", overdue)).tasks) == 2
    await house.room.set_clock(at(date(2026, 1, 21)))
    await withdraw(house, names[0])
    after = await due()
    assert (after.total.late, after.total.voided) == (1, 1)
    assert after.total.compliance.denominator == 1
    assert (await due(as_of_time=before.as_of_time)).total == before.total
    # Nobody is urged for it, and what was said of it until then was true.
    assert [t.name for t in (await house.call("ListTasks", overdue)).tasks] == [names[1]]
    clock = (await house.clocks(names[0]))["R5.1e", "2026-01-14"]
    assert "overdue" in [
        r.rung for r in clock.rungs if r.HasField("fired_time") and not r.HasField("revoke_time")
    ]


@pytest.mark.rule("R23.1")
async def test_a_returned_task_is_withdrawn_too_and_a_closed_one_is_not(house: TasksHouse) -> None:
    returned, closed = await house.forward(
        directive(ISSUED, item(DUE), item(DUE)), on=at(WITHDRAWN_ON)
    )
    await house.call("ReturnTask", pb.ReturnTaskRequest(
        name=returned, reason=task_pb2.RETURN_REASON_TASK_MISSING, words="Thiếu"
    ), lead())  # fmt: skip
    task = await withdraw(house, returned)
    assert task.state == task_pb2.TASK_STATE_WITHDRAWN
    assert {c.void_reason for c in (await house.clocks(returned)).values()} == {"TASK_RETURNED"}
    await house.accepted(closed)
    await house.reported(closed, ISSUED)
    grades = dict.fromkeys(("progress", "quality", "effectiveness"), task_pb2.GRADE_GOOD)
    evaluation = task_pb2.Evaluation(**grades)
    await house.call("ConfirmTask", pb.ConfirmTaskRequest(name=closed, evaluation=evaluation))
    await house.call("CloseTask", pb.CloseTaskRequest(name=closed))
    refused = await house.refused("WithdrawTask", pb.WithdrawTaskRequest(
        name=closed, document=WITHDRAWING, reason=REASON
    ))  # fmt: skip
    assert (refused.reason, refused.metadata["state"]) == ("WRONG_STATE", "CLOSED")


@pytest.mark.rule("R23.1")
async def test_the_trace_of_a_task_ends_with_its_withdrawal(house: TasksHouse) -> None:
    made = directive(ISSUED, item(DUE))
    (name,) = await house.forward(made, on=at(ISSUED))
    await house.accepted(name)
    await house.room.set_clock(at(date(2026, 1, 9)))
    await house.feed("DirectiveWithdrawn", made.name, 4, withdrawn(made))
    trace = await house.room.call(DeadlineServiceStub, "GetTrace", GetTraceRequest(name=name))
    over = to_timestamp(at(WITHDRAWN_ON))
    ends = {span.name: span.end_time for span in trace.spans}
    assert ends.keys() >= {"task", "round 1", "ACCEPTED", "R5.1e", "R7.2a"}
    # FORWARDED ended when the agency accepted; all else when the directive was withdrawn.
    assert {n: end for n, end in ends.items() if n != "FORWARDED"} == dict.fromkeys(
        ends.keys() - {"FORWARDED"}, over
    )


@pytest.mark.rule("R23.1")
async def test_a_task_that_waits_for_its_history_is_withdrawn_and_gets_none(
    house: TasksHouse,
) -> None:
    made = directive(ISSUED, item(DUE))
    made.cut_over_time.CopyFrom(to_timestamp(at(date(2026, 2, 2), 0)))
    (name,) = await house.forward(made, on=at(ISSUED))
    await house.room.set_clock(at(date(2026, 1, 9)))
    await house.feed("DirectiveWithdrawn", made.name, 4, withdrawn(made))
    assert (await house.task(name)).state == task_pb2.TASK_STATE_WITHDRAWN
    request = LoadTaskRequest(request_id=str(uuid.uuid4()), name=name)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.room.call(GoLiveServiceStub, "LoadTask", request)
    refused = refusal(error.value)
    assert (refused.reason, refused.metadata["state"]) == ("WRONG_STATE", "WITHDRAWN")
    assert await house.clocks(name) == {}
