"""What holds for every limit that a profile could state, on every calendar, after any edits.

Rules are drawn from all that the form of a profile allows, not from one regulation: each unit, roll,
direction, start of counting and cap.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import (
    LOCAL,
    Calendar,
    CalendarDay,
    CalendarEdit,
    DayKind,
    DayStatus,
    local_date,
    start_of,
)
from services.kernel.limits.domain.clock import Cause, MoveGround, redate, start
from services.kernel.limits.domain.duedate import LegKind, compute, legal_end
from services.kernel.limits.domain.explain import explain
from services.kernel.limits.domain.profile import (
    Cap,
    CountsFrom,
    Direction,
    Duty,
    LimitRule,
    Profile,
    Roll,
    Unit,
)

REAL = load_profiles().installed[0]
FIRST = date(2024, 1, 1)
CAUSE = Cause(datetime(2024, 6, 1, 9, tzinfo=LOCAL), "", "van-phong")
EXCEPTIONS = [kind for kind in DayKind if kind not in (DayKind.WORKING, DayKind.WEEKEND)]
AFTER, ROLLS = Direction.AFTER, Roll.NEXT_WORKING_DAY

days = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))
instants = st.builds(
    lambda day, minutes: start_of(day) + timedelta(minutes=minutes), days, st.integers(0, 1439)
)
entries = st.builds(
    CalendarDay,
    days,
    st.sampled_from(EXCEPTIONS),
    st.just("ngày"),
    st.just("1/TB"),
    st.sampled_from(list(DayStatus)),
)
calendars = st.lists(entries, max_size=60, unique_by=lambda entry: entry.day).map(Calendar.of)
# What a task's own due date does on a day off differs between regulations.
profiles = st.sampled_from(list(Roll)).map(
    lambda roll: replace(
        REAL,
        limits=tuple(
            replace(rule, roll=roll) if rule.duty is Duty.TASK else rule for rule in REAL.limits
        ),
    )
)


@st.composite
def rules(draw: st.DrawFn) -> LimitRule:
    """Any limit that a profile file could state."""
    counts_from = draw(st.sampled_from(list(CountsFrom)))
    from_start = counts_from is CountsFrom.START
    units = list(Unit) if from_start else [Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]
    before = counts_from is CountsFrom.LEGAL_END and draw(st.booleans())
    cap = draw(st.sampled_from([None, *Cap])) if from_start else None
    return replace(
        REAL.rule("R7.3"),
        counts_from=counts_from,
        direction=Direction.BEFORE if before else AFTER,
        length=0 if counts_from is CountsFrom.STATED_DUE else draw(st.integers(1, 40)),
        unit=draw(st.sampled_from(units)),
        roll=Roll.NONE if before or cap else draw(st.sampled_from(list(Roll))),
        cap=cap,
    )


@st.composite
def edits(draw: st.DrawFn, calendar: Calendar) -> CalendarEdit:
    put = draw(st.lists(entries, max_size=6, unique_by=lambda entry: entry.day))
    known = sorted(set(calendar.days) - {entry.day for entry in put})
    remove = draw(st.lists(st.sampled_from(known), unique=True, max_size=4)) if known else []
    return CalendarEdit(tuple(put), tuple(remove))


def _end(rule: LimitRule, profile: Profile, calendar: Calendar, at: datetime, due: date):
    return compute(rule, profile, calendar, started_at=at, stated_due=due)


@given(calendars, profiles, rules(), instants, days)
def test_a_limit_that_rolls_never_ends_on_a_day_off_one_that_does_not_stays(
    calendar, profile, rule, at, due
):
    end = _end(rule, profile, calendar, at, due)
    if rule.roll is ROLLS:
        assert calendar.is_working(end.last_day)
        stays = _end(replace(rule, roll=Roll.NONE), profile, calendar, at, due)
        assert end.last_day == calendar.next_working_day(stays.last_day)
    else:
        # The only roll on the way is that of the due date from which it counts.
        rolls = [leg for leg in end.legs if leg.kind is LegKind.ROLL]
        assert all(leg.start == due for leg in rolls)


@given(calendars, profiles, rules(), instants, instants, days)
def test_an_earlier_start_never_ends_later_whatever_the_unit_roll_and_cap(
    calendar, profile, rule, one, two, due
):
    first, second = (_end(rule, profile, calendar, at, due) for at in sorted((one, two)))
    assert first.last_day <= second.last_day
    # Hours that roll or meet the cap end with a whole day, so there only days can be compared.
    if rule.unit is not Unit.HOURS or (rule.roll is Roll.NONE and not rule.cap):
        assert first.due_at <= second.due_at


@given(calendars, profiles, rules(), instants, days, days)
def test_an_earlier_due_date_never_ends_later_whatever_the_unit_roll_and_cap(
    calendar, profile, rule, at, one, two
):
    first, second = (_end(rule, profile, calendar, at, due) for due in sorted((one, two)))
    assert first.last_day <= second.last_day


@given(calendars, profiles, rules(), instants, days, days)
def test_one_more_day_off_never_takes_time_away(calendar, profile, rule, at, due, off):
    """Counted forward an end comes no earlier; counted back in working days it comes no later."""
    assume(calendar.is_working(off))
    entry = CalendarDay(off, DayKind.HOLIDAY, "nghỉ")
    fewer = calendar.edited(CalendarEdit(put=(entry,)), version=2)
    before, after = (_end(rule, profile, c, at, due).last_day for c in (calendar, fewer))
    if rule.direction is AFTER:
        assert before <= after
    elif rule.unit is Unit.WORKING_DAYS:
        assert after <= before


@given(calendars, profiles, rules(), instants, days)
def test_a_cap_is_met_but_never_before_the_day_of_the_start(calendar, profile, rule, at, due):
    end = _end(rule, profile, calendar, at, due)
    if rule.cap:
        received = local_date(at)
        free = _end(replace(rule, cap=None), profile, calendar, at, due)
        before_due = legal_end(due, profile.due_roll(), calendar) - timedelta(days=1)
        assert received <= end.last_day <= free.last_day
        assert end.last_day <= max(received, before_due)


@given(calendars, profiles, rules(), instants, days, st.sampled_from(["vi", "en"]))
def test_the_explanation_is_the_computation_in_its_last_day_and_its_counted_days(
    calendar, profile, rule, at, due, lang
):
    end = _end(rule, profile, calendar, at, due)
    told = explain(end, calendar, lang)
    assert (told.last_day, told.due_at) == (end.last_day, end.due_at)
    counted = [day for day in told.days if day.number is not None]
    assert len(counted) == (0 if rule.unit is Unit.HOURS else end.length)
    if rule.unit is Unit.WORKING_DAYS:
        assert all(calendar.is_working(day.day) for day in counted)
    shown = {day.day for day in told.days}
    # Nothing on the way is left out: each leg is shown from its start to its end, day by day.
    for leg in end.legs:
        if leg.kind is not LegKind.CAP:
            low, high = sorted((leg.start, leg.end))
            assert {low + timedelta(days=n) for n in range((high - low).days + 1)} <= shown


@given(calendars, profiles, rules(), instants, days, st.integers(-9, 9))
def test_every_day_that_is_not_decided_and_could_move_the_end_is_named_as_estimated(
    calendar, profile, rule, at, due, distance
):
    end = _end(rule, profile, calendar, at, due)
    told = explain(end, calendar).estimated
    assert all(calendar.status_of(day) is DayStatus.ESTIMATED for day in told)
    day = (end.last_day if distance % 2 else due) + timedelta(days=distance)
    kind = DayKind.HOLIDAY if calendar.is_working(day) else DayKind.SWAP_WORK
    other = calendar.edited(CalendarEdit(put=(CalendarDay(day, kind, "quyết định"),)), version=2)
    moved = _end(rule, profile, other, at, due).due_at != end.due_at
    if moved and calendar.status_of(day) is DayStatus.ESTIMATED:
        assert day in told


@given(st.data(), calendars, profiles, rules().filter(lambda r: r.runs_as_clock), instants, days)
def test_any_edits_taken_back_in_reverse_order_restore_the_end(
    data, calendar, profile, rule, at, due
):
    profile = replace(profile, limits=(*profile.limits[:1], replace(rule, id="X"), *profile.limits))
    computed = _end(profile.rule("X"), profile, calendar, at, due)
    clock, _ = start("tasks/x", "so-noi-vu", computed, CAUSE, started_at=at)
    moved, current, version, backwards = clock, calendar, 1, []
    for _ in range(data.draw(st.integers(1, 4))):
        edit = data.draw(edits(current))
        backwards.append(current.reverse(edit))
        version += 1
        current = current.edited(edit, version)
        moved, _ = redate(moved, profile, current, CAUSE)
        # On every calendar on the way a clock stands where it would have been put at once.
        assert moved.due_at == _end(profile.rule("X"), profile, current, at, due).due_at
    for edit in reversed(backwards):
        version += 1
        current = current.edited(edit, version)
        moved, _ = redate(moved, profile, current, CAUSE)
    assert current.days == calendar.days
    assert moved.due_at == clock.due_at
    assert replace(moved, version=1, calendar_version=1) == clock


@given(calendars, profiles, days, st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_extensions_one_after_the_other_never_shorten(calendar, profile, due, more):
    rule, at = profile.rule("R5.1e"), start_of(FIRST)
    clock, _ = start("tasks/x", "so-noi-vu", _end(rule, profile, calendar, at, due), CAUSE)
    for step in more:
        assert clock.stated_due is not None
        longer = _end(rule, profile, calendar, at, clock.stated_due + timedelta(days=step))
        extended, entry = clock.move(longer, MoveGround.EXTENSION, CAUSE)
        assert (entry.from_due, entry.to_due) == (clock.due_at, extended.due_at)
        assert extended.due_at >= clock.due_at
        clock = extended


@given(st.data(), calendars, profiles, days, st.integers(1, 60))
def test_an_edit_after_an_extension_never_brings_the_old_date_back(
    data, calendar, profile, due, more
):
    rule, at = profile.rule("R5.1e"), start_of(FIRST)
    later = due + timedelta(days=more)
    clock, _ = start("tasks/x", "so-noi-vu", _end(rule, profile, calendar, at, due), CAUSE)
    longer = _end(rule, profile, calendar, at, later)
    clock, _ = clock.move(longer, MoveGround.EXTENSION, CAUSE)
    edited = calendar.edited(data.draw(edits(calendar)), version=2)
    moved, _ = redate(clock, profile, edited, CAUSE)
    assert moved.stated_due == later
    assert local_date(moved.due_at) > later
