from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from services.kernel.limits.domain.calendar import (
    LOCAL,
    CalendarDay,
    CalendarEdit,
    DayKind,
    end_of,
    start_of,
)
from services.kernel.limits.domain.clock import (
    Action,
    Cause,
    ClockState,
    ExtensionShortens,
    IllegalMove,
    LedgerKind,
    MoveGround,
    clock_id,
    recompute,
    redate,
    start,
)
from services.kernel.limits.domain.duedate import compute

SUBJECT = "tasks/7d0c8b1e-9a43-4a52-8f6d-3f1a0c1d2e3f"
FORWARDED = datetime(2024, 6, 3, 10, tzinfo=LOCAL)
DUE = date(2024, 6, 14)  # a Friday
MICROSECOND = timedelta(microseconds=1)


def because(ground="", at=FORWARDED, document=""):
    return Cause(at, ground, "van-phong-ubnd-tinh", document)


@pytest.fixture
def due_on(profile, calendar):
    def of(stated, rule="R5.1e", started_at=FORWARDED):
        return compute(
            profile.rule(rule), profile, calendar, started_at=started_at, stated_due=stated
        )

    return of


@pytest.fixture
def clock(due_on):
    return start(SUBJECT, "so-noi-vu", due_on(DUE), because())[0]


@pytest.fixture
def stopped(clock):
    return clock.stop(start_of(DUE), because())[0]


def test_a_clock_pins_its_profile_and_calendar_and_opens_its_ledger(due_on, profile, calendar):
    clock, entry = start(SUBJECT, "so-noi-vu", due_on(DUE), because(document="12/CV-UBND"))
    assert (clock.profile, clock.profile_version) == (profile.id, profile.version)
    assert clock.calendar_version == calendar.version
    assert (clock.generation, clock.version, clock.open) == (1, 1, True)
    assert (clock.stated_due, clock.due_at) == (DUE, end_of(DUE))
    assert (entry.clock_id, entry.version, entry.kind) == (clock.id, 1, LedgerKind.STARTED)
    assert (entry.from_due, entry.to_due, entry.document) == (None, clock.due_at, "12/CV-UBND")


def test_the_same_subject_rule_and_round_always_give_the_same_clock(clock):
    assert clock_id(SUBJECT, "R5.1e") == clock.id
    others = {
        clock_id(SUBJECT, "R5.1e", "2"),
        clock_id(SUBJECT, "R7.2a"),
        clock_id("tasks/other", "R5.1e"),
    }
    assert len(others | {clock.id}) == 4
    assert clock_id("a", "b", "c") == UUID("2bcd03bd-9db5-5c10-a694-843f3899f18b")


@pytest.mark.rule("R5.1g")
def test_a_running_clock_is_late_from_midnight_after_the_due_date(clock):
    midnight = datetime(2024, 6, 15, tzinfo=LOCAL)
    assert clock.state(midnight - MICROSECOND) is ClockState.RUNNING
    assert clock.state(midnight) is ClockState.LATE


@pytest.mark.rule("R5.1g")
@pytest.mark.parametrize(
    ("act_on", "state"),
    [(DUE, ClockState.MET), (DUE + timedelta(days=1), ClockState.MET_LATE)],
)
def test_lateness_goes_by_the_date_of_the_act_not_of_its_entry(clock, act_on, state):
    entered = datetime(2024, 6, 20, 9, tzinfo=LOCAL)
    stopped, entry = clock.stop(start_of(act_on), because(at=entered))
    assert stopped.state(entered) is state
    assert (stopped.act_at, stopped.stopped_at) == (start_of(act_on), entered)
    assert (entry.kind, entry.from_due, entry.to_due) == (LedgerKind.STOPPED, clock.due_at, None)
    assert stopped.version == entry.version == 2


