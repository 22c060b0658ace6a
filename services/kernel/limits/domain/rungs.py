"""Rungs: what is said on the way to the end of a clock and after it, each at its time.

The regulation has no reminders; the ladder is ours. Rungs are rows, made when a clock starts and
reconciled whenever it changes. What was said stays on record; where a later change makes it
untrue it is revoked, never erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.kernel.limits.domain.calendar import Calendar, local_date, start_of
from services.kernel.limits.domain.clock import Clock
from services.kernel.limits.domain.profile import Direction, Ladder, Step, Unit

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """(clock_id, name, generation, fire_at) is unique. Skipped rungs are never fired."""

    clock_id: UUID
    name: str
    generation: int
    fire_at: datetime
    fired_at: datetime | None = None
    revoked_at: datetime | None = None
    skipped: bool = False
    changes: int = 0  # how often it was taken back or said anew after it had fired

    @property
    def key(self) -> tuple[UUID, str, int, datetime]:
        return self.clock_id, self.name, self.generation, self.fire_at

    @property
    def waiting(self) -> bool:
        """Still to be fired."""
        return self.fired_at is None and self.revoked_at is None and not self.skipped

    @property
    def settled(self) -> bool:
        """Said, or passed over because a later rung spoke for it."""
        return self.fired_at is not None or self.skipped


@dataclass(frozen=True, slots=True)
class RungChanges:
    """What to write: rows to insert, rows to revoke (with revoked_at set), rows to restore."""

    insert: tuple[Rung, ...] = ()
    revoke: tuple[Rung, ...] = ()
    restore: tuple[Rung, ...] = ()
    keep: tuple[Rung, ...] = ()


def rungs_for(
    clock: Clock,
    ladder: Ladder | None,
    calendar: Calendar,
    now: datetime,
) -> tuple[Rung, ...]:
    """The rungs a clock should have now, in their order; none once it is void.

    Of those whose time has passed only the latest will be said, the earlier ones are skipped. All
    before the clock's cut-over (go-live with old tasks) are skipped. Those of a clock that an act has
    stopped are never said: `reconcile` judges by them what was said before.
    """
    if ladder is None or clock.void_reason:
        return ()
    cut_over = clock.cut_over
    fire_times = [(fire_time(step, clock, calendar), step.name) for step in ladder.steps]
    fire_times.sort(key=lambda entry: entry[0])
    passed = [name for fire_at, name in fire_times if fire_at <= now]
    return tuple(
        Rung(
            clock_id=clock.id,
            name=name,
            generation=clock.generation,
            fire_at=fire_at,
            skipped=name in passed[:-1] or (cut_over is not None and fire_at < cut_over),
        )
        for fire_at, name in fire_times
    )


def fire_time(step: Step, clock: Clock, calendar: Calendar) -> datetime:
    """When this step of the ladder is due; never before the clock has begun."""
    before = step.direction is Direction.BEFORE
    if step.unit is Unit.HOURS:
        distance = timedelta(hours=step.length)
        fire_at = clock.due_at - distance if before else clock.due_at + distance
    elif step.length == 0 and not before:
        fire_at = clock.due_at
    else:
        last_day = local_date(clock.due_at - _INSTANT)
        count = calendar.subtract_working_days if before else calendar.add_working_days
        fire_at = start_of(count(last_day, step.length))
    return max(fire_at, clock.started_at)


def reconcile(
    clock: Clock, existing: Iterable[Rung], wanted: Iterable[Rung], now: datetime
) -> RungChanges:
    """From the rows a clock has to those it should have (`rungs_for` of the same clock and now).

    A rung that was said is not said again while it is still true: where its new time has passed
    as well, it stays. Where its new time is to come, or where the act that stopped the clock
    turns out to lie before it, it is revoked. An edit and its reverse restore the same rows. A
    stopped clock gets no row that it has not had.
    """
    rows = [rung for rung in existing if rung.clock_id == clock.id]
    goals = {rung.name: rung for rung in wanted}
    by_key = {rung.key: rung for rung in rows}
    revoke: list[Rung] = []
    keep: list[Rung] = []
    for rung in rows:
        if rung.revoked_at is not None:
            continue
        current = rung.generation == clock.generation
        goal = goals.get(rung.name) if current else None
        if _stands(rung, goal, clock, now) if current else rung.settled:
            keep.append(rung)
        else:
            revoke.append(_changed(rung, now))
    standing = {rung.name for rung in keep if rung.generation == clock.generation}
    missing = [goal for name, goal in goals.items() if name not in standing]
    known = [by_key[goal.key] for goal in missing if goal.key in by_key]
    return RungChanges(
        insert=tuple(goal for goal in missing if clock.open and goal.key not in by_key),
        revoke=tuple(revoke),
        restore=tuple(
            _changed(rung, None) for rung in known if clock.open or _true_of_act(rung, rung, clock)
        ),
        keep=tuple(keep),
    )


def _changed(rung: Rung, revoked_at: datetime | None) -> Rung:
    """Taken back or restored; counted where it was said, since others have heard it."""
    changes = rung.changes + (rung.fired_at is not None)
    return replace(rung, revoked_at=revoked_at, changes=changes)


def _stands(rung: Rung, goal: Rung | None, clock: Clock, now: datetime) -> bool:
    """Whether a rung of the clock's own generation is still right."""
    if not clock.open:
        # Stopped or void: what was not said will not be.
        return _true_of_act(rung, goal or rung, clock)
    if goal is None:  # no longer on the ladder
        return rung.settled
    if goal.fire_at == rung.fire_at:
        return True
    # One that was skipped has not been said: it stays so only where nothing is to be said of it now.
    return goal.skipped if rung.skipped else rung.settled and goal.fire_at <= now


def _true_of_act(rung: Rung, goal: Rung, clock: Clock) -> bool:
    """Whether what was said is true of a clock that is over; lateness goes by the date of the act.

    `goal` has the time at which it would be said by the end that the clock has now: that can have
    moved after the act, so that what was said of the old end is true no more.
    """
    if not rung.settled:
        return False
    return clock.act_at is None or bool(clock.void_reason) or goal.fire_at <= clock.act_at
