"""What a directive lacked, filled in before and after it was forwarded, over gRPC."""

from __future__ import annotations

from datetime import date
from typing import Any

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.type.v1 import limit_pb2

from services.kernel.runtime.protos import to_date
from tests.integration.directives.directives_house import (
    FINANCE,
    HEALTH,
    HOME,
    OFFICE,
    Intake,
    changing,
    directive,
    item,
    secret,
)

DUE = date(2020, 8, 3)


def lacking() -> directive_pb2.DirectiveItem:
    """With a limit in words alone, and coordinators that name nobody in the directory."""
    return item(
        content="",
        limit=limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT),
        limit_in_words="sau khi có kết quả",
        coordinating_agencies=[HOME],
        unresolved_coordinators=["Cơ quan X", "Các đơn vị liên quan"],
    )


def of_item(**fields: Any) -> pb.ItemSupplement:
    return pb.ItemSupplement(ordinal=1, **fields)


FULL = of_item(
    content="Báo cáo tình hình",
    coordinators=[
        pb.ResolvedCoordinator(as_written="Cơ quan X", agencies=[FINANCE]),
        pb.ResolvedCoordinator(as_written="Các đơn vị liên quan", agencies=[HOME, OFFICE]),
    ],
    due_date=to_date(DUE),
    purpose=limit_pb2.LIMIT_PURPOSE_REPORT,
)


@pytest.mark.rule("R5.1a", "R5.1b", "R5.1d")
async def test_a_supplement_fills_gaps_and_changes_nothing_known(intake: Intake) -> None:
    entered = await intake.enter(directive(abstract="Về việc báo cáo"))
    filled = await intake.change(
        "SupplementDirective", entered,
        abstract="Về việc báo cáo", signer="Lưu Xuân Vĩnh", submitting_agency=HOME,
        monitoring_agency=OFFICE,
    )  # fmt: skip
    assert list(filled.gaps) == []
    assert (filled.signer, filled.submitting_agency) == ("Lưu Xuân Vĩnh", HOME)
    other = changing("SupplementDirective", filled, abstract="Một trích yếu khác")
    refusal = await intake.refused("SupplementDirective", other)
    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "ALREADY_KNOWN",
    )
    assert refusal.metadata == {"field": "abstract"}
    assert await intake.get(entered.name) == filled
    assert {tuple(row) for row in await intake.rows("SELECT agency, part FROM party")} == {
        ("so-noi-vu", "SUBMITTING"),
        ("van-phong-ubnd-tinh", "MONITORING"),
    }


async def test_items_of_a_supplement_are_held_to_the_same_rules(intake: Intake) -> None:
    entered = await intake.enter()
    late = limit_pb2.TaskLimit(due_date=to_date(date(2020, 7, 2)))
    refusal = await intake.refused(
        "SupplementDirective", changing("SupplementDirective", entered, items=[item(limit=late)])
    )
    assert refusal.fields == {"items[0].limit.due_date": "BEFORE_ISSUE"}
    stranger = changing("SupplementDirective", entered, items=[item("agencies/la")])
    refusal = await intake.refused("SupplementDirective", stranger)
    assert refusal.fields == {"items[0].lead_agencies[0]": "UNKNOWN_AGENCY"}


@pytest.mark.rule("R5.1c", "R5.1dd", "R5.1e")
@pytest.mark.parametrize("forwarded", [False, True])
async def test_gaps_of_items_are_filled_before_and_after_they_became_tasks(
    intake: Intake, forwarded: bool
) -> None:
    before = await intake.enter(directive(items=[lacking(), item(HOME)]))
    if forwarded:
        before = await intake.change("ForwardDirective", before)
    filled = await intake.change("SupplementDirective", before, item_supplements=[FULL])
    assert [gap.field for gap in filled.gaps if gap.field.startswith("items[0]")] == []
    assert filled.state == before.state
    first, second = filled.items
    assert (first.content, first.limit.due_date) == ("Báo cáo tình hình", to_date(DUE))
    assert list(first.coordinating_agencies) == [HOME, FINANCE, OFFICE]
    assert list(first.unresolved_coordinators) == []
    assert first.limit_in_words == "sau khi có kết quả"
    assert (first.tasks, second) == (before.items[0].tasks, before.items[1])
    assert await intake.get(before.name) == filled
    (*_, (event, data)) = await intake.events(before.name)
    assert event == "DirectiveSupplemented"
    told = directive_pb2.Directive()
    assert data.Unpack(told)
    assert told.items[0] == first