@pytest.mark.rule("R6.1d")
def test_an_extension_moves_the_end_and_the_ledger_keeps_both(clock, due_on):
    answer = because(document="99/UBND-TH")
    moved, entry = clock.move(due_on(date(2024, 6, 30)), MoveGround.EXTENSION, answer)
    assert (moved.stated_due, moved.due_at) == (date(2024, 6, 30), end_of(date(2024, 7, 1)))
    assert (entry.kind, entry.ground, entry.document) == (
        LedgerKind.MOVED,
        "EXTENSION",
        "99/UBND-TH",
    )
    assert (entry.from_due, entry.to_due) == (clock.due_at, moved.due_at)
    assert (moved.generation, moved.version) == (1, 2)


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize("asked", [DUE, DUE - timedelta(days=1), DUE - timedelta(days=30)])
def test_an_extension_to_the_same_or_an_earlier_date_is_refused(clock, due_on, asked):
    with pytest.raises(ExtensionShortens) as refused:
        clock.move(due_on(asked), MoveGround.EXTENSION, because())
    assert (refused.value.stated, refused.value.asked) == (DUE, asked)


def test_an_amendment_may_shorten(clock, due_on):
    earlier = DUE - timedelta(days=3)
    moved, entry = clock.move(due_on(earlier), MoveGround.AMENDMENT, because())
    assert moved.due_at == end_of(earlier)
    assert entry.ground == "AMENDMENT"


@pytest.mark.rule("R7.1")
def test_the_intake_clock_moves_when_another_ground_turns_up(profile, calendar):
    rule, issued = profile.rule("R7.1"), start_of(date(2024, 6, 3))
    plain = compute(rule, profile, calendar, started_at=issued)
    several = compute(rule, profile, calendar, started_at=issued, length_ground="SEVERAL_OPINIONS")
    clock, _ = start("directives/x", "van-phong-ubnd-tinh", plain, because())
    moved, _ = clock.move(several, MoveGround.FACTS, because())
    assert (clock.due_at, moved.due_at) == (end_of(date(2024, 6, 5)), end_of(date(2024, 6, 12)))
    assert recompute(moved, profile, calendar) == several


@pytest.mark.rule("R6.1c")
def test_sending_back_runs_the_clock_again_as_a_new_generation(stopped, due_on):
    again, entry = stopped.reopen(due_on(DUE), because("SENT_BACK"))
    assert again.open
    assert (again.generation, again.act_at, again.stopped_at) == (2, None, None)
    assert again.state(end_of(DUE)) is ClockState.LATE
    assert (entry.kind, entry.generation, entry.ground) == (LedgerKind.REOPENED, 2, "SENT_BACK")


@pytest.mark.rule("R6.2a")
def test_a_return_voids_the_clocks_of_the_round_with_its_ground(clock):
    voided, entry = clock.void(because("TASK_RETURNED"))
    assert voided.state(end_of(DUE)) is ClockState.VOID
    assert (voided.void_reason, voided.open) == ("TASK_RETURNED", False)
    assert (entry.kind, entry.ground, entry.to_due) == (LedgerKind.VOIDED, "TASK_RETURNED", None)
    with pytest.raises(ValueError, match="for a reason"):
        clock.void(because(""))


def test_a_met_clock_that_is_voided_keeps_when_it_was_stopped(stopped):
    later = because("TASK_WITHDRAWN", at=FORWARDED + timedelta(days=40))
    voided, _ = stopped.void(later)
    assert voided.stopped_at == stopped.stopped_at
    assert voided.state(later.at) is ClockState.VOID


ALLOWED = {
    ClockState.RUNNING: {Action.MOVE, Action.STOP, Action.VOID},
    ClockState.LATE: {Action.MOVE, Action.STOP, Action.VOID},
    ClockState.MET: {Action.MOVE_STOPPED, Action.REOPEN, Action.VOID},
    ClockState.MET_LATE: {Action.MOVE_STOPPED, Action.REOPEN, Action.VOID},
    ClockState.VOID: set(),
}


