"""Working days in the time of the law.

The regulation counts in working days but has no counting rule of its own, so the Civil Code 2015
is applied by analogy: the first day is not counted (Điều 147), a day ends at 24:00 (khoản 6
Điều 148). Days off are Saturdays, Sundays, public holidays with their substitute days (khoản 3
Điều 111, khoản 1 Điều 112 Bộ luật Lao động 2019) and the swaps that are announced each year.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_OCTOBER = 10
_FRIDAY = 4


class DayKind(StrEnum):
    """Why a day is worked or not; the first two are never entered, they follow from the week."""

    WORKING = "WORKING"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKE_UP = "MAKE_UP"  # nghỉ bù: for a holiday that fell on a weekly day off
    SWAP_OFF = "SWAP_OFF"  # a weekday off, worked on another day instead
    SWAP_WORK = "SWAP_WORK"  # the weekly day off that is worked for it


class DayStatus(StrEnum):
    OFFICIAL = "OFFICIAL"
    ESTIMATED = "ESTIMATED"  # computed from the law, the yearly decision is still to come


class CalendarError(ValueError):
    """A day that cannot be entered, or a count that leaves the years a date can hold."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One exceptional day. `document` is the number of the decision that fixes it, "" if none."""

    day: date
    kind: DayKind
    name: str
    document: str = ""
    status: DayStatus = DayStatus.OFFICIAL

    def __post_init__(self) -> None:
        if self.kind in (DayKind.WORKING, DayKind.WEEKEND):
            raise CalendarError(f"{self.day}: an ordinary day is not entered, remove its entry")

    @property
    def working(self) -> bool:
        return self.kind is DayKind.SWAP_WORK


