"""Intake by a regulation that goes by hours and urgency, and leaves classified directives out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.directives.domain import entry_rules, intake, regulation_rules
from services.directives.domain.directive import Directive, Item, Refused
from services.directives.domain.supplement import Supplement, supplement
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.profile import Duty, Fact, Profile
from services.kernel.limits.domain.profile_file import parse_profile
from tests.fixtures.regulations import FICTITIOUS

ISSUED = date(2030, 3, 8)
AT = datetime(2030, 3, 8, 9, 30, tzinfo=UTC)  # 16:30 in Asia/Ho_Chi_Minh
ENTERED = Directive(
    id=UUID(int=1), kind="LETTER", number="12", symbol="UBND-TH", issue_date=ISSUED,
    issuing_authority="CHAIRMAN", entered_at=AT, items=(Item(1, ("so-y-te",)),),
)  # fmt: skip


@pytest.fixture(scope="module")
def other() -> Profile:
    return parse_profile(FICTITIOUS.read_text("utf-8"), FICTITIOUS.name)


@pytest.mark.parametrize(
    ("urgency", "items", "ground"),
    [
        ("NONE", 1, ""),
        ("URGENT", 1, Fact.URGENT),
        ("VERY_URGENT", 1, Fact.VERY_URGENT),
        ("EXPRESS", 2, Fact.EXPRESS),
        ("NONE", 2, Fact.SEVERAL_TASKS),
    ],
)
@pytest.mark.rule("R7.1")
def test_the_urgency_chooses_the_length(
    other: Profile, urgency: str, items: int, ground: str
) -> None:
    rule = other.limit_on(Duty.INTAKE)
    assert rule is not None
    several = tuple(Item(n, ("so-y-te",)) for n in range(1, items + 1))
    directive = replace(ENTERED, urgency=urgency, items=several)
    assert intake.ground_of(rule, intake.facts_of(directive)) == ground


@pytest.mark.rule("R7.1")
def test_hours_count_from_the_instant_of_issue_and_without_one_from_the_end_of_its_day(
    other: Profile,
) -> None:
    rule = other.limit_on(Duty.INTAKE)
    assert rule is not None
    assert intake.starts_at(replace(ENTERED, issued_at=AT), rule, "") == AT
    assert intake.starts_at(ENTERED, rule, Fact.EXPRESS).isoformat() == "2030-03-09T00:00:00+07:00"
    # One of its lengths is in working days: those count from the day.
    start = intake.starts_at(replace(ENTERED, issued_at=AT), rule, Fact.SEVERAL_TASKS)
    assert start.isoformat() == "2030-03-08T00:00:00+07:00"


def test_the_instant_of_issue_lies_on_its_day_and_is_not_to_come() -> None:
    def wrong(issued_at: datetime | None) -> list[str]:
        found = entry_rules.wrong_instant(issued_at, ISSUED, AT, "issue_time")
        return [one.reason for one in found]

    assert wrong(None) == wrong(AT) == []
    assert wrong(AT.replace(day=9)) == ["NOT_ON_ISSUE_DATE"]
    # 18:00 UTC is the next day already in the province.
    assert wrong(AT.replace(day=7, hour=18)) == []
    assert wrong(AT.replace(hour=18)) == ["NOT_ON_ISSUE_DATE"]
    assert wrong(AT.replace(hour=10)) == ["IN_THE_FUTURE"]


def test_an_urgency_and_an_instant_that_were_not_known_are_supplemented_once() -> None:
    after = supplement(ENTERED, Supplement(urgency="EXPRESS", issued_at=AT))
    assert (after.urgency, after.issued_at) == ("EXPRESS", AT)
    with pytest.raises(Refused) as refused:
        supplement(after, Supplement(urgency="URGENT"))
    assert (refused.value.reason, refused.value.metadata) == (
        "ALREADY_KNOWN", {"field": "urgency"},
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        supplement(ENTERED, Supplement(urgency="NONE"))
    assert refused.value.reason == "NOTHING_NEW"


@pytest.mark.parametrize(
    ("changes", "field", "reason", "article"),
    [
        ({"issuing_authority": "PEOPLES_COMMITTEE"}, "issuing_authority",
         "AUTHORITY_NOT_ASSIGNING", "khoản 1 Điều 2"),
        ({"secrecy": "SECRET"}, "secrecy", "CLASSIFIED_EXCLUDED", "khoản 4 Điều 2"),
    ],
)  # fmt: skip
def test_what_the_regulation_leaves_out_is_refused_with_its_article(
    other: Profile, changes: dict[str, str], field: str, reason: str, article: str
) -> None:
    directive = replace(ENTERED, **changes)  # type: ignore[arg-type]
    (wrong,) = regulation_rules.outside(other, directive, "directive.")
    assert (wrong.field, wrong.reason) == (f"directive.{field}", reason)
    for told in (wrong.vi, wrong.en):
        assert told.endswith(f"({article}, 01/2030/QĐ-GIẢ)")


def test_the_same_directive_may_be_what_one_regulation_tracks_and_the_other_does_not(
    other: Profile,
) -> None:
    (real,) = load_profiles().installed
    oral = replace(ENTERED, source="ORAL_CONCLUSION")
    secret = replace(ENTERED, secrecy="SECRET", issuing_authority="PEOPLES_COMMITTEE")
    assert not list(regulation_rules.outside(other, oral, ""))
    assert [w.reason for w in regulation_rules.outside(real, oral, "")] == ["SOURCE_NOT_TRACKED"]
    assert not list(regulation_rules.outside(real, secret, ""))
    assert len(list(regulation_rules.outside(other, secret, ""))) == 2
    # Before the first profile there is nothing that could refuse it.
    assert not list(regulation_rules.outside(None, secret, ""))
