"""What a decision must contain (khoản 3 Điều 15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.inspections.domain.inspection import (
    DecidedBy,
    DocumentRef,
    Inspection,
    Kind,
    Member,
    Secrecy,
    State,
    flaws,
    highest,
)

TODAY = date(2024, 5, 20)
WHOLE = Inspection(
    id=uuid4(),
    version=1,
    state=State.DECIDED,
    secrecy=Secrecy.NONE,
    kind=Kind.AD_HOC,
    decided_by=DecidedBy.CHAIRMAN,
    decision=DocumentRef("45", "QĐ-UBND", TODAY),
    legal_basis="Quy chế 69/2019",
    scope="Nhiệm vụ quý I",
    subjects=("so-y-te",),
    tasks=("tasks/1",),
    content="Việc cập nhật kết quả",
    start=TODAY,
    end=TODAY,
    team=(Member("Nguyễn Văn A", "van-phong", True), Member("Trần Thị B", "so-noi-vu", False)),
    decided_at=datetime(2024, 5, 20, tzinfo=UTC),
)


def fields(inspection: Inspection) -> list[str]:
    return [flaw.field for flaw in flaws(inspection, TODAY)]


@pytest.mark.rule("R15.3")
def test_a_whole_decision_has_no_flaw() -> None:
    assert fields(WHOLE) == []


@pytest.mark.rule("R15.3")
@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"legal_basis": " "}, "legal_basis"),
        ({"scope": ""}, "scope"),
        ({"subjects": ()}, "subject_agencies"),
        ({"tasks": ()}, "tasks"),
        ({"content": ""}, "content"),
        ({"end": date(2024, 5, 19)}, "end_date"),
        ({"team": ()}, "team"),
        ({"decision": DocumentRef("", "QĐ-UBND", TODAY)}, "decision.number"),
        ({"decision": DocumentRef("45", "", TODAY)}, "decision.symbol"),
        ({"decision": DocumentRef("45", "QĐ-UBND", None)}, "decision.date"),
        ({"decision": DocumentRef("45", "QĐ-UBND", date(2024, 5, 21))}, "decision.date"),
    ],
)
def test_each_content_of_a_decision_is_needed(missing: dict[str, Any], named: str) -> None:
    assert fields(replace(WHOLE, **missing)) == [named]


@pytest.mark.rule("R14.1", "R14.2")
@pytest.mark.parametrize("kind", Kind)
def test_a_regular_and_an_ad_hoc_inspection_both_state_their_ground(kind: Kind) -> None:
    assert fields(replace(WHOLE, kind=kind, legal_basis="")) == ["legal_basis"]


@pytest.mark.rule("R16.1")
@pytest.mark.parametrize("leaders", [(False, False), (True, True)])
def test_exactly_one_member_leads_the_team(leaders: tuple[bool, bool]) -> None:
    team = tuple(replace(m, leader=lead) for m, lead in zip(WHOLE.team, leaders, strict=True))
    assert fields(replace(WHOLE, team=team)) == ["team"]


def test_a_member_is_named_once_and_by_letters() -> None:
    twice = (*WHOLE.team, replace(WHOLE.team[0], leader=False), Member("  ", "so-a", False))
    assert fields(replace(WHOLE, team=twice)) == ["team[2].person", "team[3].person"]


def test_all_flaws_are_told_at_once() -> None:
    assert fields(replace(WHOLE, scope="", content="", team=())) == ["scope", "content", "team"]


@pytest.mark.rule("R5.2dd")
def test_no_words_are_asked_of_a_classified_decision() -> None:
    classified = replace(WHOLE, secrecy=Secrecy.SECRET, legal_basis="", scope="", content="")
    assert fields(classified) == []


def test_the_highest_secrecy_of_the_tasks_is_that_of_the_inspection() -> None:
    assert highest([]) is Secrecy.NONE
    assert highest([Secrecy.NONE, Secrecy.TOP_SECRET, Secrecy.SECRET]) is Secrecy.TOP_SECRET
    assert highest([Secrecy.CONFIDENTIAL, Secrecy.NONE]) is Secrecy.CONFIDENTIAL
