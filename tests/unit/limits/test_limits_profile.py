from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.kernel.limits.adapters.profile_files import SHIPPED, load_profiles
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
from tests.fixtures.regulations import FICTITIOUS

REAL = (SHIPPED / "69-2019-qd-ubnd.yaml").read_text("utf-8")
OTHER = FICTITIOUS.read_text("utf-8")


def changed(old: str, new: str, text: str = REAL) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


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


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("    ladder: intake\n", "    laddder: intake\n", "laddder", "unknown key laddder"),
        ("legal_basis: khoản 1 Điều 7", "legal_basis:", "legal_basis:\n", "lacks legal_basis"),
        ("legal_basis: khoản 1 Điều 7", f"legal_basis: {OURS}", "legal_basis: none, ours\n    owed",
         "no limit"),
        ("before: 06-20", "before: 06-31", "before: 06-31", "not a date (month-day) of every"),
        ("before: 06-20", "before: 02-29", "before: 02-29", "not a date (month-day) of every"),
        ("before: 06-20", "before: 20/6", "before: 20/6", "not a date (month-day) of every"),
        ("label: year, before", "label: half-year, before", "dates:\n", "the same label"),
        ("{cadence: QUARTER}", "{cadence: FORTNIGHT}", "cadence: FORTNIGHT", "cannot be FORTNIGHT"),
        ("{cadence: QUARTER}", "{cadence: QUARTER, weeks: 2}", "cadence: QUARTER", "unknown key"),
        ("anchor: 2020-01-10", "anchor: null", "anchor: null", "needs the date it counts from"),
        ("weeks: 2,", "weeks: 0,", "weeks: 0", "whole number from 1"),
        ("length: 2\n", "length: two\n", "length: two", "whole number from 0"),
        ("length: 2\n", "length: 0\n", "length: 0\n", "must have a length"),
        ("length: 0\n", "length: 4\n", "length: 4\n", "must be 0"),
        ("unit: WORKING_DAYS", "unit: MOONS", "unit: MOONS", "cannot be MOONS"),
        ("stop: [DIRECTIVE_FORWARDED]", "stop: [FORWARDED]", "stop: [FORW", "cannot be FORWARDED"),
        ("stop: [DIRECTIVE_FORWARDED]", "stop: []", "stop: []", "list with entries"),
        ("  - id: R5.1e", "  - id: R7.1", "  - id: R7.1\n    duty: TASK", "R7.1 is there twice"),
        ("duty: TASK", "duty: INTAKE", "duty: INTAKE\n    name: {", "already set on INTAKE"),
        ("ladder: task", "ladder: nowhere", "ladder: nowhere", "no ladder nowhere"),
        ("ladder: task\n", "ladder: task\n    ladder: task\n", "ladder: task\n\n", "twice"),
        ("when: SEVERAL_AGENCIES", "when: SEVERAL_TASKS", "alternatives:", "two alternatives"),
        ("valid_to: null", "valid_to: 2019-12-20", "valid_to", "ends before it begins"),
        ("valid_from: 2019-12-21", "valid_from: 21/12/2019", "valid_from", "must be a date"),
        ("valid_from: 2019-12-21\n", "", "id: 69", "lacks valid_from"),
        ("valid_from: 2019-12-21", "valid_from: null", "valid_from", "first day of validity"),
        ("results_published: true", "results_published: yes", "results_published", "true or false"),
        ("reminders:\n  legal_basis: none, ours\n", "reminders:\n", "  channels",
         "lacks legal_basis"),
        ("    classified: khoản 2 Điều 5\n", "", "    assigning_authorities: khoản 1",
         "lacks classified (an article, or: none, ours)"),
        ("- level: OTHER", "- level: OFFICE", "- level: OFFICE\n      name: {vi: \"Cá",
         "OFFICE is there twice"),
        ("- level: OTHER", "- level: other", "- level: other", "no code of a level"),
        ("{name: due_soon, before: 5,", "{name: due_soon, before: 5, after: 1,", "{name: due_soon",
         "either"),
        ("{name: overdue_5,", "{name: overdue,", "      steps:\n        # Two", "the same name"),
        ("name: due_soon, before: 5,", "name: due_soon, before: 5, unit: CALENDAR_DAYS,",
         "{name: due_soon", "WORKING_DAYS or HOURS"),
        ("    - name: update\n", "    - name: task\n", "  ladders:", "two ladders"),
        ("practice:", "practise:", "practise:", "unknown key practise"),
        ("version: 1", "version: [1]", "version: [1]", "single value"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_file_and_line(old, new, at, message):
    text = changed(old, new)
    told = [str(complaint) for complaint in refusal(text).complaints]
    place = f"profile.yaml:{line_of(at, text)}: "
    assert any(one.startswith(place) and message in one for one in told), told


@pytest.mark.parametrize(
    ("rule", "old", "new", "message"),
    [
        ("R6.2c", "roll: NONE", "roll: NEXT_WORKING_DAY", "counted back does not roll"),
        ("R6.2c", "roll: NONE", "roll: NONE\n    ladder: task", "no reminders"),
        ("R6.2c", "LEGAL_END", "START", "counted back from a start"),
        ("R6.1d", "roll: NONE", "roll: NEXT_WORKING_DAY", "would pass the cap"),
        ("R7.2a", "length: 3", "length: 3\n    cap: DAY_BEFORE_DUE", "has a cap"),
        ("R7.2a", "unit: WORKING_DAYS", "unit: HOURS", "from the instant of a start"),
        ("R7.3", "length: 3", "length: 3\n    period: {cadence: MONTH}", "must be STATED_DUE"),
    ],
)
def test_values_that_do_not_go_together_are_refused_at_their_limit(rule, old, new, message):
    begin = REAL.index(f"  - id: {rule}\n")
    text = REAL[:begin] + changed(old, new, REAL[begin:])
    told = refusal(text).complaints
    assert any(message in complaint.message for complaint in told), told
    for complaint in told:
        assert f"limit {rule}" in complaint.message
        assert complaint.line > line_of(f"  - id: {rule}\n", text)


INTAKE_VOID = "void: [DIRECTIVE_WITHDRAWN, DIRECTIVE_SUPERSEDED, NO_TASK_RECORDED]"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("    - name: update\n", "    - name: unused\n      steps: [{name: late, after: 0}]\n"
         "    - name: update\n", "    - name: unused", "no limit uses the ladder unused"),
        ("after: 5, colour: red}", "after: 10, colour: red}", "      steps:\n        # Two",
         "fall on the same moment"),
        (INTAKE_VOID, "void: [DIRECTIVE_FORWARDED]", "void: [DIRECTIVE_FORWARDED]", "stop and void"),
        (INTAKE_VOID, "void: [DIRECTIVE_ISSUED]", "start: DIRECTIVE_ISSUED", "as it starts"),
        ("stop_from_due: [PROGRESS_ENTERED]", "stop_from_due: [RESULT_REPORTED]",
         "stop_from_due:", "on any day already"),
        ("when: SEVERAL_OPINIONS\n        length: 7", "when: SEVERAL_OPINIONS\n        length: 2",
         "    alternatives:", "SEVERAL_OPINIONS gives the length that applies without it"),
        ("    stop: [RESULT_ENTERED]\n", "    stop: [RESULT_ENTERED]\n    alternatives:\n      - {when: "
         "URGENT, length: 1, name: {vi: khẩn, en: urgent}}\n", "    alternatives:\n      - {when: URG",
         "apply to INTAKE alone, never to ENTER_ON_BEHALF"),
        ("    period: {cadence: QUARTER}\n", "", "    start: PERIOD_BEGINS", "so it needs one"),
        ("    start: PERIOD_BEGINS", "    start: TASK_FORWARDED", "    start: TASK_FORWARDED\n    stop: "
         "[PROGRESS_ENTERED", "PERIOD_BEGINS and period go together"),
        ("{label: year, before: 11-30}", "{label: year, before: 06-20}", "    period:\n", "the same"),
        ("tasks_without_limit_tracked: true", "tasks_without_limit_tracked: false",
         "tasks_without_limit_tracked: false", "PERIODIC_UPDATE is never applied"),
        ("before: 06-20", "before: 02-30", "before: 02-30", "not a date (month-day) of every"),
        (", anchor: 2020-01-10", "", "cadence: WEEKS", "lacks anchor"),
    ],
)  # fmt: skip
def test_what_could_never_have_an_effect_is_refused_with_file_and_line(old, new, at, message):
    text = changed(old, new)
    told = [str(complaint) for complaint in refusal(text).complaints]
    place = f"profile.yaml:{line_of(at, text)}: "
    assert any(one.startswith(place) and message in one for one in told), told


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
    assert "overlaps that of 69/2019/QĐ-UBND" in complaint.message


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
