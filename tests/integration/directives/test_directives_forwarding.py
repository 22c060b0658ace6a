"""From an entered directive to tasks: gaps filled, items classified, opinions asked, forwarded."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.limits.v1 import clock_pb2
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime import ids
from services.kernel.runtime.protos import from_date, from_timestamp, to_date
from tests.integration.directives.directives_house import (
    FINANCE,
    HEALTH,
    HOME,
    ISSUED,
    OFFICE,
    Intake,
    changing,
    directive,
    item,
)

BY_TUESDAY, BY_TUESDAY_AFTER = date(2020, 7, 7), date(2020, 7, 14)


def limit_of(entered: directive_pb2.Directive) -> tuple[int, list[str], date]:
    limit = entered.intake_limit
    return limit.working_days, list(limit.grounds), from_date(limit.last_day, "last_day")


@pytest.mark.rule("R7.1")
@pytest.mark.parametrize(
    ("items", "days", "grounds", "last_day"),
    [
        ([item()], 2, [], BY_TUESDAY),
        ([item(), item()], 7, ["SEVERAL_TASKS"], BY_TUESDAY_AFTER),
        ([item(coordinating_agencies=[HOME])], 7, ["SEVERAL_AGENCIES"], BY_TUESDAY_AFTER),
        ([item(HEALTH, HOME)], 7, ["SEVERAL_TASKS", "SEVERAL_AGENCIES"], BY_TUESDAY_AFTER),
        ([item(concerned_agencies=[HOME])], 2, [], BY_TUESDAY),
    ],
)
async def test_the_intake_limit_is_two_or_seven_working_days_and_tells_why(
    intake: Intake, items: list[object], days: int, grounds: list[str], last_day: date
) -> None:
    entered = await intake.enter(directive(items=items))
    assert limit_of(entered) == (days, grounds, last_day)
    [clock] = await intake.clocks(entered.name)
    assert (clock.name, clock.rule, clock.owed_by) == (
        entered.intake_limit.clock,
        "R7.1",
        OFFICE,
    )
    assert from_timestamp(clock.start_time) == datetime(2020, 7, 3, tzinfo=LOCAL)


@pytest.mark.rule("R7.1")
async def test_asking_several_bodies_for_their_opinion_moves_the_intake_clock(
    intake: Intake,
) -> None:
    entered = await intake.enter()
    one = await intake.change("RecordConsultation", entered, consulted_agencies=[HOME])
    assert limit_of(one) == (2, [], BY_TUESDAY)
    two = await intake.change("RecordConsultation", one, consulted_agencies=[FINANCE, HOME])
    assert list(two.consulted_agencies) == [HOME, FINANCE]
    assert limit_of(two) == (7, ["OPINIONS_ASKED"], BY_TUESDAY_AFTER)
    [clock] = await intake.clocks(entered.name)
    assert [(entry.kind, entry.ground) for entry in clock.ledger] == [
        ("STARTED", "DIRECTIVE_ISSUED"),
        ("MOVED", "FACTS"),
    ]
    again = await intake.refused(
        "RecordConsultation", changing("RecordConsultation", two, consulted_agencies=[HOME])
    )
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_NEW")


@pytest.mark.rule("R7.1")
async def test_further_items_move_the_intake_clock(intake: Intake) -> None:
    entered = await intake.enter()
    filled = await intake.change("SupplementDirective", entered, items=[item(HEALTH)])
    assert limit_of(filled) == (7, ["SEVERAL_TASKS"], BY_TUESDAY_AFTER)
    assert [i.ordinal for i in filled.items] == [1, 2]


@pytest.mark.rule("R7.1", "R5.1dd")
async def test_the_intake_clock_waits_for_the_first_item_and_then_counts_from_the_issue(
    intake: Intake,
) -> None:
    entered = await intake.enter(directive(items=[]))
    assert not entered.HasField("intake_limit")
    assert await intake.clocks(entered.name) == []
    await intake.room.set_clock(datetime(2020, 7, 6, 10, tzinfo=LOCAL))
    filled = await intake.change("SupplementDirective", entered, items=[item()])
    assert limit_of(filled) == (2, [], BY_TUESDAY)


@pytest.mark.rule("R7.1", "R6.1a")
async def test_forwarding_stops_the_intake_clock_at_that_instant(intake: Intake) -> None:
    entered = await intake.enter()
    now = datetime(2020, 7, 6, 10, tzinfo=LOCAL)
    await intake.room.set_clock(now)
    forwarded = await intake.change("ForwardDirective", entered)
    assert from_timestamp(forwarded.forward_time) == now
    [clock] = await intake.clocks(entered.name)
    assert clock.state == clock_pb2.CLOCK_STATE_MET
    assert from_timestamp(clock.act_time) == now
    assert limit_of(forwarded) == (2, [], BY_TUESDAY)  # what applied stays to be seen


@pytest.mark.rule("R7.1")
async def test_a_directive_forwarded_after_the_limit_met_it_late(intake: Intake) -> None:
    entered = await intake.enter()
    await intake.room.set_clock(datetime(2020, 7, 8, tzinfo=LOCAL))  # the first late instant
    await intake.change("ForwardDirective", entered)
    [clock] = await intake.clocks(entered.name)
    assert clock.state == clock_pb2.CLOCK_STATE_MET_LATE


@pytest.mark.rule("R7.1", "R3.1")
async def test_a_directive_that_gives_no_task_ends_its_clock_without_a_breach(
    intake: Intake,
) -> None:
    entered = await intake.enter()
    ended = await intake.change("RecordNoTask", entered)
    assert ended.state == directive_pb2.DIRECTIVE_STATE_NO_TASK
    assert not ended.HasField("intake_limit")
    [clock] = await intake.clocks(entered.name)
    assert (clock.state, clock.void_reason) == (clock_pb2.CLOCK_STATE_VOID, "NO_TASK_RECORDED")


@pytest.mark.rule("R7.1")
async def test_a_document_older_than_the_regulation_is_entered_without_a_clock(
    intake: Intake,
) -> None:
    entered = await intake.enter(directive(issue_date=to_date(date(2019, 12, 20))))
    assert not entered.HasField("intake_limit")
    forwarded = await intake.change("ForwardDirective", entered)
    assert forwarded.state == directive_pb2.DIRECTIVE_STATE_FORWARDED
    assert await intake.clocks(entered.name) == []


@pytest.mark.rule("R6.1a")
async def test_forwarding_mints_one_task_for_each_item_and_lead(intake: Intake) -> None:
    entered = await intake.enter(directive(items=[item(HEALTH, HOME), item(HEALTH)]))
    forwarded = await intake.change("ForwardDirective", entered)
    of = UUID(entered.name.removeprefix("directives/"))

    def task(ordinal: int, lead: str) -> str:
        return f"tasks/{ids.derived('task', of, ordinal, lead)}"

    assert [list(i.tasks) for i in forwarded.items] == [
        [task(1, "so-y-te"), task(1, "so-noi-vu")],
        [task(2, "so-y-te")],
    ]
    assert await intake.get(entered.name) == forwarded


@pytest.mark.rule("R6.1a")
async def test_a_directive_without_items_cannot_be_forwarded(intake: Intake) -> None:
    entered = await intake.enter(directive(items=[]))
    refusal = await intake.refused("ForwardDirective", changing("ForwardDirective", entered))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_ITEMS")


@pytest.mark.rule("R4", "R6.1a")
async def test_each_item_is_classified_before_it_is_forwarded(intake: Intake) -> None:
    entered = await intake.enter(directive(items=[item(), item(limit=None)]))
    assert "items[1].limit.limit_class" in [gap.field for gap in entered.gaps]
    refusal = await intake.refused("ForwardDirective", changing("ForwardDirective", entered))
    assert (refusal.reason, refusal.metadata) == ("UNCLASSIFIED_ITEM", {"ordinal": "2"})
    limit = limit_pb2.TaskLimit(due_date=to_date(date(2020, 8, 3)))
    classified = await intake.change("ClassifyItem", entered, ordinal=2, limit=limit)
    assert classified.items[1].limit.limit_class == limit_pb2.LIMIT_CLASS_WITH_LIMIT
    forwarded = await intake.change("ForwardDirective", classified)
    assert forwarded.state == directive_pb2.DIRECTIVE_STATE_FORWARDED


@pytest.mark.rule("R4", "R5.1e")
async def test_a_limit_given_in_words_only_stays_words_and_is_a_gap(intake: Intake) -> None:
    entered = await intake.enter(directive(items=[item(limit=None)]))
    limit = limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT)
    classified = await intake.change(
        "ClassifyItem", entered, ordinal=1, limit=limit, limit_in_words="ngay sau khi xả lũ"
    )
    assert classified.items[0].limit_in_words == "ngay sau khi xả lũ"
    assert not classified.items[0].limit.HasField("due_date")
    assert ("items[0].limit.due_date", "điểm e khoản 1 Điều 5") in [
        (gap.field, gap.article) for gap in classified.gaps
    ]


async def test_a_classification_must_say_which_and_for_which_item(intake: Intake) -> None:
    entered = await intake.enter(directive(items=[item(limit=None)]))
    nothing = changing("ClassifyItem", entered, ordinal=1, limit=limit_pb2.TaskLimit())
    refusal = await intake.refused("ClassifyItem", nothing)
    assert refusal.fields == {"limit.limit_class": "NOT_CLASSIFIED"}
    limit = limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITHOUT_LIMIT)
    other = changing("ClassifyItem", entered, ordinal=2, limit=limit)
    refusal = await intake.refused("ClassifyItem", other)
    assert (refusal.reason, refusal.metadata) == ("NO_SUCH_ITEM", {"ordinal": "2"})


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("SupplementDirective", {"signer": "Ai"}),
        (
            "ClassifyItem",
            {
                "ordinal": 1,
                "limit": limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT),
            },
        ),
        ("RecordConsultation", {"consulted_agencies": [HOME]}),
        ("ForwardDirective", {}),
        ("RecordNoTask", {}),
        (
            "WithdrawDirective",
            {
                "document": document_pb2.DocumentRef(
                    number="402", symbol="UBND-VXNV", date=to_date(ISSUED)
                ),
                "reason": "Không còn phù hợp",
            },
        ),
    ],
)
async def test_each_change_is_one_event_and_is_aborted_on_a_stale_version(
    intake: Intake, method: str, fields: dict[str, object]
) -> None:
    entered = await intake.enter()
    stale = changing(method, entered, **{**fields, "etag": "7"})
    refusal = await intake.refused(method, stale)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE")
    assert await intake.get(entered.name) == entered
    changed = await intake.change(method, entered, **fields)
    events = await intake.events(entered.name)
    assert len(events) == 2
    told = directive_pb2.Directive()
    assert events[1][1].Unpack(told)  # type: ignore[attr-defined]
    assert told == changed
    assert changed.etag == "2"
    [(action,)] = await intake.rows("SELECT action FROM audit ORDER BY position DESC LIMIT 1")
    assert action == method


async def test_what_is_forwarded_stays_forwarded_and_the_error_names_the_state(
    intake: Intake,
) -> None:
    entered = await intake.enter()
    forwarded = await intake.change("ForwardDirective", entered)
    refusal = await intake.refused("RecordNoTask", changing("RecordNoTask", forwarded))
    assert (refusal.code, refusal.reason, refusal.metadata) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "WRONG_STATE",
        {"state": "FORWARDED", "allowed": "SUPPLEMENT, WITHDRAW, SUPERSEDE"},
    )
    assert "FORWARDED" in refusal.vietnamese
