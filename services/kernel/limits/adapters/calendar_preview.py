"""What an edit of the calendar would do to the clocks of this service, and which rest on estimates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from dondoc.calendar.v1 import calendar_pb2
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as pb
from sqlalchemy import ColumnElement, or_, true

from services.kernel.directory.copy import resource
from services.kernel.limits.adapters import clock_store
from services.kernel.limits.adapters.calendar_edits import edit_of, touched
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.clock_messages import name_of
from services.kernel.limits.adapters.clock_store import RUNNING
from services.kernel.limits.adapters.tables import clock as table
from services.kernel.limits.domain.calendar import Calendar, start_of
from services.kernel.limits.domain.clock import Clock, recompute
from services.kernel.limits.domain.duedate import Computation
from services.kernel.limits.domain.reach import estimated_on
from services.kernel.runtime.access import Access
from services.kernel.runtime.protos import to_date, to_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Page:
    """Of the clocks examined those that move; `last` is where the next page begins, None at the end."""

    moves: list[pb.ClockMove]
    last: UUID | None


async def moves(
    work: UnitOfWork,
    access: Access,
    book: ClockBook,
    days: Sequence[calendar_pb2.CalendarDay],
    *,
    stopped_too: bool,
    after: UUID | None,
    limit: int,
) -> Page:
    """Only clocks in reach of the edited days are computed: an edit cannot move any other."""
    before = await book.calendars.read(work)
    edit = edit_of(days, before)
    edited = before.edited(edit, before.version + 1)
    # A clock that the sweep has not reached yet stands on an older calendar than the one it is held against.
    where: ColumnElement[bool] = or_(
        clock_store.in_reach(touched(edit), before.longest_rest),
        table.c.calendar_version < before.version,
    )
    if not stopped_too:
        where = where & RUNNING
    where = where & (table.c.void_reason == "")
    found = await clock_store.examine(work, access, where, after=after, limit=limit)
    moved = []
    for kept in found:
        now, then = (_computed(book, kept.clock, calendar) for calendar in (before, edited))
        if now.due_at != then.due_at:
            moved.append(_move(kept.clock, now, then, work.now))
    return Page(moved, found[-1].clock.id if len(found) == limit else None)


async def estimates(
    work: UnitOfWork, access: Access, book: ClockBook
) -> tuple[int, list[pb.EstimatedDay]]:
    """How many running clocks that the caller may see rest on undecided days, and on which of the
    entered ones. (Of a year that is not entered each working day would be one.)"""
    calendar = await book.calendars.read(work)
    clocks, on = 0, Counter[date]()
    after: UUID | None = None
    while True:
        found = await clock_store.examine(
            work, access, RUNNING & _may_be_estimated(calendar), after=after, limit=BATCH
        )
        for kept in found:
            days = estimated_on(_computed(book, kept.clock, calendar), calendar)
            clocks += bool(days)
            on.update(day for day in days if day in calendar.days)
        if len(found) < BATCH:
            return clocks, [pb.EstimatedDay(day=to_date(day), clocks=on[day]) for day in sorted(on)]
        after = found[-1].clock.id


def _may_be_estimated(calendar: Calendar) -> ColumnElement[bool]:
    """Clocks whose end and stated date lie before the first undecided day rest on none."""
    if not calendar.years:
        return true()
    first, last = calendar.years[0], calendar.years[-1]
    gaps = [date(year, 1, 1) for year in range(first, last + 2) if year not in calendar.years]
    earliest = min([*gaps, *calendar.estimated_days()]) - timedelta(days=calendar.longest_rest)
    return or_(
        table.c.due_at > start_of(earliest),
        table.c.stated_due >= earliest,
        table.c.started_at < start_of(date(first, 1, 1)),
        table.c.stated_due < date(first, 1, 1),
    )


def _computed(book: ClockBook, clock: Clock, calendar: Calendar) -> Computation:
    profile = book.profiles.pinned(clock.profile, clock.profile_version)
    return recompute(clock, profile, calendar)


def _move(clock: Clock, now: Computation, then: Computation, at: datetime) -> pb.ClockMove:
    states = [
        clock_pb2.ClockState.Value(f"CLOCK_STATE_{replace(clock, due_at=c.due_at).state(at)}")
        for c in (now, then)
    ]
    return pb.ClockMove(
        clock=name_of(clock),
        subject=clock.subject,
        rule=clock.rule,
        owed_by=resource(clock.owed_by),
        from_due_time=to_timestamp(now.due_at),
        to_due_time=to_timestamp(then.due_at),
        from_last_day=to_date(now.last_day),
        to_last_day=to_date(then.last_day),
        from_state=states[0],
        to_state=states[1],
    )


def estimated_days_of(book: ClockBook, clock: Clock, calendar: Calendar) -> tuple[date, ...]:
    """Of a running clock; empty for one that is stopped, which no decision moves any more."""
    if not clock.open:
        return ()
    return estimated_on(_computed(book, clock, calendar), calendar)
