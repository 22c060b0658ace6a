"""A directive can be withdrawn, or superseded by another one; all that was recorded of it stays."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.limits.v1 import clock_pb2
from dondoc.type.v1 import document_pb2

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import from_timestamp, to_date
from tests.fixtures.house import StartService
from tests.fixtures.ports import held_port
from tests.integration.directives.directives_house import (
    ISSUED,
    Intake,
    changing,
    directive,
    furnish,
    secret,
)

MONDAY = datetime(2020, 7, 6, 10, tzinfo=LOCAL)
TODAY = MONDAY.date()
STATES = directive_pb2.DirectiveState
REASON = "Không còn phù hợp"


def document(day: date = TODAY, **fields: Any) -> document_pb2.DocumentRef:
    given = {"number": "402", "symbol": "UBND-VXNV", "date": to_date(day), **fields}
    return document_pb2.DocumentRef(**given)


async def withdrawn(intake: Intake, entered: Any, **fields: Any) -> Any:
    await intake.room.set_clock(MONDAY)
    given = {"document": document(), "reason": REASON, **fields}
    return await intake.change("WithdrawDirective", entered, **given)


@pytest.mark.rule("R23.1", "R7.1")
async def test_a_directive_that_is_withdrawn_before_its_forwarding_owes_the_office_nothing_more(
    intake: Intake,
) -> None:
    entered = await intake.enter()
    after = await withdrawn(intake, entered)
    assert after.state == STATES.DIRECTIVE_STATE_WITHDRAWN
    assert (after.withdrawal.document, after.withdrawal.reason) == (document(), REASON)
    assert from_timestamp(after.withdrawal.withdraw_time) == MONDAY
    assert after.withdrawal.recorded_by
    assert not after.withdrawal.superseded_by
    assert not after.HasField("intake_limit")
    [clock] = await intake.clocks(entered.name)
    assert (clock.state, clock.void_reason) == (clock_pb2.CLOCK_STATE_VOID, "DIRECTIVE_WITHDRAWN")
    assert clock.ledger[-1].document == "402/UBND-VXNV"
    assert await intake.get(entered.name) == after
    types = [type for type, _ in await intake.events(entered.name)]
    assert types == ["DirectiveEntered", "DirectiveWithdrawn"]


@pytest.mark.rule("R23.1", "R7.1")
async def test_a_directive_is_superseded_by_another_that_was_entered(intake: Intake) -> None:
    entered = await intake.enter()
    successor = await intake.enter(directive(number="402"))
    after = await withdrawn(intake, entered, superseded_by=successor.name)
    assert after.state == STATES.DIRECTIVE_STATE_SUPERSEDED
    assert after.withdrawal.superseded_by == successor.name
    [clock] = await intake.clocks(entered.name)
    assert (clock.state, clock.void_reason) == (clock_pb2.CLOCK_STATE_VOID, "DIRECTIVE_SUPERSEDED")
    [running] = await intake.clocks(successor.name)
    assert running.state == clock_pb2.CLOCK_STATE_RUNNING
    types = [type for type, _ in await intake.events(entered.name)]
    assert types == ["DirectiveEntered", "DirectiveSuperseded"]
    # What takes its place must stand: the two cannot replace each other.
    back = changing(
        "WithdrawDirective", successor,
        document=document(), reason=REASON, superseded_by=entered.name,
    )  # fmt: skip
    refusal = await intake.refused("WithdrawDirective", back)
    assert refusal.fields == {"superseded_by": "SUCCESSOR_WITHDRAWN"}


@pytest.mark.rule("R23.1")
async def test_two_that_would_replace_each_other_at_once_do_not(intake: Intake) -> None:
    one, other = await intake.enter(), await intake.enter(directive(number="402"))
    await intake.room.set_clock(MONDAY)
    answers = await asyncio.gather(
        *(
            intake.change(
                "WithdrawDirective", gone, document=document(), reason=REASON,
                superseded_by=stays.name,
            )
            for gone, stays in ((one, other), (other, one))
        ),
        return_exceptions=True,
    )  # fmt: skip
    [refused] = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert refused.code() in (grpc.StatusCode.ABORTED, grpc.StatusCode.INVALID_ARGUMENT)
    states = {(await intake.get(found.name)).state for found in (one, other)}
    assert states == {STATES.DIRECTIVE_STATE_ENTERED, STATES.DIRECTIVE_STATE_SUPERSEDED}


@pytest.mark.rule("R23.1", "R7.1")
@pytest.mark.parametrize(
    ("method", "state", "void_reason"),
    [
        ("ForwardDirective", clock_pb2.CLOCK_STATE_MET, ""),
        ("RecordNoTask", clock_pb2.CLOCK_STATE_VOID, "NO_TASK_RECORDED"),
    ],
)
async def test_what_the_office_had_done_with_it_before_stays_as_it_was(
    intake: Intake, method: str, state: int, void_reason: str
) -> None:
    before = await intake.change(method, await intake.enter())
    after = await withdrawn(intake, before)
    assert after.state == STATES.DIRECTIVE_STATE_WITHDRAWN
    assert (after.items, after.forward_time) == (before.items, before.forward_time)
    [clock] = await intake.clocks(before.name)
    assert (clock.state, clock.void_reason) == (state, void_reason)


@pytest.mark.rule("R23.1")
async def test_it_is_withdrawn_once_and_for_good_and_a_repeated_call_gives_the_first_answer(
    intake: Intake,
) -> None:
    entered = await intake.enter()
    request = changing("WithdrawDirective", entered, document=document(ISSUED), reason=REASON)
    after = await intake.call("WithdrawDirective", request)
    assert await intake.call("WithdrawDirective", request) == after
    assert len(await intake.events(entered.name)) == 2
    for method in ("WithdrawDirective", "ForwardDirective", "RecordNoTask"):
        fields = {"document": document(ISSUED), "reason": REASON}
        again = changing(method, after, **(fields if method == "WithdrawDirective" else {}))
        refusal = await intake.refused(method, again)
        assert (refusal.code, refusal.reason, refusal.metadata) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "WRONG_STATE",
            {"state": "WITHDRAWN", "allowed": ""},
        )
    # The same document entered again is still the one that was withdrawn.
    assert (await intake.enter()).name == entered.name


@pytest.mark.rule("R23.1")
async def test_its_document_its_reason_and_its_successor_are_held_to_the_rules(
    intake: Intake,
) -> None:
    entered = await intake.enter()
    older = await intake.enter(directive(number="300", issue_date=to_date(date(2020, 7, 2))))
    nobody = "directives/00000000-0000-0000-0000-000000000000"
    for fields, wrong in (
        ({"document": document(date(2020, 7, 2))}, {"document.date": "DATE_OUT_OF_RANGE"}),
        ({"document": document(date(2020, 7, 4))}, {"document.date": "DATE_OUT_OF_RANGE"}),
        ({"document": document(ISSUED, symbol="")}, {"document.symbol": "DOCUMENT_INCOMPLETE"}),
        ({"reason": ""}, {"reason": "WORDS_NEEDED"}),
        ({"superseded_by": nobody}, {"superseded_by": "UNKNOWN_DIRECTIVE"}),
        ({"superseded_by": entered.name}, {"superseded_by": "ITSELF"}),
        ({"superseded_by": older.name}, {"superseded_by": "ISSUED_BEFORE"}),
    ):
        given = {"document": document(ISSUED), "reason": REASON, **fields}
        request = changing("WithdrawDirective", entered, **given)
        refusal = await intake.refused("WithdrawDirective", request)
        assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, wrong)
    assert await intake.get(entered.name) == entered


@pytest.mark.rule("R23.1", "R5.2dd")
async def test_a_classified_directive_is_withdrawn_without_a_word(intake: Intake) -> None:
    entered = await intake.enter(secret())
    for fields in ({"reason": REASON}, {"document": document(ISSUED, title="Tên văn bản")}):
        given = {"document": document(ISSUED), **fields}
        request = changing("WithdrawDirective", entered, **given)
        refusal = await intake.refused("WithdrawDirective", request)
        assert set(refusal.fields.values()) == {"CLASSIFIED_CONTENT"}
    after = await withdrawn(intake, entered, reason="")
    (_, data) = (await intake.events(entered.name))[-1]
    told = ClassifiedDirective()
    assert data.Unpack(told)  # type: ignore[attr-defined]
    assert told.state == STATES.DIRECTIVE_STATE_WITHDRAWN
    assert told.withdrawal.document.number == "402"
    assert told.withdrawal.withdraw_time == after.withdrawal.withdraw_time


@pytest.mark.rule("R23.1")
async def test_withdrawn_directives_are_listed_by_their_state(intake: Intake) -> None:
    entered = await intake.enter()
    await intake.enter(directive(number="375"))
    await withdrawn(intake, entered)
    for state, names in (
        (STATES.DIRECTIVE_STATE_WITHDRAWN, [entered.name]),
        (STATES.DIRECTIVE_STATE_SUPERSEDED, []),
    ):
        listed = await intake.call("ListDirectives", pb.ListDirectivesRequest(state=state))
        assert [found.name for found in listed.directives] == names


@pytest.mark.rule("R23.1", "R7.1")
async def test_a_trace_is_sent_when_the_part_of_the_office_ends_and_not_anew_by_a_withdrawal(
    start_service: StartService,
) -> None:
    """The receiver is away, so what is to be sent stays to be seen."""
    with held_port() as port:
        intake = await furnish(
            await start_service(
                "directives", otlp_endpoint=f"http://127.0.0.1:{port}", otlp_protocol="http"
            )
        )

        async def waiting(name: str) -> int:
            [(count,)] = await intake.rows(
                f"SELECT count(*) FROM trace_outbox WHERE subject = '{name}'"
            )
            return int(count)

        forwarded = await intake.change("ForwardDirective", await intake.enter())
        sent = await waiting(forwarded.name)
        assert sent > 0
        await withdrawn(intake, forwarded)
        assert await waiting(forwarded.name) == sent
        entered = await intake.enter(directive(number="375"))
        assert await waiting(entered.name) == 0
        await withdrawn(intake, entered)
        assert await waiting(entered.name) > 0
