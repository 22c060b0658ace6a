"""Every limit of 69/2019/QĐ-UBND against a naive walk, on every day of 2019-2027."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import limits_oracle as oracle
import pytest

from services.kernel.limits.domain.calendar import LOCAL, end_of, start_of
from services.kernel.limits.domain.duedate import (
    LimitError,
    compute,
    intake_limit,
    last_day_to_ask_extension,
    legal_end,
)
from services.kernel.limits.domain.periods import next_span_after, span_of, spans_ending
from services.kernel.limits.domain.profile import (
    Act,
    Cadence,
    Duty,
    Fact,
    Origin,
    Owner,
    Period,
    Roll,
    Unit,
    is_locked,
)

ONE = timedelta(days=1)


@pytest.fixture
def last_day(profile, calendar):
    """The last good day of a rule from its start or its stated due date."""

    def of(rule_id, start=None, stated=None, ground=""):
        computation = compute(
            profile.rule(rule_id),
            profile,
            calendar,
            started_at=start_of(start) if start else None,
            stated_due=stated,
            length_ground=ground,
        )
        assert computation.due_at == end_of(computation.last_day)
        return computation.last_day

    return of


@pytest.mark.rule("R7.1")
def test_intake_ends_two_working_days_after_the_issue(last_day):
    for day in oracle.EVERY_DAY:
        assert last_day("R7.1", start=day) == oracle.forward(day, 2), day
    assert last_day("R7.1", start=date(2025, 12, 31)) == date(2026, 1, 6)
    assert last_day("R7.1", start=date(2026, 1, 9)) == date(2026, 1, 12)


@pytest.mark.rule("R7.1")
@pytest.mark.parametrize("fact", [Fact.SEVERAL_TASKS, Fact.SEVERAL_AGENCIES, Fact.SEVERAL_OPINIONS])
def test_each_of_three_grounds_gives_intake_seven_working_days(profile, last_day, fact):
    chosen = intake_limit(profile.rule("R7.1"), {fact})
    assert (chosen.length, chosen.unit, chosen.ground) == (7, Unit.WORKING_DAYS, fact)
    for day in oracle.EVERY_DAY:
        assert last_day("R7.1", start=day, ground=fact) == oracle.forward(day, 7), day


@pytest.mark.rule("R7.1")
def test_intake_names_every_ground_that_holds_and_none_when_none_does(profile):
    rule = profile.rule("R7.1")
    plain = intake_limit(rule, set())
    assert (plain.length, plain.ground, plain.also) == (2, "", ())
    several = intake_limit(rule, {Fact.SEVERAL_OPINIONS, Fact.SEVERAL_TASKS, Fact.URGENT})
    assert (several.ground, several.also) == (Fact.SEVERAL_TASKS, (Fact.SEVERAL_OPINIONS,))
    texts = {alternative.text.vi for alternative in rule.alternatives}
    assert "phải lấy ý kiến nhiều cơ quan, đơn vị khác" in texts
    assert len(texts) == 3


@pytest.mark.rule("R5.1e")
def test_a_due_date_on_a_day_off_ends_with_the_next_working_day(last_day, calendar):
    for day in oracle.EVERY_DAY:
        assert last_day("R5.1e", stated=day) == oracle.rolled(day), day
    assert legal_end(date(2024, 6, 1), Roll.NEXT_WORKING_DAY, calendar) == date(2024, 6, 3)
    assert legal_end(date(2024, 6, 1), Roll.NONE, calendar) == date(2024, 6, 1)


@pytest.mark.rule("R7.2a")
def test_the_entry_is_due_three_working_days_after_the_moved_due_date(last_day):
    for day in oracle.EVERY_DAY:
        assert last_day("R7.2a", stated=day) == oracle.forward(oracle.rolled(day), 3), day


@pytest.mark.rule("R7.2a")
def test_an_entry_stops_the_update_only_from_the_due_day_on_but_a_result_always(profile):
    rule, due = profile.rule("R7.2a"), date(2024, 6, 3)
    assert not rule.stopped_by(Act.PROGRESS_ENTERED, due - ONE, due)
    assert rule.stopped_by(Act.PROGRESS_ENTERED, due, due)
    assert not rule.stopped_by(Act.PROGRESS_ENTERED, due, None)
    assert rule.stopped_by(Act.RESULT_REPORTED, due - ONE, due)
    assert not rule.stopped_by(Act.TASK_RETURNED, due, due)


@pytest.mark.rule("R6.2c")
def test_an_extension_is_asked_for_three_working_days_before_the_moved_due_date(
    profile, calendar, last_day
):
    for day in oracle.EVERY_DAY[30:]:
        assert last_day("R6.2c", stated=day) == oracle.back(oracle.rolled(day), 3), day
    friday, tuesday = date(2024, 6, 14), date(2024, 6, 11)
    assert last_day_to_ask_extension(profile, friday, calendar) == tuesday
    swapped = last_day_to_ask_extension(profile, date(2026, 1, 14), calendar)
    assert swapped == date(2026, 1, 10)


@pytest.mark.rule("R6.2c")
def test_the_last_day_to_ask_is_counted_back_and_runs_no_clock(profile):
    assert not profile.rule("R6.2c").runs_as_clock
    assert [rule.id for rule in profile.limits if not rule.runs_as_clock] == ["R6.2c"]


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize("distance", [-3, -1, 0, 1, 2, 3, 4, 6, 30])
def test_the_answer_is_due_in_two_working_days_but_before_the_due_date(last_day, distance):
    for received in oracle.EVERY_DAY[:-40]:
        stated = received + ONE * distance
        before_due = oracle.rolled(stated) - ONE
        expected = max(received, min(oracle.forward(received, 2), before_due))
        assert last_day("R6.1d", start=received, stated=stated) == expected, received


@pytest.mark.rule("R6.1d")
def test_the_answer_to_a_request_received_after_the_due_date_is_due_on_that_day(last_day):
    thursday = date(2024, 6, 13)
    assert last_day("R6.1d", start=thursday, stated=thursday - ONE) == thursday


@pytest.mark.rule("R6.1d", "R6.2c")
def test_time_that_stands_above_the_province_locks_an_extension(profile):
    assert set(profile.extensions.locked_origins) == set(Origin)
    assert is_locked([Origin.GOVERNMENT], profile.extensions)
    assert not is_locked([], profile.extensions)
    assert profile.extensions.maximum is None


@pytest.mark.rule("R7.3", "R6.1b")
def test_a_result_is_entered_on_behalf_within_three_working_days(last_day):
    for day in oracle.EVERY_DAY:
        assert last_day("R7.3", start=day) == oracle.forward(day, 3), day


@pytest.mark.rule("R7.2b")
def test_a_task_without_limit_is_updated_by_the_last_day_of_each_quarter(profile, last_day):
    period = profile.rule("R7.2b").period
    for day in oracle.EVERY_DAY:
        quarter = span_of(period, day)
        assert quarter.last_day == oracle.quarter_end(day), day
        assert quarter.first_day <= day <= quarter.last_day
        assert last_day("R7.2b", stated=quarter.last_day) == quarter.last_day
    assert span_of(period, date(2024, 6, 30)).label == "2024-Q2"
    sunday = date(2024, 6, 30)
    assert last_day("R7.2b", stated=sunday) == sunday


@pytest.mark.rule("R7.2b")
def test_the_first_update_is_for_the_quarter_after_the_one_of_forwarding(profile):
    period = profile.rule("R7.2b").period
    assert next_span_after(period, date(2024, 1, 1)).label == "2024-Q2"
    assert next_span_after(period, date(2024, 3, 31)).last_day == date(2024, 6, 30)
    assert next_span_after(period, date(2024, 10, 1)).label == "2025-Q1"


@pytest.mark.rule("R22.1", "R22.2")
@pytest.mark.parametrize(
    ("rule_id", "june", "late_in_the_year"),
    [("R22.1", (6, 19), (11, 29)), ("R22.2", (6, 24), (12, 19))],
)
def test_reports_are_due_before_their_dates_without_rolling(
    profile, last_day, rule_id, june, late_in_the_year
):
    period = profile.rule(rule_id).period
    spans = spans_ending(period, date(2020, 1, 1), date(2026, 12, 31))
    expected = [date(year, *day) for year in range(2020, 2027) for day in (june, late_in_the_year)]
    assert [last_day(rule_id, stated=span.last_day) for span in spans] == expected
    assert any(not oracle.working(day) for day in expected)
    assert [span.label for span in spans[:2]] == ["2020-half-year", "2020-year"]
    assert all(one.last_day + ONE == two.first_day for one, two in pairwise(spans))


@pytest.mark.rule("R19.1")
def test_the_situation_is_supplied_every_two_weeks_from_the_anchor(profile, last_day):
    period = profile.rule("R19.1").period
    spans = spans_ending(period, date(2020, 1, 1), date(2027, 12, 31))
    assert spans[0].last_day == date(2020, 1, 10)
    for one, two in pairwise(spans):
        assert two.last_day - one.last_day == timedelta(weeks=2)
        assert one.last_day + ONE == two.first_day
    for span in spans:
        assert last_day("R19.1", stated=span.last_day) == oracle.rolled(span.last_day)
    assert span_of(period, date(2019, 12, 25)).last_day == date(2019, 12, 27)


@pytest.mark.rule("R12.1dd")
def test_inspection_results_are_reported_in_every_month(profile, last_day):
    spans = spans_ending(profile.rule("R12.1dd").period, date(2024, 1, 1), date(2024, 12, 31))
    assert len(spans) == 12
    assert [span.last_day.day for span in spans[:3]] == [31, 29, 31]
    assert spans[11].label == "2024-M12"
    assert last_day("R12.1dd", stated=date(2024, 6, 30)) == date(2024, 6, 30)


def test_half_years_and_years_are_periods_too():
    june = span_of(Period(Cadence.HALF_YEAR), date(2024, 6, 30))
    assert (june.first_day, june.last_day, june.label) == (
        date(2024, 1, 1),
        date(2024, 6, 30),
        "2024-H1",
    )
    year = span_of(Period(Cadence.YEAR), date(2024, 6, 30))
    assert (year.last_day, year.label) == (date(2024, 12, 31), "2024")


@pytest.mark.rule("R7.1", "R6.1d", "R6.2c", "R7.2a", "R7.3", "R22.1")
def test_each_limit_names_its_article_and_who_owes_it(profile):
    owed = {rule.id: (rule.article, rule.owed_by) for rule in profile.limits}
    assert owed == {
        "R7.1": ("khoản 1 Điều 7", Owner.OFFICE),
        "R5.1e": ("điểm e khoản 1 Điều 5", Owner.LEAD),
        "R7.2a": ("điểm a khoản 2 Điều 7", Owner.LEAD),
        "R7.2b": ("điểm b khoản 2 Điều 7", Owner.LEAD),
        "R6.2c": ("điểm c khoản 2 Điều 6", Owner.LEAD),
        "R6.1d": ("điểm d khoản 1 Điều 6", Owner.OFFICE),
        "R7.3": ("khoản 3 Điều 7", Owner.OFFICE),
        "R12.1dd": ("điểm đ khoản 1 Điều 12", Owner.OFFICE),
        "R19.1": ("khoản 1 Điều 19", Owner.OFFICE),
        "R22.1": ("khoản 1 Điều 22", Owner.EACH_AGENCY),
        "R22.2": ("khoản 2 Điều 22", Owner.OFFICE),
    }


@pytest.mark.parametrize("roll", list(Roll))
@pytest.mark.parametrize("length", [1, 5, 10])
def test_calendar_days_count_every_day_and_roll_only_if_the_rule_says_so(
    profile, calendar, roll, length
):
    rule = replace(profile.rule("R7.3"), unit=Unit.CALENDAR_DAYS, length=length, roll=roll)
    for day in oracle.EVERY_DAY:
        counted = day + ONE * length
        expected = oracle.rolled(counted) if roll is Roll.NEXT_WORKING_DAY else counted
        got = compute(rule, profile, calendar, started_at=start_of(day))
        assert got.last_day == expected, day


def test_hours_count_from_the_instant_and_run_on_through_days_off(profile, calendar):
    rule = replace(profile.rule("R7.3"), unit=Unit.HOURS, length=24, roll=Roll.NONE)
    friday = datetime(2024, 6, 14, 15, 30, tzinfo=LOCAL)
    end = compute(rule, profile, calendar, started_at=friday)
    assert end.due_at == friday + timedelta(hours=24)
    assert end.last_day == date(2024, 6, 15)
    rolled = compute(
        replace(rule, roll=Roll.NEXT_WORKING_DAY), profile, calendar, started_at=friday
    )
    assert rolled.last_day == date(2024, 6, 17)
    assert rolled.due_at == end_of(date(2024, 6, 17))


def test_hours_that_end_at_midnight_end_with_the_day_that_passes(profile, calendar):
    rule = replace(profile.rule("R7.3"), unit=Unit.HOURS, length=24, roll=Roll.NONE)
    end = compute(rule, profile, calendar, started_at=start_of(date(2024, 6, 12)))
    assert end.last_day == date(2024, 6, 12)
    assert end.due_at == end_of(date(2024, 6, 12))


def test_a_limit_without_the_date_it_counts_from_is_a_clear_error(profile, calendar):
    with pytest.raises(LimitError, match=r"R7\.1 counts from its start"):
        compute(profile.rule("R7.1"), profile, calendar)
    with pytest.raises(LimitError, match=r"R7\.2a counts from a stated date"):
        compute(profile.rule("R7.2a"), profile, calendar)


def test_a_regulation_without_a_limit_on_asking_gives_no_last_day(profile, calendar):
    silent = replace(
        profile,
        limits=tuple(r for r in profile.limits if r.duty is not Duty.ASK_EXTENSION),
    )
    assert last_day_to_ask_extension(silent, date(2024, 6, 14), calendar) is None