@pytest.mark.parametrize("state", list(ClockState))
@pytest.mark.parametrize("action", list(Action))
def test_each_action_works_in_its_states_and_is_refused_in_all_others(clock, due_on, state, action):
    late = end_of(DUE)
    subject = {
        ClockState.RUNNING: clock,
        ClockState.LATE: clock,
        ClockState.MET: clock.stop(start_of(DUE), because())[0],
        ClockState.MET_LATE: clock.stop(late, because())[0],
        ClockState.VOID: clock.void(because("TASK_RETURNED"))[0],
    }[state]
    cause = because("lý do", at=FORWARDED if state is ClockState.RUNNING else late)
    assert subject.state(cause.at) is state
    later = due_on(DUE + timedelta(days=10))
    perform = {
        Action.MOVE: lambda: subject.move(later, MoveGround.AMENDMENT, cause),
        Action.MOVE_STOPPED: lambda: subject.move(
            later, MoveGround.AMENDMENT, cause, stopped_too=True
        ),
        Action.STOP: lambda: subject.stop(start_of(DUE), cause),
        Action.REOPEN: lambda: subject.reopen(later, cause),
        Action.VOID: lambda: subject.void(cause),
    }[action]
    # A command that also moves stopped clocks moves a running one as well.
    allowed = ALLOWED[state] | ({Action.MOVE_STOPPED} if subject.open else set())
    if action in allowed:
        assert perform()[0].version == subject.version + 1
    else:
        with pytest.raises(IllegalMove) as refused:
            perform()
        assert refused.value.state is state
        assert set(refused.value.allowed) == ALLOWED[state]
        assert state in str(refused.value)


def test_what_is_counted_back_and_what_has_no_start_runs_no_clock(profile, calendar, due_on):
    with pytest.raises(ValueError, match="last day for an act"):
        start(SUBJECT, "so-noi-vu", due_on(DUE, "R6.2c"), because())
    unstarted = compute(profile.rule("R5.1e"), profile, calendar, stated_due=DUE)
    with pytest.raises(ValueError, match="has no start"):
        start(SUBJECT, "so-noi-vu", unstarted, because())


@pytest.fixture
def swapped(calendar):
    """Friday 14 June off, Saturday 15 June worked instead."""
    edit = CalendarEdit(
        put=(
            CalendarDay(DUE, DayKind.SWAP_OFF, "Hoán đổi", "1/TB"),
            CalendarDay(DUE + timedelta(days=1), DayKind.SWAP_WORK, "Hoán đổi", "1/TB"),
        )
    )
    return calendar.edited(edit, version=2)


def test_an_edit_of_the_calendar_moves_a_running_clock(clock, profile, swapped):
    moved, entry = redate(clock, profile, swapped, because())
    assert moved.due_at == end_of(DUE + timedelta(days=1))
    assert (moved.stated_due, moved.calendar_version) == (DUE, 2)
    assert (entry.kind, entry.ground) == (LedgerKind.MOVED, "CALENDAR")


def test_an_edit_that_does_not_touch_a_clock_only_brings_it_up_to_date(due_on, profile, swapped):
    far, _ = start(SUBJECT, "so-noi-vu", due_on(date(2024, 9, 20)), because())
    current, entry = redate(far, profile, swapped, because())
    assert entry is None
    assert current == replace(far, calendar_version=2)


def test_an_edit_moves_a_stopped_clock_only_by_an_explicit_command(stopped, profile, swapped):
    assert redate(stopped, profile, swapped, because()) == (stopped, None)
    moved, entry = redate(stopped, profile, swapped, because(), stopped_too=True)
    assert moved.due_at == end_of(DUE + timedelta(days=1))
    assert entry.ground == "CALENDAR"


def test_an_edit_leaves_a_void_clock_alone(clock, profile, swapped):
    voided, _ = clock.void(because("TASK_RETURNED"))
    assert redate(voided, profile, swapped, because(), stopped_too=True) == (voided, None)


def test_a_replica_that_is_behind_does_not_pull_a_clock_back(clock, profile, calendar, swapped):
    moved, _ = redate(clock, profile, swapped, because())
    assert redate(moved, profile, calendar, because()) == (moved, None)


def test_a_clock_is_recomputed_only_with_the_profile_it_pins(clock, profile, calendar):
    with pytest.raises(ValueError, match="pins"):
        recompute(clock, replace(profile, version=2), calendar)
