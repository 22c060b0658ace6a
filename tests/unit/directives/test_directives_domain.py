"""A directive as an aggregate: keys, gaps, transitions, the facts of khoản 1 Điều 7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.directives.domain import entry_rules, intake, withdrawal_rules
from services.directives.domain.directive import (
    TRANSITIONS,
    Action,
    Attachment,
    Directive,
    Item,
    Limit,
    LimitClass,
    State,
    Withdrawal,
    WrongState,
)
from services.directives.domain.document_key import key_of
from services.directives.domain.gaps import gaps_of
from services.directives.domain.supplement import Supplement, supplement
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.profile import Duty, Fact

NOW = datetime(2020, 7, 6, 3, tzinfo=UTC)
ISSUED = date(2020, 7, 3)
WITHOUT = Limit(LimitClass.WITHOUT_LIMIT)
WITH = Limit(LimitClass.WITH_LIMIT, date(2020, 8, 3), "SUBMIT")
ENTERED = Directive(
    id=UUID(int=1),
    kind="LETTER",
    number="374",
    symbol="UBND-VXNV",
    issue_date=ISSUED,
    issuing_authority="CHAIRMAN",
    entered_at=NOW,
)


def item(*leads: str, ordinal: int = 1, limit: Limit = WITHOUT, **fields: object) -> Item:
    return Item(ordinal, leads or ("so-y-te",), limit, **fields)  # type: ignore[arg-type]


def with_items(*items: Item) -> Directive:
    return replace(ENTERED, items=items)


def withdrawal(**fields: Any) -> Withdrawal:
    document = Attachment(number="402", symbol="UBND-VXNV", date=date(2020, 7, 6))
    given = {"document": document, "reason": "Không còn phù hợp", "at": NOW, "by": "chi-do"}
    return Withdrawal(**{**given, **fields})


def forwarded(directive: Directive) -> Directive:
    tasks = {key: uuid5(directive.id, str(key)) for key in directive.assignments()}
    return directive.forward(NOW, tasks)


ACTIONS: dict[Action, Callable[[Directive], Directive]] = {
    Action.SUPPLEMENT: lambda d: supplement(d, Supplement(signer="Ai")),
    Action.CLASSIFY_ITEM: lambda d: d.classify(1, WITH),
    Action.RECORD_CONSULTATION: lambda d: d.consult(["so-noi-vu"]),
    Action.FORWARD: forwarded,
    Action.RECORD_NO_TASK: lambda d: d.record_no_task(),
    Action.WITHDRAW: lambda d: d.withdraw(withdrawal()),
    Action.SUPERSEDE: lambda d: d.withdraw(withdrawal(superseded_by=UUID(int=2))),
}
ALLOWED = {
    (State.ENTERED, Action.SUPPLEMENT): State.ENTERED,
    (State.FORWARDED, Action.SUPPLEMENT): State.FORWARDED,
    (State.NO_TASK, Action.SUPPLEMENT): State.NO_TASK,
    (State.ENTERED, Action.CLASSIFY_ITEM): State.ENTERED,
    (State.ENTERED, Action.RECORD_CONSULTATION): State.ENTERED,
    (State.ENTERED, Action.FORWARD): State.FORWARDED,
    (State.ENTERED, Action.RECORD_NO_TASK): State.NO_TASK,
    # Whatever it has led to; but not twice.
    (State.ENTERED, Action.WITHDRAW): State.WITHDRAWN,
    (State.FORWARDED, Action.WITHDRAW): State.WITHDRAWN,
    (State.NO_TASK, Action.WITHDRAW): State.WITHDRAWN,
    (State.ENTERED, Action.SUPERSEDE): State.SUPERSEDED,
    (State.FORWARDED, Action.SUPERSEDE): State.SUPERSEDED,
    (State.NO_TASK, Action.SUPERSEDE): State.SUPERSEDED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_each_action_leads_where_it_should_or_names_the_state_and_what_is_allowed(
    state: State, action: Action
) -> None:
    directive = replace(with_items(item()), state=state)
    if (state, action) in ALLOWED:
        after = ACTIONS[action](directive)
        assert (after.state, after.version) == (ALLOWED[state, action], 2)
        return
    with pytest.raises(WrongState) as refused:
        ACTIONS[action](directive)
    assert refused.value.metadata == {"state": state, "allowed": ", ".join(TRANSITIONS[state])}


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize("secrecy", ["NONE", "SECRET"])
@pytest.mark.parametrize(
    ("fields", "reason", "wrong"),
    [
        ({}, "Không còn phù hợp", []),
        ({"date": ISSUED}, "Không còn phù hợp", []),
        ({"date": date(2020, 7, 2)}, "Không còn phù hợp", ["document.date"]),
        ({"date": date(2020, 7, 7)}, "Không còn phù hợp", ["document.date"]),
        ({"date": None}, "Không còn phù hợp", ["document.date"]),
        ({"number": "", "symbol": ""}, "Không còn phù hợp", ["document.number", "document.symbol"]),
        ({}, " ", ["reason"]),
    ],
)
def test_a_directive_is_withdrawn_by_a_document_of_its_time_and_for_a_reason(
    secrecy: str, fields: dict[str, Any], reason: str, wrong: list[str]
) -> None:
    """Of a classified one no reason is asked: there is no place for it."""
    said = withdrawal(reason=reason)
    said = replace(said, document=replace(said.document, **fields))
    found = withdrawal_rules.wrong_in(replace(ENTERED, secrecy=secrecy), said, date(2020, 7, 6))
    expected = [field for field in wrong if field != "reason" or secrecy == "NONE"]
    assert [one.field for one in found] == expected


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"state": State.FORWARDED, "issue_date": date(2020, 7, 6)}, None),
        ({"id": ENTERED.id}, "ITSELF"),
        ({"state": State.WITHDRAWN}, "SUCCESSOR_WITHDRAWN"),
        ({"state": State.SUPERSEDED}, "SUCCESSOR_WITHDRAWN"),
        ({"issue_date": date(2020, 7, 2)}, "ISSUED_BEFORE"),
    ],
)
def test_what_takes_the_place_of_a_directive_stands_itself_and_is_not_older(
    changes: dict[str, Any], reason: str | None
) -> None:
    successor = replace(ENTERED, **{"id": UUID(int=2), **changes})
    found = list(withdrawal_rules.wrong_successor(ENTERED, successor))
    assert [one.reason for one in found] == ([reason] if reason else [])
    assert {one.field for one in found} <= {"superseded_by"}


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize(
    ("number", "symbol"),
    [
        ("374", "UBND-VXNV"),
        ("0374", "ubnd-vxnv"),
        (" 374 ", "UBND - VXNV"),
        ("374", "UBND–VXNV"),
    ],
)
def test_one_document_has_one_key_however_it_is_written(number: str, symbol: str) -> None:
    assert key_of(number, symbol, 2020) == "374/2020/UBND-VXNV"


@pytest.mark.rule("R23.1")
def test_an_eth_is_a_dd_in_a_symbol() -> None:
    assert key_of("69", "Q\u00d0-UBND", 2019) == key_of("69", "QĐ-UBND", 2019)


def test_other_numbers_symbols_and_years_are_other_documents() -> None:
    keys = {
        key_of("374", "UBND-VXNV", 2020),
        key_of("374a", "UBND-VXNV", 2020),
        key_of("374", "UBND-KTTH", 2020),
        key_of("374", "UBND-VXNV", 2021),
        key_of("2020", "UBND-VXNV", 374),
        key_of("374", "UBND-VXNV", 2020, normative=True),
    }
    assert len(keys) == 6


def test_normative_documents_print_the_year() -> None:
    assert ENTERED.document_code == "374/UBND-VXNV"
    regulation = replace(ENTERED, number="69", symbol="QĐ-UBND", normative=True)
    assert regulation.document_code == "69/2020/QĐ-UBND"


@pytest.mark.rule("R5.1a", "R5.1b", "R5.1c", "R5.1d", "R5.1dd", "R5.1e", "R4")
def test_gaps_are_what_the_first_clause_asks_and_nobody_knows() -> None:
    directive = with_items(
        item(),
        item(ordinal=2, limit=Limit(), content="Báo cáo"),
        item(
            ordinal=3,
            limit=Limit(LimitClass.WITH_LIMIT),
            content="Báo cáo",
            unresolved_coordinators=("Các ngành",),
        ),
    )
    assert [(gap.field, gap.article) for gap in gaps_of(directive)] == [
        ("abstract", "điểm a khoản 1 Điều 5"),
        ("signer", "điểm a khoản 1 Điều 5"),
        ("submitting_agency", "điểm b khoản 1 Điều 5"),
        ("monitoring_agency", "điểm d khoản 1 Điều 5"),
        ("items[0].content", "điểm đ khoản 1 Điều 5"),
        ("items[1].limit.limit_class", "Điều 4"),
        ("items[2].unresolved_coordinators", "điểm c khoản 1 Điều 5"),
        ("items[2].limit.due_date", "điểm e khoản 1 Điều 5"),
        ("items[2].limit.purpose", "điểm e khoản 1 Điều 5"),
    ]


@pytest.mark.rule("R5.2a", "R5.2dd", "R5.2e")
def test_a_classified_directive_has_no_gap_of_content() -> None:
    secret = replace(
        with_items(item(limit=Limit(LimitClass.WITH_LIMIT, date(2020, 8, 3)))),
        secrecy="SECRET",
        signer="Ai",
        submitting_agency="so-noi-vu",
        monitoring_agency="van-phong-ubnd-tinh",
    )
    assert gaps_of(secret) == ()


def test_a_withdrawn_directive_lacks_nothing_any_more() -> None:
    directive = with_items(item())
    assert gaps_of(directive)
    assert gaps_of(directive.withdraw(withdrawal())) == ()


@pytest.mark.rule("R6.1a")
def test_each_lead_of_each_item_gets_a_task_of_its_own() -> None:
    after = forwarded(with_items(item("so-y-te", "so-noi-vu"), item("so-y-te", ordinal=2)))
    tasks = [task for i in after.items for task in i.tasks]
    assert [len(i.tasks) for i in after.items] == [2, 1]
    assert len(set(tasks)) == 3
    assert after.forwarded_at == NOW


@pytest.mark.rule("R7.1")
@pytest.mark.parametrize(
    ("directive", "facts"),
    [
        (with_items(item()), set()),
        (with_items(item(), item(ordinal=2)), {Fact.SEVERAL_TASKS}),
        (with_items(item("a", "b")), {Fact.SEVERAL_TASKS, Fact.SEVERAL_AGENCIES}),
        (with_items(item("a", coordinating=("b",))), {Fact.SEVERAL_AGENCIES}),
        (with_items(item("a", coordinating=("a",))), set()),
        (with_items(item("a", concerned=("b",))), set()),
        (replace(with_items(item()), consulted=("a",)), set()),
        (replace(with_items(item()), consulted=("a", "b")), {Fact.SEVERAL_OPINIONS}),
        (replace(with_items(item()), urgency="EXPRESS"), {Fact.EXPRESS}),
    ],
)
def test_the_facts_of_the_intake_limit_are_derived(directive: Directive, facts: set[Fact]) -> None:
    assert intake.facts_of(directive) == facts


@pytest.mark.rule("R7.1")
def test_every_ground_that_makes_the_limit_longer_is_told() -> None:
    profile = load_profiles().for_day(ISSUED)
    assert profile is not None
    rule = profile.limit_on(Duty.INTAKE)
    assert rule is not None
    facts = {Fact.SEVERAL_OPINIONS, Fact.SEVERAL_TASKS, Fact.EXPRESS}
    assert intake.ground_of(rule, facts) == "SEVERAL_TASKS"
    assert intake.grounds_of(rule, facts) == ("SEVERAL_TASKS", "OPINIONS_ASKED")
    # Ninh Thuận's regulation does not shorten the limit of an express document.
    assert intake.grounds_of(rule, {Fact.EXPRESS}) == ()


@pytest.mark.rule("R7.1")
def test_the_intake_limit_counts_from_the_day_of_issue_in_the_provinces_own_time() -> None:
    profile = load_profiles().for_day(ISSUED)
    rule = profile and profile.limit_on(Duty.INTAKE)
    assert rule is not None
    start = intake.starts_at(replace(with_items(item()), issued_at=NOW), rule, "SEVERAL_TASKS")
    assert start.isoformat() == "2020-07-03T00:00:00+07:00"


@pytest.mark.rule("R4")
def test_a_due_date_makes_a_limit_said_or_not() -> None:
    assert entry_rules.derived(Limit(due_date=date(2020, 8, 3))).limit_class == "WITH_LIMIT"
    assert entry_rules.derived(Limit()).limit_class == "UNSPECIFIED"


@pytest.mark.rule("R4", "R5.1e")
@pytest.mark.parametrize(
    ("limit", "wrong"),
    [
        (WITH, []),
        (WITHOUT, []),
        (Limit(LimitClass.WITH_LIMIT, ISSUED), []),
        (Limit(LimitClass.WITH_LIMIT, date(2020, 7, 2)), [("due_date", "BEFORE_ISSUE")]),
        (Limit(LimitClass.WITH_LIMIT, date(1970, 1, 1)), [("due_date", "EMPTY_DATE")]),
        (
            Limit(LimitClass.WITHOUT_LIMIT, date(2020, 8, 3)),
            [("due_date", "DATE_WITHOUT_LIMIT")],
        ),
        (Limit(LimitClass.WITHOUT_LIMIT, cadence="MONTHLY"), []),
        (replace(WITH, cadence="MONTHLY"), [("cadence", "CADENCE_WITH_LIMIT")]),
        (Limit(cadence="MONTHLY"), [("cadence", "CADENCE_WITH_LIMIT")]),
    ],
)
def test_a_limit_that_cannot_be_is_named(limit: Limit, wrong: list[tuple[str, str]]) -> None:
    found = entry_rules.wrong_limit(limit, ISSUED, "")
    assert [(w.field, w.reason) for w in found] == wrong


@pytest.mark.rule("R3.4")
@pytest.mark.parametrize("way", ["SHARED_SYSTEM", "EDXML", "SPREADSHEET", "OFFICE"])
@pytest.mark.parametrize("secrecy", ["NONE", "CONFIDENTIAL", "SECRET", "TOP_SECRET"])
def test_the_document_management_system_carries_nothing_classified(way: str, secrecy: str) -> None:
    wrong = list(entry_rules.not_carried(secrecy, way, "directive."))
    refused = secrecy != "NONE" and way != "OFFICE"
    assert [w.field for w in wrong] == (["directive.secrecy"] if refused else [])


@pytest.mark.rule("R3.4")
def test_of_the_shared_system_it_is_known_how_a_document_came_in() -> None:
    assert entry_rules.intake_of("OFFICE", by_shared_system=True) == "SHARED_SYSTEM"
    assert entry_rules.intake_of("UNSPECIFIED", by_shared_system=False) == "OFFICE"
    assert entry_rules.intake_of("EDXML", by_shared_system=False) == "EDXML"
