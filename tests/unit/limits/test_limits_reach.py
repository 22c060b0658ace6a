"""An edit moves no clock outside of its reach; estimates are the days that decide an end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_limits_properties import (
    CAUSE,
    PROFILE,
    calendars,
    days,
    instants,
    rules,
    started_rules,
)

from services.kernel.limits.domain.calendar import (
    Calendar,
    CalendarChange,
    CalendarDay,
    CalendarEdit,
    DayKind,
    DayStatus,
    local_date,
    start_of,
)
from services.kernel.limits.domain.clock import recompute, start
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.reach import document_of, estimated_on, reach


def _clock(rule, calendar, instant, stated):
    computation = compute(rule, PROFILE, calendar, started_at=instant, stated_due=stated)
    return start("tasks/x", "so-noi-vu", computation, CAUSE, started_at=instant)[0]


@given(st.data(), calendars, rules.filter(lambda r: r.runs_as_clock), instants, days)
@settings(max_examples=600)
def test_a_clock_moves_only_if_an_edited_day_is_in_its_reach(data, calendar, rule, instant, stated):
    """Edits of single days around all that a count begins or ends with, where reaches end."""
    clock = _clock(rule, calendar, instant, stated)
    last_day = local_date(clock.due_at - datetime.resolution)
    around = st.sampled_from([local_date(instant), stated, last_day])
    near = st.builds(lambda day, n: day + timedelta(days=n), around, st.integers(-4, 9))
    touched = data.draw(st.sets(near, min_size=1, max_size=2))
    edited = calendar
    for day in touched:
        kind = DayKind.SWAP_OFF if calendar.is_working(day) else DayKind.SWAP_WORK
        edited = edited.edited(CalendarEdit((CalendarDay(day, kind, "ngày"),)), version=2)
    first, last = reach(clock, calendar.longest_rest)
    if recompute(clock, PROFILE, edited).due_at != clock.due_at:
        assert any(first <= day <= last for day in touched)


@given(st.data(), calendars, started_rules(), instants)
def test_a_day_that_is_no_estimate_never_moves_an_end_when_it_alone_is_decided(
    data, calendar, rule, instant
):
    """Days that `estimated_on` leaves out decide nothing: another kind for them keeps the end."""
    end = compute(rule, PROFILE, calendar, started_at=instant)
    open_days = Calendar(1, {})  # no year is entered, so that every day is an estimate
    deciding = estimated_on(end, open_days)
    first = start_of(end.last_day - timedelta(days=80)).date()
    other = data.draw(st.integers(0, 80).map(lambda n: first + timedelta(days=n)))
    if other in deciding or other == end.last_day:
        return
    kind = DayKind.SWAP_OFF if calendar.is_working(other) else DayKind.SWAP_WORK
    changed = Calendar(2, {**calendar.days, other: CalendarDay(other, kind, "ngày")})
    assert compute(rule, PROFILE, changed, started_at=instant).due_at == end.due_at


@given(calendars)
def test_the_longest_rest_is_that_of_a_naive_walk(calendar):
    longest, row = 0, 0
    for n in range(-40, 480):
        row = 0 if calendar.is_working(date(2024, 1, 1) + timedelta(days=n)) else row + 1
        longest = max(longest, row)
    assert calendar.longest_rest == longest


def test_a_clock_names_the_documents_of_the_edits_on_its_way_and_no_others():
    monday = date(2024, 3, 4)
    calendar = Calendar.of([], version=1)
    clock = _clock(PROFILE.rule("R7.1"), calendar, start_of(monday), None)
    changes = [
        CalendarChange(1, (monday,), "0/TB"),
        CalendarChange(2, (monday + timedelta(days=1),), "1/TB"),
        CalendarChange(3, (date(2025, 1, 2),), "2/TB"),
        CalendarChange(4, (monday + timedelta(days=2),), "3/TB"),
        CalendarChange(5, (monday,), "4/TB"),
    ]
    assert document_of(clock, changes, Calendar.of([], version=4)) == "1/TB; 3/TB"


def test_a_quarter_that_ends_by_its_date_rests_on_no_estimate(profile):
    """The last day of a quarter does not roll: no decision on days off can move it."""
    nothing = Calendar(1, {})
    quarter = compute(profile.rule("R7.2b"), profile, nothing, stated_due=date(2028, 3, 31))
    assert estimated_on(quarter, nothing) == ()
    task = compute(profile.rule("R5.1e"), profile, nothing, stated_due=date(2028, 4, 1))
    assert estimated_on(task, nothing) == tuple(date(2028, 4, day) for day in (1, 2, 3))


@pytest.mark.rule("R7.1")
def test_only_days_without_a_decision_are_estimates(profile):
    tuesday = date(2026, 9, 1)
    off = [
        CalendarDay(date(2026, 1, 1), DayKind.HOLIDAY, "Tết Dương lịch", "luật"),
        CalendarDay(date(2026, 9, 2), DayKind.HOLIDAY, "Quốc khánh", "", DayStatus.ESTIMATED),
        CalendarDay(date(2026, 9, 3), DayKind.HOLIDAY, "Quốc khánh", "luật"),
    ]
    calendar = Calendar.of(off)
    end = compute(profile.rule("R7.1"), profile, calendar, started_at=start_of(tuesday))
    assert end.last_day == date(2026, 9, 7)
    assert estimated_on(end, calendar) == (date(2026, 9, 2),)


def test_from_october_on_the_year_that_misses_is_told_until_it_is_entered():
    calendar = Calendar.of([CalendarDay(date(2027, 1, 1), DayKind.HOLIDAY, "Tết", "luật")])
    assert calendar.missing_year(date(2027, 9, 30)) is None
    assert calendar.missing_year(date(2027, 10, 1)) == 2028
    # Nobody looked between October and the new year: it is still missing.
    assert calendar.missing_year(date(2028, 2, 1)) == 2028
    assert Calendar.of([]).missing_year(date(2028, 2, 1)) is None
