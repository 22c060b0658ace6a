"""What a document lacked is filled in as long as it stands, and nothing known is changed by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

import pytest

from services.directives.domain.directive import (
    MOST_ITEMS,
    Directive,
    Item,
    Limit,
    LimitClass,
    Refused,
    State,
)
from services.directives.domain.gaps import gaps_of
from services.directives.domain.supplement import (
    ItemSupplement,
    ResolvedCoordinator,
    Supplement,
    supplement,
)

NOW, DUE = datetime(2020, 7, 6, 3, tzinfo=UTC), date(2020, 8, 3)
WORDS = "Các đơn vị liên quan"
LACKING = Item(
    1, ("so-y-te",), Limit(LimitClass.WITH_LIMIT), coordinating=("so-noi-vu",),
    unresolved_coordinators=("Cơ quan X", WORDS),
)  # fmt: skip
ENTERED = Directive(
    id=UUID(int=1), kind="LETTER", number="374", symbol="UBND-VXNV", issue_date=date(2020, 7, 3),
    issuing_authority="CHAIRMAN", entered_at=NOW, items=(LACKING,),
)  # fmt: skip
FULL = Supplement(
    abstract="Về việc báo cáo",
    signer="Ai",
    submitting_agency="so-noi-vu",
    monitoring_agency="van-phong-ubnd-tinh",
    of_items=(
        ItemSupplement(
            1,
            content="Báo cáo",
            coordinators=(
                ResolvedCoordinator(WORDS, ("so-noi-vu", "so-tai-chinh")),
                ResolvedCoordinator("Cơ quan X", ("so-tu-phap",)),
            ),
            due_date=DUE,
            purpose="REPORT",
        ),
    ),
)


def forwarded(directive: Directive = ENTERED) -> Directive:
    return directive.forward(
        NOW, {key: uuid5(directive.id, str(key)) for key in directive.assignments()}
    )


def no_task(directive: Directive = ENTERED) -> Directive:
    return directive.record_no_task()


def refused(directive: Directive, said: Supplement) -> Refused:
    with pytest.raises(Refused) as caught:
        supplement(directive, said)
    return caught.value


@pytest.mark.rule("R5.1a", "R5.1b", "R5.1c", "R5.1d", "R5.1dd", "R5.1e")
@pytest.mark.parametrize("before", [ENTERED, forwarded(), no_task()], ids=lambda d: d.state)
def test_every_gap_is_filled_whatever_has_become_of_the_directive(before: Directive) -> None:
    assert len(gaps_of(before)) == 8
    after = supplement(before, FULL)
    assert gaps_of(after) == ()
    assert (after.state, after.version) == (before.state, before.version + 1)
    (item,) = after.items
    assert item.content == "Báo cáo"
    # In the order in which they were named, each once; the tasks stay.
    assert item.coordinating == ("so-noi-vu", "so-tai-chinh", "so-tu-phap")
    assert (item.limit.due_date, item.limit.purpose) == (DUE, "REPORT")
    assert item.tasks == before.items[0].tasks


@pytest.mark.parametrize("before", [ENTERED, forwarded(), no_task()], ids=lambda d: d.state)
def test_the_same_supplement_again_has_nothing_new_or_names_who_is_resolved(
    before: Directive,
) -> None:
    after = supplement(before, FULL)
    assert refused(after, FULL).reason == "NO_SUCH_COORDINATOR"
    (of_item,) = FULL.of_items
    again = replace(FULL, of_items=(replace(of_item, coordinators=()),))
    assert refused(after, again).reason == "NOTHING_NEW"
    assert refused(before, Supplement()).reason == "NOTHING_NEW"
    assert refused(before, Supplement(of_items=(ItemSupplement(1),))).reason == "NOTHING_NEW"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Supplement(signer="Ai khác", other_information="Mới"), "signer"),
        (Supplement(of_items=(ItemSupplement(1, content="Khác"),)), "item_supplements[0].content"),
        (
            Supplement(of_items=(ItemSupplement(1, due_date=date(2020, 8, 4)),)),
            "item_supplements[0].due_date",
        ),
        (
            Supplement(of_items=(ItemSupplement(1, purpose="SUBMIT"),)),
            "item_supplements[0].purpose",
        ),
    ],
)
def test_a_supplement_never_changes_what_is_known(said: Supplement, field: str) -> None:
    known = supplement(ENTERED, FULL)
    error = refused(known, said)
    assert (error.reason, error.metadata) == ("ALREADY_KNOWN", {"field": field})


def test_a_document_without_urgency_is_not_one_of_another_urgency() -> None:
    urgent = supplement(ENTERED, Supplement(urgency="URGENT"))
    assert refused(urgent, Supplement(urgency="NONE")).reason == "ALREADY_KNOWN"
    assert refused(ENTERED, Supplement(urgency="NONE")).reason == "NOTHING_NEW"


@pytest.mark.rule("R4", "R5.1e")
def test_a_date_that_is_found_makes_a_limit_of_an_item_that_was_not_classified() -> None:
    """As at the entry; else it could not be forwarded for want of a class."""
    unclassified = replace(ENTERED, items=(replace(LACKING, limit=Limit()),))
    after = supplement(unclassified, Supplement(of_items=(ItemSupplement(1, due_date=DUE),)))
    assert after.items[0].limit.limit_class is LimitClass.WITH_LIMIT
    assert forwarded(after).state is State.FORWARDED


def test_an_item_or_a_coordinator_that_is_not_there_is_refused() -> None:
    assert refused(ENTERED, Supplement(of_items=(ItemSupplement(2, "B"),))).reason == "NO_SUCH_ITEM"
    assert refused(ENTERED, Supplement(of_items=(ItemSupplement(0, "B"),))).reason == "NO_SUCH_ITEM"
    stranger = ResolvedCoordinator("Cơ quan Y", ("so-tu-phap",))
    error = refused(ENTERED, Supplement(of_items=(ItemSupplement(1, coordinators=(stranger,)),)))
    assert (error.reason, error.metadata["ordinal"]) == ("NO_SUCH_COORDINATOR", "1")
    # What the document says is content, and no refusal repeats it.
    assert "Cơ quan Y" not in f"{error.vi} {error.en} {error.metadata}"


@pytest.mark.rule("R6.1a")
@pytest.mark.parametrize("before", [forwarded(), no_task()], ids=lambda d: d.state)
def test_once_it_was_dealt_with_no_item_is_added(before: Directive) -> None:
    assert refused(before, Supplement(items=(LACKING,))).reason == "ITEMS_AFTER_FORWARDING"


@pytest.mark.rule("R7.1")
@pytest.mark.parametrize("before", [forwarded(), no_task()], ids=lambda d: d.state)
@pytest.mark.parametrize(
    ("said", "field"),
    [(Supplement(urgency="EXPRESS"), "urgency"), (Supplement(issued_at=NOW), "issue_time")],
)
def test_what_decides_an_intake_limit_that_has_ended_comes_too_late(
    before: Directive, said: Supplement, field: str
) -> None:
    error = refused(before, said)
    assert (error.reason, error.metadata) == ("LIMIT_ENDED", {"field": field})


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.SUPERSEDED])
def test_nobody_fills_in_what_a_withdrawn_directive_lacked(state: State) -> None:
    assert refused(replace(ENTERED, state=state), FULL).reason == "WRONG_STATE"


def test_items_of_a_supplement_follow_those_that_are_there() -> None:
    after = supplement(ENTERED, Supplement(items=(LACKING, replace(LACKING, ordinal=2))))
    assert [item.ordinal for item in after.items] == [1, 2, 3]


def test_a_directive_holds_two_hundred_items_and_no_more() -> None:
    full = replace(ENTERED, items=tuple(replace(LACKING, ordinal=n + 1) for n in range(MOST_ITEMS)))
    assert refused(full, Supplement(items=(LACKING,))).reason == "TOO_MANY_ITEMS"
