"""Which clocks an edit of the calendar can touch, and which days on a way are not decided yet.

Both follow from what `compute` asks of the calendar, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.kernel.limits.domain.calendar import (
    Calendar,
    CalendarChange,
    DayStatus,
    local_date,
)
from services.kernel.limits.domain.clock import Clock
from services.kernel.limits.domain.duedate import Computation, LegKind
from services.kernel.limits.domain.profile import CountsFrom, Roll, Unit

_DAY = timedelta(days=1)


def reach(clock: Clock, longest_rest: int) -> tuple[date, date]:
    """The days outside of which an edit cannot move this clock.

    `longest_rest`: of the calendar that the clock stands on. The end is reached by a count from
    the start or the stated date up to the last day, so that a day before or after that is never
    asked for; a cap, and the own due date of a task, ask how far the stated date rolls, and that
    is at most over one row of days off.
    """
    last = local_date(clock.due_at - datetime.resolution)
    first = local_date(clock.started_at)
    if clock.stated_due is None:
        return min(first, last), last
    rolled = clock.stated_due + timedelta(days=longest_rest)
    return min(first, clock.stated_due, last), max(last, rolled)


def document_of(clock: Clock, changes: Iterable[CalendarChange], calendar: Calendar) -> str:
    """The documents by which the clock moves: of the edits since its calendar that lie on its way."""
    since = [c for c in changes if clock.calendar_version < c.version <= calendar.version]
    first, last = reach(clock, calendar.longest_rest)
    touching = [c for c in since if any(first <= day <= last for day in c.days)] or since
    return "; ".join(dict.fromkeys(c.document for c in touching if c.document))


def estimated_on(computation: Computation, calendar: Calendar) -> tuple[date, ...]:
    """Days that decide the end and that no document has decided yet, sorted.

    Ordinary days of a year whose holidays are not entered are among them. Days that are merely
    passed over by a count in calendar days or hours decide nothing.
    """
    asked: set[date] = set()
    rule, stated = computation.rule, computation.stated_due
    if rule.counts_from is CountsFrom.LEGAL_END and stated:
        asked.add(stated)
    if rule.cap and stated:
        # The bound asks how far the due date rolls, also where the end stays within it.
        asked.update(_days(stated, calendar.next_working_day(stated)))
    for leg in computation.legs:
        if leg.kind is LegKind.ROLL:
            asked.update(_days(leg.start, leg.end))
        elif leg.kind is not LegKind.CAP and leg.unit is Unit.WORKING_DAYS:
            asked.update(_days(min(leg.start + _DAY, leg.end), max(leg.start - _DAY, leg.end)))
        elif leg.kind is not LegKind.CAP and rule.roll is Roll.NEXT_WORKING_DAY:
            asked.add(leg.end)
    estimated = (day for day in asked if calendar.status_of(day) is DayStatus.ESTIMATED)
    return tuple(sorted(estimated))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + _DAY * n for n in range((last - first).days + 1))