@dataclass(frozen=True, slots=True)
class CalendarEdit:
    """Entries to put (new or instead of the one of the same day) and days to make ordinary."""

    put: tuple[CalendarDay, ...] = ()
    remove: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What a clock has to know of an edit: the version that it made, its days, its document.

    `stopped_too`: somebody asked by name that stopped clocks move as well.
    """

    version: int
    days: tuple[date, ...]
    document: str = ""
    stopped_too: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """An immutable version of the calendar: the exceptional days, the others are ordinary.

    Look-ups and counts cost O(log n) in the number of exceptional days. A year without any
    holiday entered is not covered: it is counted with its weekends only, and whoever shows such
    a date should say so (`covers`).
    """

    version: int
    days: Mapping[date, CalendarDay]
    _ordinals: list[int] = field(init=False, repr=False)
    _shifts: list[int] = field(init=False, repr=False)
    _years: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        days = dict(sorted(self.days.items()))
        for day, entry in days.items():
            if entry.day != day:
                raise CalendarError(f"the entry of {entry.day} is filed under {day}")
        # Only entries that differ from the ordinary week change the count.
        deltas = {
            day.toordinal(): 1 if entry.working else -1
            for day, entry in days.items()
            if entry.working == _is_weekend(day)
        }
        holidays = (entry.day.year for entry in days.values() if entry.kind is DayKind.HOLIDAY)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "_ordinals", list(deltas))
        object.__setattr__(self, "_shifts", [0, *accumulate(deltas.values())])
        object.__setattr__(self, "_years", frozenset(holidays))

    @classmethod
    def of(cls, days: Iterable[CalendarDay], version: int = 1) -> Calendar:
        """The calendar of these entries; the same day twice is refused with CalendarError."""
        entries: dict[date, CalendarDay] = {}
        for entry in days:
            if entry.day in entries:
                raise CalendarError(f"{entry.day} is entered twice")
            entries[entry.day] = entry
        return cls(version, entries)

    # -- one day ------------------------------------------------------------------------------

    def is_working(self, day: date) -> bool:
        entry = self.days.get(day)
        return entry.working if entry else not _is_weekend(day)

    def kind_of(self, day: date) -> DayKind:
        entry = self.days.get(day)
        if entry:
            return entry.kind
        return DayKind.WEEKEND if _is_weekend(day) else DayKind.WORKING

    def status_of(self, day: date) -> DayStatus:
        """An ordinary day is certain only in a year whose holidays are entered."""
        entry = self.days.get(day)
        if entry:
            return entry.status
        return DayStatus.OFFICIAL if self.covers(day) else DayStatus.ESTIMATED

    def why_off(self, day: date) -> CalendarDay | DayKind | None:
        """None for a working day, the entry that takes it off, or plainly DayKind.WEEKEND."""
        if self.is_working(day):
            return None
        return self.days.get(day) or DayKind.WEEKEND

    def covers(self, day: date) -> bool:
        """Whether the holidays of that year are entered, so that a count through it is sound."""
        return day.year in self._years

    @property
    def years(self) -> tuple[int, ...]:
        """Those whose holidays are entered."""
        return tuple(sorted(self._years))

    def estimated_days(self) -> tuple[date, ...]:
        """Entries that no document has decided yet, in order."""
        return tuple(d for d, entry in self.days.items() if entry.status is DayStatus.ESTIMATED)

    @property
    def longest_rest(self) -> int:
        """Days in the longest row of days off: no stated date rolls further than this."""
        longest = 2
        for day, entry in self.days.items():
            before = day - timedelta(days=1)
            if entry.working or (before in self.days and not self.is_working(before)):
                continue
            first = day
            while not self.is_working(first - timedelta(days=1)):
                first -= timedelta(days=1)
            longest = max(longest, (self.next_working_day(first) - first).days)
        return longest

    def missing_year(self, today: date) -> int | None:
        """The year that somebody must be told of: this one or, from October on, the next."""
        if self._years and not self.covers(today):
            return today.year
        return self.year_to_announce(today)

    def year_to_announce(self, today: date) -> int | None:
        """Next year, if it is October or later and next year's holidays are still missing."""
        following = today.year + 1
        missing = today.month >= _OCTOBER and following not in self._years
        return following if missing else None

    # -- counting -----------------------------------------------------------------------------

    def next_working_day(self, day: date) -> date:
        """The day itself if it is worked, else the first worked one after it."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The day itself if it is worked, else the last worked one before it."""
        return day if self.is_working(day) else self.subtract_working_days(day, 1)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which is not counted itself; n = 0 is `day`."""
        if n <= 0:
            return _unmoved(day, n)
        ordinal = day.toordinal()
        return self._nth(self._count(ordinal) + n, ordinal + 1, ordinal + self._reach(n))

    def subtract_working_days(self, day: date, n: int) -> date:
        """The n-th working day before `day`, which is not counted itself; n = 0 is `day`."""
        if n <= 0:
            return _unmoved(day, n)
        ordinal = day.toordinal()
        return self._nth(self._count(ordinal - 1) - n + 1, ordinal - self._reach(n), ordinal - 1)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days follow `start` up to and with `end`; negative if end is earlier."""
        return self._count(end.toordinal()) - self._count(start.toordinal())

    # -- edits --------------------------------------------------------------------------------

    def edited(self, edit: CalendarEdit, version: int) -> Calendar:
        """The calendar after the edit. Removing a day that has no entry is a CalendarError."""
        days = dict(self.days)
        for day in edit.remove:
            if days.pop(day, None) is None:
                raise CalendarError(f"{day} has no entry to remove")
        for entry in edit.put:
            days[entry.day] = entry
        return Calendar(version, days)

    def reverse(self, edit: CalendarEdit) -> CalendarEdit:
        """The edit that undoes `edit`, which must be one for this calendar."""
        touched = {*edit.remove, *(entry.day for entry in edit.put)}
        before = [self.days[day] for day in sorted(touched) if day in self.days]
        added = [entry.day for entry in edit.put if entry.day not in self.days]
        return CalendarEdit(put=tuple(before), remove=tuple(sorted(set(added))))

    # -- arithmetic on ordinals (day 1 is Monday 1 January of year 1) ---------------------------

    def _count(self, ordinal: int) -> int:
        """Working days from day 1 up to and with this one."""
        weeks, rest = divmod(ordinal, 7)
        return weeks * 5 + min(rest, 5) + self._shifts[bisect_right(self._ordinals, ordinal)]

    def _nth(self, count: int, low: int, high: int) -> date:
        """The first day in low..high up to which `count` working days have passed."""
        ordinal = low + bisect_left(range(low, high), count, key=self._count)
        try:
            return date.fromordinal(ordinal)
        except (ValueError, OverflowError):
            raise CalendarError("the count leaves the years a date can hold") from None

    def _reach(self, n: int) -> int:
        """Days within which n working ones surely lie, even if every entry takes one off."""
        return ((n + len(self._ordinals)) // 5 + 2) * 7


def local_date(instant: datetime) -> date:
    """The day in Vietnam at this instant, which must know its time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant without time zone has no legal date")
    return instant.astimezone(LOCAL).date()


def start_of(day: date) -> datetime:
    """00:00 of the day, local time."""
    return datetime.combine(day, time.min, LOCAL)


def end_of(day: date) -> datetime:
    """The first instant that is too late: 00:00 of the following day (khoản 6 Điều 148 BLDS)."""
    return start_of(day + timedelta(days=1))


def _is_weekend(day: date) -> bool:
    return day.weekday() > _FRIDAY


def _unmoved(day: date, n: int) -> date:
    if n < 0:
        raise ValueError(f"a number of working days is not negative: {n}")
    return day
