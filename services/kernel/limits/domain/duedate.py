"""Where a limit ends, and the way there.

`compute` is the only place that ends a limit. It returns the legs of the way together with the
end, and the explanation walks those same legs: what is shown is what was computed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.kernel.limits.domain.calendar import LOCAL, Calendar, end_of, local_date
from services.kernel.limits.domain.profile import (
    CountsFrom,
    Direction,
    Duty,
    Fact,
    LimitRule,
    Profile,
    Roll,
    Unit,
)

_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


class LimitError(ValueError):
    """A limit cannot be computed because a date that it counts from is missing."""


class LegKind(StrEnum):
    FORWARD = "FORWARD"
    BACK = "BACK"
    ROLL = "ROLL"  # from a day off to the next working day
    CAP = "CAP"  # back to the latest day that is allowed


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of the way: from `start` (not counted) to `end`, `length` units; 0 = no count."""

    kind: LegKind
    start: date
    end: date
    length: int = 0
    unit: Unit = Unit.CALENDAR_DAYS


@dataclass(frozen=True, slots=True)
class Length:
    """The length that applies. `ground` is the fact behind it, "" for the rule's own length.

    `also` are further facts that hold and give the same length.
    """

    length: int
    unit: Unit
    ground: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computation:
    """The end of a limit with everything it was computed from.

    `last_day` is the last good day, `due_at` the first instant that is too late.
    """

    rule: LimitRule
    profile: str
    profile_version: int
    calendar_version: int
    started_at: datetime | None
    stated_due: date | None
    length_ground: str
    length: int
    unit: Unit
    legs: tuple[Leg, ...]
    last_day: date
    due_at: datetime


def intake_limit(rule: LimitRule, facts: Collection[Fact]) -> Length:
    """Which of a rule's lengths applies to these facts (for R7.1: 2 or 7, with the ground).

    Works for every rule with alternatives: the first listed whose fact holds is the one.
    """
    holding = [alternative for alternative in rule.alternatives if alternative.fact in facts]
    if not holding:
        return Length(rule.length, rule.unit)
    chosen, *others = holding
    same = (a.fact for a in others if (a.length, a.unit) == (chosen.length, chosen.unit))
    return Length(chosen.length, chosen.unit, chosen.fact, tuple(same))


def legal_end(stated_due: date, roll: Roll, calendar: Calendar) -> date:
    """A stated date on a day off ends with the next working day (khoản 5 Điều 148 BLDS)."""
    return calendar.next_working_day(stated_due) if roll is Roll.NEXT_WORKING_DAY else stated_due


def last_day_to_ask_extension(
    profile: Profile, stated_due: date, calendar: Calendar
) -> date | None:
    """The last day on which an extension can be asked for; None if the profile sets no such limit.

    A day before the task was forwarded means: the limit is too short for an extension.
    """
    rule = profile.limit_on(Duty.ASK_EXTENSION)
    return compute(rule, profile, calendar, stated_due=stated_due).last_day if rule else None


def compute(
    rule: LimitRule,
    profile: Profile,
    calendar: Calendar,
    *,
    started_at: datetime | None = None,
    stated_due: date | None = None,
    length_ground: str = "",
) -> Computation:
    """End the limit `rule` of `profile`.

    started_at: the legal instant of the act that starts it (for an act known by its day, 00:00).
    stated_due: the task's due date, or the end of the period, as it is stated.
    length_ground: `Length.ground` where the rule has several lengths.
    LimitError: the rule counts from a date that is not given.
    """
    alternative = rule.alternative(length_ground)
    length, unit = (rule.length, rule.unit)
    if alternative:
        length, unit = alternative.length, alternative.unit
    legs: list[Leg] = []
    due_at: datetime | None = None

    if unit is Unit.HOURS:
        start = _given(rule, started_at)
        due_at = start.astimezone(LOCAL) + timedelta(hours=length)
        end = local_date(due_at - _INSTANT)
        legs.append(Leg(LegKind.FORWARD, local_date(start), end, length, unit))
    else:
        day = _first_day(rule, profile, calendar, started_at, stated_due, legs)
        end = _counted(rule.direction, day, length, unit, calendar)
        kind = LegKind.BACK if rule.direction is Direction.BEFORE else LegKind.FORWARD
        legs.append(Leg(kind, day, end, length, unit))

    if rule.roll is Roll.NEXT_WORKING_DAY and not calendar.is_working(end):
        rolled = calendar.next_working_day(end)
        legs.append(Leg(LegKind.ROLL, end, rolled))
        end, due_at = rolled, None
    if rule.cap and stated_due:
        # Điểm d khoản 1 Điều 6, as read: the day before the due date, never before the receipt.
        before_due = legal_end(stated_due, profile.due_roll(), calendar) - _DAY
        latest = max(before_due, local_date(_given(rule, started_at)))
        if end > latest:
            legs.append(Leg(LegKind.CAP, end, latest))
            end, due_at = latest, None

    return Computation(
        rule=rule,
        profile=profile.id,
        profile_version=profile.version,
        calendar_version=calendar.version,
        started_at=started_at,
        stated_due=stated_due,
        length_ground=length_ground,
        length=length,
        unit=unit,
        legs=tuple(legs),
        last_day=end,
        due_at=due_at or end_of(end),
    )


def _first_day(
    rule: LimitRule,
    profile: Profile,
    calendar: Calendar,
    started_at: datetime | None,
    stated_due: date | None,
    legs: list[Leg],
) -> date:
    if rule.counts_from is CountsFrom.START:
        return local_date(_given(rule, started_at))
    if stated_due is None:
        raise LimitError(f"{rule.id} counts from a stated date and none is given")
    if rule.counts_from is CountsFrom.STATED_DUE:
        return stated_due
    end = legal_end(stated_due, profile.due_roll(), calendar)
    if end != stated_due:
        legs.append(Leg(LegKind.ROLL, stated_due, end))
    return end


def _counted(direction: Direction, day: date, length: int, unit: Unit, calendar: Calendar) -> date:
    if unit is Unit.CALENDAR_DAYS:
        return day + timedelta(days=length if direction is Direction.AFTER else -length)
    if direction is Direction.AFTER:
        return calendar.add_working_days(day, length)
    return calendar.subtract_working_days(day, length)


def _given(rule: LimitRule, started_at: datetime | None) -> datetime:
    if started_at is None:
        raise LimitError(f"{rule.id} counts from its start and none is given")
    return started_at
