"""What holds for the limits of the regulation and their rungs, on every calendar and after every edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import (
    LOCAL,
    Calendar,
    CalendarDay,
    CalendarEdit,
    DayKind,
    local_date,
    start_of,
)
from services.kernel.limits.domain.clock import Cause, recompute, redate, start
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.profile import CountsFrom, Direction, Roll, Unit
from services.kernel.limits.domain.rungs import reconcile, rungs_for

PROFILE = load_profiles().installed[0]
FIRST = date(2024, 1, 1)
CAUSE = Cause(datetime(2024, 6, 1, 9, tzinfo=LOCAL), "lịch", "van-phong")
KINDS = [kind for kind in DayKind if kind not in (DayKind.WORKING, DayKind.WEEKEND)]

days = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))
instants = st.builds(
    lambda day, minutes: start_of(day) + timedelta(minutes=minutes), days, st.integers(0, 1439)
)
entries = st.builds(CalendarDay, days, st.sampled_from(KINDS), st.just("ngày"))
entry_lists = st.lists(entries, max_size=60, unique_by=lambda entry: entry.day)
calendars = entry_lists.map(lambda listed: Calendar.of(listed, version=1))
rules = st.sampled_from(PROFILE.limits)


@st.composite
def started_rules(draw):
    """A rule that counts from a start, of any unit, length and roll."""
    return replace(
        draw(st.sampled_from([r for r in PROFILE.limits if r.counts_from is CountsFrom.START])),
        unit=draw(st.sampled_from(list(Unit))),
        length=draw(st.integers(1, 40)),
        roll=draw(st.sampled_from(list(Roll))),
        cap=None,
    )


@st.composite
def edits(draw, calendar):
    put = draw(st.lists(entries, max_size=8, unique_by=lambda entry: entry.day))
    known = sorted(calendar.days)
    remove = draw(st.lists(st.sampled_from(known), unique=True, max_size=5)) if known else []
    taken = {entry.day for entry in put}
    return CalendarEdit(tuple(put), tuple(day for day in remove if day not in taken))


def _end(rule, calendar, instant, stated):
    return compute(rule, PROFILE, calendar, started_at=instant, stated_due=stated)


@given(calendars, rules, instants, days)
def test_no_rule_of_the_regulation_that_rolls_ends_on_a_day_off(calendar, rule, instant, stated):
    if rule.roll is Roll.NEXT_WORKING_DAY:
        assert calendar.is_working(_end(rule, calendar, instant, stated).last_day)


@given(calendars, rules, instants, days)
def test_a_limit_ends_after_the_day_it_counts_from_or_before_it_if_counted_back(
    calendar, rule, instant, stated
):
    end = _end(rule, calendar, instant, stated).last_day
    if rule.counts_from is CountsFrom.START:
        assert end >= local_date(instant)
    elif rule.direction is Direction.AFTER:
        assert end >= stated
    else:
        assert end < calendar.next_working_day(stated)


@given(st.data(), calendars, rules.filter(lambda r: r.runs_as_clock), instants, days)
@settings(max_examples=200)
def test_an_edit_of_the_calendar_and_its_reverse_restore_everything(
    data, calendar, rule, instant, stated
):
    edit = data.draw(edits(calendar))
    now = CAUSE.at
    ladder = PROFILE.ladder_of(rule)
    computation = _end(rule, calendar, instant, stated)
    clock, _ = start("tasks/x", "so-noi-vu", computation, CAUSE)
    rungs = _fired(rungs_for(clock, ladder, calendar, now), now)

    edited = calendar.edited(edit, version=2)
    moved, moving = redate(clock, PROFILE, edited, CAUSE)
    assert moved.due_at == recompute(clock, PROFILE, edited).due_at
    assert (moving is None) == (moved.due_at == clock.due_at)
    changes = reconcile(moved, rungs, rungs_for(moved, ladder, edited, now), now)
    after = _fired(_apply(rungs, changes), now)

    restored = edited.edited(calendar.reverse(edit), version=3)
    back, _ = redate(moved, PROFILE, restored, CAUSE)
    again = _apply(after, reconcile(back, after, rungs_for(back, ladder, restored, now), now))
    same = {"version": clock.version, "calendar_version": clock.calendar_version}
    assert restored.days == calendar.days
    assert replace(back, **same) == clock
    assert _standing(again) == _standing(rungs)


def _fired(rows, now):
    """What the timer leaves: everything that is due has been said."""
    return tuple(
        replace(rung, fired_at=now) if rung.waiting and rung.fire_at <= now else rung
        for rung in rows
    )


def _apply(rows, changes):
    """What the database holds after the changes were written."""
    table = {rung.key: rung for rung in rows}
    table |= {rung.key: rung for rung in (*changes.revoke, *changes.restore, *changes.insert)}
    return tuple(table.values())


def _standing(rows):
    return sorted((r for r in rows if r.revoked_at is None), key=lambda r: (r.fire_at, r.name))
