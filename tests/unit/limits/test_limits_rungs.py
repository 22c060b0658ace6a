from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.kernel.limits.domain.calendar import LOCAL, end_of, start_of
from services.kernel.limits.domain.clock import Cause, MoveGround, start
from services.kernel.limits.domain.duedate import compute
from services.kernel.limits.domain.profile import Direction, Ladder, Step, Unit
from services.kernel.limits.domain.rungs import Rung, reconcile, rungs_for

FORWARDED = datetime(2024, 6, 3, 10, tzinfo=LOCAL)
DUE = date(2024, 6, 14)  # a Friday
CAUSE = Cause(FORWARDED, "", "van-phong-ubnd-tinh")


@pytest.fixture
def play(profile, calendar):
    """A task's clock with its rows, and the timer that fires what is due."""
    return Play(profile, calendar)


class Play:
    def __init__(self, profile, calendar, rule="R5.1e", stated=DUE, started_at=FORWARDED):
        self.profile, self.calendar, self.rule = profile, calendar, profile.rule(rule)
        self.clock, _ = start("tasks/x", "so-noi-vu", self.computed(stated, started_at), CAUSE)
        self.rows: dict[tuple, Rung] = {}

    def computed(self, stated, started_at=FORWARDED):
        return compute(
            self.rule, self.profile, self.calendar, started_at=started_at, stated_due=stated
        )

    def reconcile(self, now):
        ladder = self.profile.ladder_of(self.rule)
        wanted = rungs_for(self.clock, ladder, self.calendar, now)
        changes = reconcile(self.clock, self.rows.values(), wanted, now)
        for rung in (*changes.insert, *changes.revoke, *changes.restore):
            self.rows[rung.key] = rung
        return changes

    def fire(self, now):
        due = [rung for rung in self.rows.values() if rung.waiting and rung.fire_at <= now]
        for rung in due:
            self.rows[rung.key] = replace(rung, fired_at=now)
        return [rung.name for rung in sorted(due, key=lambda rung: rung.fire_at)]

    def names(self, wanted):
        return sorted(rung.name for rung in self.rows.values() if wanted(rung))


def at(month, day, hour=0):
    return datetime(2024, month, day, hour, tzinfo=LOCAL)


def test_a_task_is_urged_before_on_and_after_its_due_date(play):
    play.reconcile(FORWARDED)
    assert {rung.name: rung.fire_at for rung in play.rows.values()} == {
        "due_soon": at(6, 7),
        "due_today": at(6, 14),
        "overdue": at(6, 15),
        "overdue_5": at(6, 21),
        "overdue_10": at(6, 28),
    }
    assert all(rung.waiting for rung in play.rows.values())


@pytest.mark.rule("R6.2c")
def test_due_soon_comes_while_there_is_still_time_to_ask_for_an_extension(play, profile, calendar):
    play.reconcile(FORWARDED)
    due_soon = next(rung for rung in play.rows.values() if rung.name == "due_soon")
    rule = profile.rule("R6.2c")
    last_day = compute(rule, profile, calendar, stated_due=DUE).last_day
    assert due_soon.fire_at < start_of(last_day)


@pytest.mark.rule("R7.2a")
def test_the_update_is_missing_from_the_end_of_its_own_limit(profile, calendar):
    play = Play(profile, calendar, rule="R7.2a")
    play.reconcile(FORWARDED)
    (missing,) = play.rows.values()
    assert (missing.name, missing.fire_at) == ("update_missing", end_of(date(2024, 6, 19)))


def test_a_clock_entered_late_says_only_the_latest_past_rung(play):
    now = at(6, 25)
    play.reconcile(now)
    assert play.names(lambda rung: rung.skipped) == ["due_soon", "due_today", "overdue"]
    assert play.fire(now) == ["overdue_5"]
    assert play.fire(at(7, 30)) == ["overdue_10"]


def test_old_tasks_brought_in_at_go_live_are_silent_about_the_past(play):
    play.clock = replace(play.clock, cut_over=at(6, 25))
    play.reconcile(at(6, 25))
    assert play.fire(at(6, 25)) == []
    assert play.fire(at(7, 30)) == ["overdue_10"]


