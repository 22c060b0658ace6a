from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from profile_mistakes import OTHER, REAL, changed, line_of

from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.limits.domain.duedate import compute, intake_limit, last_day_to_ask_extension
from services.kernel.limits.domain.periods import spans_ending
from services.kernel.limits.domain.profile import (
    OURS,
    ClassifiedMode,
    Duty,
    Fact,
    Source,
    Unit,
    digest_of,
    is_locked,
    profile_for,
)
from services.kernel.limits.domain.profile_file import ProfileError, parse_profile, parse_profiles


def refusal(text: str) -> ProfileError:
    with pytest.raises(ProfileError) as refused:
        parse_profile(text, "profile.yaml")
    return refused.value


def test_the_regulation_is_valid_from_its_first_day_and_older_documents_have_no_profile():
    profiles = load_profiles()
    assert profiles.for_day(date(2019, 12, 20)) is None
    found = profiles.for_day(date(2019, 12, 21))
    assert found.id == "69/2019/QĐ-UBND"
    assert profile_for(date(2026, 11, 22), profiles.installed) is found
    assert profiles.pinned("69/2019/QĐ-UBND", 1) is found
    with pytest.raises(KeyError, match="not installed"):
        profiles.pinned("69/2019/QĐ-UBND", 2)


def test_reminders_are_named_as_ours_and_every_limit_has_an_article(profile):
    assert profile.ladders_basis == OURS
    assert all("Điều" in rule.article for rule in profile.limits)
    assert profile.limit_on(Duty.INTAKE) is profile.rule("R7.1")
    with pytest.raises(KeyError, match=r"R99"):
        profile.rule("R99")


@pytest.mark.rule("R5.2a")
def test_classified_tasks_are_redacted_and_returned_ones_do_not_count_as_incomplete(profile):
    assert profile.practice.classified is ClassifiedMode.REDACT
    assert not profile.practice.returned_counts_as_incomplete
    assert profile.practice.tasks_without_limit_tracked


def test_the_digest_follows_the_content_and_not_the_layout(profile):
    assert len(profile.digest) == 64
    assert parse_profile("# a comment\n\n" + REAL, "copy").digest == profile.digest
    longer = changed("length: 2\n", "length: 3\n")
    assert parse_profile(longer, "copy").digest != profile.digest
    assert digest_of(replace(profile, digest="")) == profile.digest


def test_tracking_tasks_without_limit_needs_a_limit_on_their_updates():
    begin, end = REAL.index("  - id: R7.2b"), REAL.index("  - id: R6.2c")
    told = [str(complaint) for complaint in refusal(REAL[:begin] + REAL[end:]).complaints]
    assert any("PERIODIC_UPDATE is missing" in one for one in told)
    assert any("no limit uses the ladder periodic_update" in one for one in told)


def test_all_mistakes_are_told_at_once_in_their_order():
    text = changed("length: 2\n", "length: two\n", changed("version: 1", "version: 0"))
    told = refusal(text).complaints
    assert [complaint.line for complaint in told] == [
        line_of("version: 0", text),
        line_of("length: two", text),
    ]
    assert str(refusal(text)).count("\n") == 1


@pytest.mark.parametrize("text", ["", "- a\n- list", "id: [", "id: *nothing", "just words", "\x00"])
def test_what_is_no_profile_at_all_is_refused_and_nothing_else_is_raised(text):
    assert refusal(text).complaints[0].file == "profile.yaml"


def test_validities_that_overlap_are_refused_in_the_later_file():
    early = changed("valid_from: 2030-01-01", "valid_from: 2025-01-01", OTHER)
    with pytest.raises(ProfileError) as refused:
        parse_profiles({"other.yaml": early, "real.yaml": REAL})
    (complaint,) = refused.value.complaints
    assert (complaint.file, complaint.line) == ("other.yaml", line_of("valid_from", early))
    assert "overlaps that of 69/2019/QĐ-UBND" in complaint.message.en


def test_the_same_version_of_a_regulation_is_not_installed_twice():
    first = changed("valid_to: null", "valid_to: 2025-06-30")
    second = changed("valid_from: 2019-12-21", "valid_from: 2025-07-01")
    with pytest.raises(ProfileError, match="version 1 is there twice"):
        parse_profiles({"a.yaml": first, "b.yaml": second})


def test_several_profiles_each_answer_for_their_own_days(tmp_path):
    (tmp_path / "b.yaml").write_text(changed("valid_to: null", "valid_to: 2029-12-31"), "utf-8")
    (tmp_path / "a.yaml").write_text(OTHER, "utf-8")
    profiles = load_profiles(tmp_path)
    days = [date(2019, 12, 20), date(2029, 12, 31), date(2030, 1, 1), date(2035, 1, 1)]
    found = [profiles.for_day(day) for day in days]
    assert [profile and profile.id for profile in found] == [
        None,
        "69/2019/QĐ-UBND",
        "01/2030/QĐ-GIẢ",
        None,
    ]


def test_a_folder_without_profiles_is_refused(tmp_path):
    with pytest.raises(ProfileError, match="there is no profile"):
        load_profiles(tmp_path)


def test_another_province_needs_another_file_and_no_other_code(calendar):
    other = parse_profile(OTHER, "other.yaml")
    intake = other.limit_on(Duty.INTAKE)
    started = datetime(2024, 6, 14, 16, tzinfo=LOCAL)  # a Friday
    lengths = {
        facts: intake_limit(intake, facts)
        for facts in (
            frozenset(),
            frozenset({Fact.SEVERAL_TASKS}),
            frozenset({Fact.SEVERAL_TASKS, Fact.EXPRESS}),
        )
    }
    ends = [
        compute(intake, other, calendar, started_at=started, length_ground=length.ground).due_at
        for length in lengths.values()
    ]
    assert [(length.length, length.unit) for length in lengths.values()] == [
        (24, Unit.HOURS),
        (3, Unit.WORKING_DAYS),
        (2, Unit.HOURS),
    ]
    assert ends == [
        started + timedelta(hours=24),
        datetime(2024, 6, 20, tzinfo=LOCAL),
        started + timedelta(hours=2),
    ]
    # Calendar days, and a due date that stays on its Sunday.
    assert last_day_to_ask_extension(other, date(2024, 6, 16), calendar) == date(2024, 6, 11)
    report = other.limit_on(Duty.AGENCY_REPORT)
    (span,) = spans_ending(report.period, date(2024, 1, 1), date(2024, 12, 31))
    assert compute(report, other, calendar, stated_due=span.last_day).last_day == date(2024, 12, 16)
    assert other.limit_on(Duty.PERIODIC_UPDATE) is None
    assert other.extensions.maximum == 2
    assert not is_locked(["CENTRAL_MINISTRY"], other.extensions)
    assert Source.ORAL_CONCLUSION in other.practice.sources
    codes = [level.code for level in other.practice.assignee_levels]
    assert codes[3:5] == ["COMMUNE", "VILLAGE"]
