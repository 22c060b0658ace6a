"""The engine against a naive walk: every day of 2019-2027, every limit, unit, roll and direction."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import datetime, time
from itertools import product
from pathlib import Path

import limits_oracle as oracle
import pytest

from services.kernel.limits.adapters.holiday_seed import seeded_calendar
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import LOCAL, end_of, start_of
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.periods import span_of
from services.kernel.limits.domain.profile import Cap, CountsFrom, Direction, Duty, Roll, Unit

PROFILE, CALENDAR = load_profiles().installed[0], seeded_calendar(2018, 2027)
ONE = oracle.ONE
DAY_UNITS = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)
LENGTHS = (1, 2, 3, 5, 7, 10, 30)
# From a due date that was over before the receipt to one that bounds nothing.
DISTANCES = (*range(-4, 13), 30)


def each(rule_ids):
    """Each rule with its own marker, so that a mutant of it meets its own walk."""
    return [pytest.param(id, id=id, marks=pytest.mark.rule(id)) for id in rule_ids]


def last_day(rule, start=None, due=None, *, ground="", profile=PROFILE):
    found = compute(
        rule, profile, CALENDAR,
        started_at=start and start_of(start), stated_due=due, length_ground=ground,
    )  # fmt: skip
    if found.due_at != end_of(found.last_day):
        pytest.fail(f"{rule.id} from {start}, {due}: {found.due_at} is not the end of the last day")
    return found.last_day


def test_the_oracle_shares_nothing_with_what_it_judges():
    tree = ast.parse(Path(oracle.__file__).read_text("utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported == {"__future__", "collections.abc", "datetime", "functools"}


def test_the_oracle_knows_every_limit_and_every_period_of_the_profile():
    assert set(oracle.LIMITS) == {rule.id for rule in PROFILE.limits}
    assert set(oracle.PERIODS) == {rule.id for rule in PROFILE.limits if rule.period}


@pytest.mark.parametrize("rule_id", each(oracle.LIMITS))
def test_each_limit_of_the_regulation_ends_where_a_walk_ends(rule_id):
    rule, walk = PROFILE.rule(rule_id), oracle.LIMITS[rule_id]
    distances = DISTANCES if rule.cap else (0,)
    wrong = [
        (day, due)
        for day in oracle.EVERY_DAY
        for due in (day + ONE * distance for distance in distances)
        if last_day(rule, day, due) != walk(day, due)
    ]
    assert wrong[:3] == []


@pytest.mark.rule("R7.1")
def test_on_each_of_the_three_grounds_intake_ends_where_a_walk_of_seven_days_ends():
    rule = PROFILE.rule("R7.1")
    assert len(rule.alternatives) == 3
    for alternative in rule.alternatives:
        for day in oracle.EVERY_DAY:
            found = last_day(rule, day, ground=alternative.fact)
            assert found == oracle.forward(day, 7), (alternative.fact, day)


@pytest.mark.parametrize("rule_id", each(oracle.PERIODS))
def test_every_day_lies_in_the_period_that_a_walk_finds(rule_id):
    period, end = PROFILE.rule(rule_id).period, oracle.PERIODS[rule_id]
    wrong = [day for day in oracle.EVERY_DAY if span_of(period, day).last_day != end(day)]
    assert wrong[:3] == []


@pytest.mark.parametrize("roll", list(Roll))
@pytest.mark.parametrize("unit", DAY_UNITS)
def test_days_from_a_start_of_any_length_end_where_a_walk_ends(unit, roll):
    for length in LENGTHS:
        rule = replace(PROFILE.rule("R7.3"), length=length, unit=unit, roll=roll)
        for day in oracle.EVERY_DAY:
            expected = oracle.ends(
                day, length,
                working_days=unit is Unit.WORKING_DAYS, before=False,
                rolls=roll is Roll.NEXT_WORKING_DAY,
            )  # fmt: skip
            assert last_day(rule, day) == expected, (day, length)


@pytest.mark.parametrize("due_roll", list(Roll))
@pytest.mark.parametrize("roll", list(Roll))
@pytest.mark.parametrize("unit", DAY_UNITS)
@pytest.mark.parametrize("direction", list(Direction))
def test_days_from_a_due_date_end_where_a_walk_ends_in_both_directions(
    direction, unit, roll, due_roll
):
    """Whatever a due date on a day off does: `due_roll` is that of the limit on the task itself."""
    limits = tuple(
        replace(rule, roll=due_roll) if rule.duty is Duty.TASK else rule for rule in PROFILE.limits
    )
    profile = replace(PROFILE, limits=limits)
    for length in (1, 3, 10):
        rule = replace(
            PROFILE.rule("R7.2a"), length=length, unit=unit, roll=roll, direction=direction
        )
        for day in oracle.EVERY_DAY:
            expected = oracle.ends(
                oracle.rolled(day) if due_roll is Roll.NEXT_WORKING_DAY else day, length,
                working_days=unit is Unit.WORKING_DAYS, before=direction is Direction.BEFORE,
                rolls=roll is Roll.NEXT_WORKING_DAY,
            )  # fmt: skip
            assert last_day(rule, due=day, profile=profile) == expected, (day, length)


@pytest.mark.parametrize("roll", list(Roll))
def test_a_stated_date_of_any_day_ends_where_a_walk_ends(roll):
    rule = replace(PROFILE.rule("R5.1e"), roll=roll)
    assert rule.counts_from is CountsFrom.STATED_DUE
    for day in oracle.EVERY_DAY:
        expected = oracle.rolled(day) if roll is Roll.NEXT_WORKING_DAY else day
        assert last_day(rule, due=day) == expected, day


@pytest.mark.parametrize("roll", list(Roll))
@pytest.mark.parametrize("hours", [1, 8, 24, 48, 60])
def test_hours_from_any_time_of_every_day_end_where_the_clock_on_the_wall_says(hours, roll):
    rule = replace(PROFILE.rule("R7.3"), length=hours, unit=Unit.HOURS, roll=roll)
    times = (time(0), time(8, 30), time(16), time(23, 59))
    for day, at in product(oracle.EVERY_DAY, times):
        start = datetime.combine(day, at)
        last, late = oracle.hours_end(start, hours, rolls=roll is Roll.NEXT_WORKING_DAY)
        found = compute(rule, PROFILE, CALENDAR, started_at=start.replace(tzinfo=LOCAL))
        assert (found.last_day, found.due_at.replace(tzinfo=None)) == (last, late), start


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize("unit", list(Unit))
def test_a_cap_bounds_a_limit_of_every_unit_where_a_walk_finds_the_bound(unit):
    for length in (1, 2, 5):
        hours = 24 if unit is Unit.HOURS else 1
        rule = replace(PROFILE.rule("R6.1d"), length=length * hours, unit=unit)
        assert rule.cap is Cap.DAY_BEFORE_DUE
        for day, distance in product(oracle.EVERY_DAY, DISTANCES[::3]):
            due = day + ONE * distance
            # A day of 24 hours from 00:00 ends with that same day.
            plain = day + ONE * (length - 1)
            if unit is not Unit.HOURS:
                plain = oracle.ends(
                    day, length,
                    working_days=unit is Unit.WORKING_DAYS, before=False, rolls=False,
                )  # fmt: skip
            assert last_day(rule, day, due) == oracle.capped(plain, day, due), (day, due)