def test_they_stay_silent_about_it_when_their_clock_moves(play):
    play.clock = replace(play.clock, cut_over=at(6, 25))
    play.reconcile(at(6, 25))
    for due in (date(2024, 6, 13), date(2024, 6, 17), DUE):
        play.clock, _ = play.clock.move(play.computed(due), MoveGround.CALENDAR, CAUSE)
        play.reconcile(at(6, 26))
        assert play.fire(at(6, 26)) == []
    assert play.fire(at(7, 30)) == ["overdue_10"]


def test_what_a_move_brings_behind_the_cut_over_is_said(play):
    play.clock = replace(play.clock, cut_over=at(6, 17))
    play.reconcile(at(6, 18))
    assert play.fire(at(6, 18)) == []
    play.clock, _ = play.clock.move(play.computed(date(2024, 6, 17)), MoveGround.CALENDAR, CAUSE)
    play.reconcile(at(6, 18))
    assert play.fire(at(6, 18)) == ["overdue"]


def test_nothing_is_due_soon_before_the_clock_has_begun(profile, calendar):
    play = Play(profile, calendar, stated=date(2024, 6, 5))
    play.reconcile(FORWARDED)
    assert min(rung.fire_at for rung in play.rows.values()) == FORWARDED
    assert play.fire(FORWARDED) == ["due_soon"]


def test_reconciling_again_changes_nothing(play):
    play.reconcile(FORWARDED)
    changes = play.reconcile(at(6, 10))
    assert (changes.insert, changes.revoke, changes.restore) == ((), (), ())
    assert len(changes.keep) == 5


def test_rows_missed_by_a_timer_that_was_down_all_fire_in_order(play):
    play.reconcile(FORWARDED)
    play.reconcile(at(6, 25))
    assert play.fire(at(6, 25)) == ["due_soon", "due_today", "overdue", "overdue_5"]


@pytest.mark.rule("R6.1d")
def test_an_extension_takes_back_what_is_not_true_any_more(play):
    play.reconcile(FORWARDED)
    now = at(6, 17)
    assert play.fire(now) == ["due_soon", "due_today", "overdue"]
    longer = play.computed(date(2024, 7, 12))
    play.clock, _ = play.clock.move(longer, MoveGround.EXTENSION, CAUSE)
    changes = play.reconcile(now)
    taken_back = {rung.name for rung in changes.revoke if rung.fired_at}
    assert taken_back == {"due_soon", "due_today", "overdue"}
    assert all(rung.revoked_at == now for rung in changes.revoke)
    assert len(changes.revoke) == 5
    assert play.fire(at(7, 10)) == ["due_soon"]
    assert play.fire(at(7, 13)) == ["due_today", "overdue"]


def test_what_was_said_and_is_still_true_is_not_said_again(play):
    play.reconcile(FORWARDED)
    play.fire(at(6, 12))
    earlier = play.computed(date(2024, 6, 13))
    play.clock, _ = play.clock.move(earlier, MoveGround.AMENDMENT, CAUSE)
    changes = play.reconcile(at(6, 12))
    assert [rung.name for rung in changes.keep] == ["due_soon"]
    assert play.fire(at(6, 14)) == ["due_today", "overdue"]


def test_a_fired_rung_stays_on_record_for_ever(play):
    play.reconcile(FORWARDED)
    play.fire(at(6, 17))
    fired = [rung for rung in play.rows.values() if rung.fired_at]
    play.clock, _ = play.clock.move(play.computed(date(2024, 7, 12)), MoveGround.EXTENSION, CAUSE)
    play.reconcile(at(6, 17))
    assert all(play.rows[rung.key].fired_at == rung.fired_at for rung in fired)


def test_moving_back_restores_the_same_rows_without_saying_them_twice(play):
    play.reconcile(FORWARDED)
    play.fire(at(6, 17))
    before = dict(play.rows)
    there, back = play.computed(date(2024, 7, 12)), play.computed(DUE)
    play.clock, _ = play.clock.move(there, MoveGround.AMENDMENT, CAUSE)
    play.reconcile(at(6, 17))
    play.clock, _ = play.clock.move(back, MoveGround.AMENDMENT, CAUSE)
    changes = play.reconcile(at(6, 17))
    assert changes.insert == ()
    standing = {key: replace(r, changes=0) for key, r in play.rows.items() if not r.revoked_at}
    assert standing == before
    assert play.fire(at(6, 17)) == []


