"""The journal of the calendar: what an edit did, and whether it can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.kernel.limits.domain.calendar import Calendar, CalendarDay, CalendarEdit

# A day and its entry; None: an ordinary day.
Days = Mapping[date, CalendarDay | None]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One edit: who made it when, on which documents, and its days before and after."""

    version: int
    editor: str
    editor_agency: str
    occurred_at: datetime
    recorded_at: datetime
    documents: tuple[str, ...]
    reason: str
    stopped_too: bool
    before: Days
    after: Days
    undoes: int | None = None
    undone_by: int | None = None

    @property
    def name(self) -> str:
        return name_of(self.version)


def name_of(version: int) -> str:
    return f"calendar/edits/{version}"


def days_of(edit: CalendarEdit, calendar: Calendar) -> Days:
    """The days of an edit as `calendar` has them."""
    touched = sorted({*edit.remove, *(entry.day for entry in edit.put)})
    return {day: calendar.days.get(day) for day in touched}


def edit_of(days: Days) -> CalendarEdit:
    """The edit that brings these days to what they are here."""
    put = tuple(entry for entry in days.values() if entry)
    return CalendarEdit(put, tuple(day for day, entry in days.items() if entry is None))


def in_the_way(later: Iterable[tuple[int, int | None]]) -> list[int]:
    """Of later edits on the same days those that still stand, the oldest first.

    `later`: (version, the version that it undoes). An edit that a later one undid, and that
    one itself, cancel out; an undoing that was undone in its turn cancels nothing.
    """
    cancelled: set[int] = set()
    standing: list[int] = []
    pairs = sorted(later, reverse=True)
    versions = {version for version, _ in pairs}
    for version, undoes in pairs:
        if version in cancelled:
            continue
        if undoes in versions:
            assert undoes is not None
            cancelled.add(undoes)
        else:
            standing.append(version)
    return sorted(standing)
