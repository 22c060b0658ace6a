"""A clock: one limit running for one subject, and the ledger of all that happened to it.

A clock never asks what time it is. Whether it runs, is late, was met in time or met late follows
from its data and an instant; lateness goes by the date of the act, not of its entry (điểm g
khoản 1 Điều 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from services.kernel.limits.domain.calendar import Calendar
from services.kernel.limits.domain.duedate import Computation, compute
from services.kernel.limits.domain.profile import Profile

_CLOCKS = UUID("5d0f8e1c-6f0a-5b7e-9a56-2f7f1d2c4e90")


class ClockState(StrEnum):
    RUNNING = "RUNNING"
    LATE = "LATE"  # still running, past its end
    MET = "MET"
    MET_LATE = "MET_LATE"
    VOID = "VOID"


class LedgerKind(StrEnum):
    STARTED = "STARTED"
    MOVED = "MOVED"
    STOPPED = "STOPPED"
    REOPENED = "REOPENED"
    VOIDED = "VOIDED"


class MoveGround(StrEnum):
    EXTENSION = "EXTENSION"
    CALENDAR = "CALENDAR"
    AMENDMENT = "AMENDMENT"  # the directive or the task was amended
    FACTS = "FACTS"  # another of the rule's lengths applies, or the start was corrected


class Action(StrEnum):
    MOVE = "MOVE"
    MOVE_STOPPED = "MOVE_STOPPED"
    STOP = "STOP"
    REOPEN = "REOPEN"
    VOID = "VOID"


# Transitions as data: what may be done to a clock in a state.
_ALLOWED: dict[ClockState, tuple[Action, ...]] = {
    ClockState.RUNNING: (Action.MOVE, Action.STOP, Action.VOID),
    ClockState.LATE: (Action.MOVE, Action.STOP, Action.VOID),
    ClockState.MET: (Action.MOVE_STOPPED, Action.REOPEN, Action.VOID),
    ClockState.MET_LATE: (Action.MOVE_STOPPED, Action.REOPEN, Action.VOID),
    ClockState.VOID: (),
}


class IllegalMove(ValueError):
    """The clock is in a state that does not allow this; names the state and what is allowed."""

    def __init__(self, clock: Clock, action: Action, state: ClockState) -> None:
        self.clock_id, self.action, self.state = clock.id, action, state
        self.allowed = _ALLOWED[state]
        allowed = ", ".join(self.allowed) or "nothing"
        super().__init__(
            f"clock {clock.id} ({clock.rule}) is {state}: {action} is not allowed, "
            f"allowed is {allowed}"
        )


class ExtensionShortens(ValueError):
    """An extension must give a later date than the one that stands."""

    def __init__(self, stated: date | None, asked: date | None) -> None:
        self.stated, self.asked = stated, asked
        super().__init__(f"an extension from {stated} to {asked} gives no more time")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One transition; (clock_id, version) is unique. `document` is a number and symbol or "".

    `act_at` is the act that stopped the clock as it is known after this entry, None while it runs:
    with it the ledger alone tells how a clock stood at any moment.
    """

    clock_id: UUID
    version: int
    generation: int
    at: datetime
    kind: LedgerKind
    from_due: datetime | None
    to_due: datetime | None
    ground: str
    document: str
    actor: str
    act_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why and by whom something happens to a clock: `at` is the legal time of it."""

    at: datetime
    ground: str
    actor: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """`owed_by` is an agency's slug; `due_at` the first late instant; instants know their zone.

    `cut_over`: of a task brought in at go-live, the instant before which nothing is said of it.
    """

    id: UUID
    subject: str
    rule: str
    profile: str
    profile_version: int
    owed_by: str
    started_at: datetime
    stated_due: date | None
    length_ground: str
    due_at: datetime
    calendar_version: int
    act_at: datetime | None = None
    stopped_at: datetime | None = None
    void_reason: str = ""
    generation: int = 1
    version: int = 1
    cut_over: datetime | None = None

    @property
    def open(self) -> bool:
        return self.stopped_at is None

    def state(self, now: datetime) -> ClockState:
        if self.void_reason:
            return ClockState.VOID
        if self.act_at is not None:
            return ClockState.MET if self.act_at < self.due_at else ClockState.MET_LATE
        return ClockState.LATE if now >= self.due_at else ClockState.RUNNING

    def allowed(self, now: datetime) -> tuple[Action, ...]:
        return _ALLOWED[self.state(now)]

    def move(
        self, to: Computation, ground: MoveGround, cause: Cause, *, stopped_too: bool = False
    ) -> tuple[Clock, LedgerEntry]:
        """Give it another end. A stopped clock moves only if that is asked for by name."""
        self._require(Action.MOVE if self.open or not stopped_too else Action.MOVE_STOPPED, cause)
        if ground is MoveGround.EXTENSION:
            longer = to.stated_due and self.stated_due and to.stated_due > self.stated_due
            if not longer or to.due_at < self.due_at:
                raise ExtensionShortens(self.stated_due, to.stated_due)
        moved = replace(
            self,
            started_at=to.started_at or self.started_at,
            stated_due=to.stated_due,
            length_ground=to.length_ground,
            due_at=to.due_at,
            calendar_version=to.calendar_version,
        )
        return self._next(moved, LedgerKind.MOVED, replace(cause, ground=ground))

    def stop(self, act_at: datetime, cause: Cause) -> tuple[Clock, LedgerEntry]:
        """Stop it by an act. For an act known by its day, `act_at` is 00:00 of that day."""
        self._require(Action.STOP, cause)
        stopped = replace(self, act_at=act_at, stopped_at=cause.at)
        return self._next(stopped, LedgerKind.STOPPED, cause)

    def reopen(self, to: Computation, cause: Cause) -> tuple[Clock, LedgerEntry]:
        """What was done was sent back: the clock runs again, as a new generation."""
        self._require(Action.REOPEN, cause)
        reopened = replace(
            self,
            stated_due=to.stated_due,
            length_ground=to.length_ground,
            due_at=to.due_at,
            calendar_version=to.calendar_version,
            act_at=None,
            stopped_at=None,
            generation=self.generation + 1,
        )
        return self._next(reopened, LedgerKind.REOPENED, cause)

    def void(self, cause: Cause) -> tuple[Clock, LedgerEntry]:
        """It no longer counts; `cause.ground` says why and stays on it."""
        self._require(Action.VOID, cause)
        if not cause.ground:
            raise ValueError("a clock is voided for a reason")
        stopped_at = self.stopped_at or cause.at
        voided = replace(self, void_reason=cause.ground, stopped_at=stopped_at)
        return self._next(voided, LedgerKind.VOIDED, cause)

    def _require(self, action: Action, cause: Cause) -> None:
        state = self.state(cause.at)
        if action not in _ALLOWED[state]:
            raise IllegalMove(self, action, state)

    def _next(self, after: Clock, kind: LedgerKind, cause: Cause) -> tuple[Clock, LedgerEntry]:
        after = replace(after, version=self.version + 1)
        return after, _entry(after, kind, self.due_at, cause)


def clock_id(subject: str, rule: str, discriminator: str = "") -> UUID:
    """The id a clock always gets: `discriminator` is its period or the round of its task."""
    return uuid5(_CLOCKS, "\n".join((subject, rule, discriminator)))


def start(
    subject: str,
    owed_by: str,
    computation: Computation,
    cause: Cause,
    *,
    started_at: datetime | None = None,
    discriminator: str = "",
    cut_over: datetime | None = None,
) -> tuple[Clock, LedgerEntry]:
    """Start a clock for what was computed; `started_at` where the limit does not count from it."""
    begun = computation.started_at or started_at
    if begun is None:
        raise ValueError(f"{computation.rule.id} for {subject} has no start")
    if not computation.rule.runs_as_clock:
        raise ValueError(f"{computation.rule.id} is a last day for an act, no clock runs for it")
    clock = Clock(
        id=clock_id(subject, computation.rule.id, discriminator),
        subject=subject,
        rule=computation.rule.id,
        profile=computation.profile,
        profile_version=computation.profile_version,
        owed_by=owed_by,
        started_at=begun,
        stated_due=computation.stated_due,
        length_ground=computation.length_ground,
        due_at=computation.due_at,
        calendar_version=computation.calendar_version,
        cut_over=cut_over,
    )
    return clock, _entry(clock, LedgerKind.STARTED, None, cause)


def recompute(clock: Clock, profile: Profile, calendar: Calendar) -> Computation:
    """The end of the clock by this calendar; `profile` is the one it pins."""
    if (profile.id, profile.version) != (clock.profile, clock.profile_version):
        raise ValueError(f"clock {clock.id} pins {clock.profile} version {clock.profile_version}")
    return compute(
        profile.rule(clock.rule),
        profile,
        calendar,
        started_at=clock.started_at,
        stated_due=clock.stated_due,
        length_ground=clock.length_ground,
    )


def redate(
    clock: Clock, profile: Profile, calendar: Calendar, cause: Cause, *, stopped_too: bool = False
) -> tuple[Clock, LedgerEntry | None]:
    """Bring a clock onto a newer calendar; no entry if its end stays.

    Voided clocks, stopped ones unless asked for, and clocks that are already on this calendar or
    a newer one come back as they are. The rungs before the end can move although the end stays,
    so the caller reconciles them in any case.
    """
    behind = clock.calendar_version < calendar.version
    if clock.void_reason or not behind or not (clock.open or stopped_too):
        return clock, None
    computation = recompute(clock, profile, calendar)
    if computation.due_at == clock.due_at:
        return replace(clock, calendar_version=calendar.version), None
    return clock.move(computation, MoveGround.CALENDAR, cause, stopped_too=stopped_too)


def _entry(clock: Clock, kind: LedgerKind, from_due: datetime | None, cause: Cause) -> LedgerEntry:
    ended = kind in (LedgerKind.STOPPED, LedgerKind.VOIDED)
    return LedgerEntry(
        clock_id=clock.id,
        version=clock.version,
        generation=clock.generation,
        at=cause.at,
        kind=kind,
        from_due=from_due,
        to_due=None if ended else clock.due_at,
        ground=cause.ground,
        document=cause.document,
        actor=cause.actor,
        act_at=clock.act_at,
    )