def test_a_stopped_clock_says_nothing_more(play):
    play.reconcile(FORWARDED)
    play.fire(at(6, 10))
    play.clock, _ = play.clock.stop(start_of(date(2024, 6, 10)), CAUSE)
    play.reconcile(at(6, 10, 9))
    assert play.fire(at(7, 30)) == []
    assert play.names(lambda rung: not rung.revoked_at) == ["due_soon"]


@pytest.mark.rule("R5.1g")
def test_an_act_dated_before_the_end_takes_overdue_back(play):
    play.reconcile(FORWARDED)
    now = at(6, 18, 9)
    play.fire(now)
    play.clock, _ = play.clock.stop(start_of(DUE), replace(CAUSE, at=now))
    changes = play.reconcile(now)
    assert {rung.name for rung in changes.revoke if rung.fired_at} == {"overdue"}
    assert play.names(lambda rung: not rung.revoked_at) == ["due_soon", "due_today"]


@pytest.mark.rule("R5.1g", "R6.1d")
def test_a_new_end_after_the_act_takes_overdue_back_from_a_clock_that_is_stopped(play):
    play.reconcile(FORWARDED)
    now = at(6, 18, 9)
    play.fire(now)
    done = replace(CAUSE, at=now)
    play.clock, _ = play.clock.stop(at(6, 17), done)
    assert not play.reconcile(now).insert
    longer, shorter = play.computed(date(2024, 6, 20)), play.computed(DUE)

    play.clock, _ = play.clock.move(longer, MoveGround.EXTENSION, done, stopped_too=True)
    changes = play.reconcile(now)
    assert {rung.name for rung in changes.revoke} == {"due_today", "overdue"}
    assert all(rung.fired_at and rung.changes == 1 for rung in changes.revoke)
    assert (changes.insert, play.names(lambda rung: rung.waiting)) == ((), [])

    play.clock, _ = play.clock.move(shorter, MoveGround.AMENDMENT, done, stopped_too=True)
    changes = play.reconcile(now)
    assert {rung.name for rung in changes.restore} == {"due_today", "overdue"}
    assert all(rung.changes == 2 for rung in changes.restore)
    assert play.fire(at(7, 30)) == []


def test_a_void_clock_says_nothing_more_but_what_was_said_stays(play):
    play.reconcile(FORWARDED)
    play.fire(at(6, 17))
    play.clock, _ = play.clock.void(replace(CAUSE, ground="TASK_RETURNED"))
    changes = play.reconcile(at(6, 17))
    assert {rung.name for rung in changes.revoke} == {"overdue_5", "overdue_10"}
    assert {rung.name for rung in changes.keep} == {"due_soon", "due_today", "overdue"}


@pytest.mark.rule("R6.1c")
def test_sending_back_begins_a_new_ladder_and_keeps_the_old_record(play):
    play.reconcile(FORWARDED)
    play.fire(at(6, 10))
    play.clock, _ = play.clock.stop(start_of(date(2024, 6, 10)), CAUSE)
    play.reconcile(at(6, 11))
    play.clock, _ = play.clock.reopen(play.computed(DUE), CAUSE)
    play.reconcile(at(6, 12))
    assert play.fire(at(6, 12)) == ["due_soon"]
    assert play.fire(at(6, 15)) == ["due_today", "overdue"]
    assert play.names(lambda rung: rung.generation == 1 and rung.fired_at) == ["due_soon"]


def test_a_ladder_in_hours_counts_from_the_first_late_instant(profile, calendar):
    steps = (
        Step("due_soon", Direction.BEFORE, 2, Unit.HOURS),
        Step("overdue_4", Direction.AFTER, 4, Unit.HOURS),
    )
    clock = Play(profile, calendar).clock
    soon, late = rungs_for(clock, Ladder("hours", steps), calendar, FORWARDED)
    assert (soon.fire_at, late.fire_at) == (at(6, 14, 22), at(6, 15, 4))


def test_a_clock_without_a_ladder_has_no_rungs(profile, calendar):
    play = Play(profile, calendar, rule="R19.1")
    assert profile.ladder_of(play.rule) is None
    assert rungs_for(play.clock, None, calendar, FORWARDED) == ()


def test_rows_of_another_clock_are_left_alone(play, profile, calendar):
    play.reconcile(FORWARDED)
    other = replace(play.clock, id=play.clock.id.__class__(int=1))
    changes = reconcile(other, play.rows.values(), (), FORWARDED + timedelta(days=1))
    assert (changes.revoke, changes.keep) == ((), ())