@pytest.mark.rule("R7.1")
async def test_a_supplement_after_forwarding_leaves_the_limit_of_the_office_as_it_was(
    intake: Intake,
) -> None:
    entered = await intake.enter(directive(items=[lacking()]))
    forwarded = await intake.change("ForwardDirective", entered)
    before = await intake.clocks(entered.name)
    # More agencies would have made it 7 working days.
    filled = await intake.change("SupplementDirective", forwarded, item_supplements=[FULL])
    assert filled.intake_limit == forwarded.intake_limit
    assert await intake.clocks(entered.name) == before


async def test_after_forwarding_no_item_is_added_and_nothing_of_it_stays(intake: Intake) -> None:
    forwarded = await intake.change("ForwardDirective", await intake.enter())
    more = changing("SupplementDirective", forwarded, signer="Ai", items=[item(HEALTH)])
    refusal = await intake.refused("SupplementDirective", more)
    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "ITEMS_AFTER_FORWARDING",
    )
    assert "văn bản mới" in refusal.vietnamese
    assert await intake.get(forwarded.name) == forwarded


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        (
            of_item(due_date=to_date(date(2020, 7, 2))),
            "item_supplements[0].due_date",
            "BEFORE_ISSUE",
        ),
        (
            of_item(due_date=to_date(date(1970, 1, 1))),
            "item_supplements[0].due_date",
            "EMPTY_DATE",
        ),
        (
            of_item(
                coordinators=[
                    pb.ResolvedCoordinator(as_written="Cơ quan X", agencies=[HOME, "agencies/la"])
                ]
            ),
            "item_supplements[0].coordinators[0].agencies[1]",
            "UNKNOWN_AGENCY",
        ),
    ],
)
async def test_what_fills_a_gap_is_held_to_the_rules_of_entry(
    intake: Intake, said: pb.ItemSupplement, field: str, reason: str
) -> None:
    entered = await intake.enter(directive(items=[lacking()]))
    request = changing("SupplementDirective", entered, item_supplements=[said])
    refusal = await intake.refused("SupplementDirective", request)
    assert refusal.fields == {field: reason}
    assert await intake.get(entered.name) == entered


@pytest.mark.rule("R4")
async def test_a_task_without_limit_gets_no_due_date_by_a_supplement(intake: Intake) -> None:
    entered = await intake.enter()
    dated = changing(
        "SupplementDirective", entered, item_supplements=[of_item(due_date=to_date(DUE))]
    )
    refusal = await intake.refused("SupplementDirective", dated)
    assert refusal.fields == {"item_supplements[0].due_date": "DATE_WITHOUT_LIMIT"}


@pytest.mark.rule("R5.2dd", "R5.2e")
async def test_of_a_classified_item_the_date_is_filled_in_and_no_content(intake: Intake) -> None:
    without = directive_pb2.DirectiveItem(
        lead_agencies=[HEALTH],
        limit=limit_pb2.TaskLimit(limit_class=limit_pb2.LIMIT_CLASS_WITH_LIMIT),
    )
    entered = await intake.enter(secret(items=[without]))
    worded = changing("SupplementDirective", entered, item_supplements=[FULL])
    refusal = await intake.refused("SupplementDirective", worded)
    assert set(refusal.fields.values()) == {"CLASSIFIED_CONTENT"}
    assert set(refusal.fields) == {
        "item_supplements[0].content",
        "item_supplements[0].coordinators[0].as_written",
        "item_supplements[0].coordinators[1].as_written",
    }
    dated = await intake.change(
        "SupplementDirective", entered, item_supplements=[of_item(due_date=to_date(DUE))]
    )
    assert dated.items[0].limit.due_date == to_date(DUE)
