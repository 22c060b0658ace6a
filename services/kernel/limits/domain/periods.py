"""Periods of the calendar: months, quarters, half-years, years, weeks from an anchor, yearly dates.

Weeks, months, quarters and fixed dates are calendar dates; only limits in days are counted in
working days. The end of a period is the `stated_due` of its clock, its label the discriminator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.kernel.limits.domain.profile import Cadence, Period

_MONTHS = {Cadence.MONTH: 1, Cadence.QUARTER: 3, Cadence.HALF_YEAR: 6, Cadence.YEAR: 12}
_LETTERS = {Cadence.MONTH: "M", Cadence.QUARTER: "Q", Cadence.HALF_YEAR: "H", Cadence.YEAR: "Y"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One period: `first_day` to `last_day`, both in it. Labels: 2024-Q1, 2024-M06, 2024-half-year.

    For yearly dates the last day is the one before the date that must not be reached.
    """

    first_day: date
    last_day: date
    label: str


def span_of(period: Period, day: date) -> Span:
    """The period in which the day lies."""
    if period.cadence is Cadence.WEEKS:
        return _weeks(period, day)
    if period.cadence is Cadence.DATES:
        return _between_dates(period, day)
    return _months(period.cadence, day)


def next_span_after(period: Period, day: date) -> Span:
    """The period after the one in which the day lies.

    Điểm b khoản 2 Điều 7, as read: the first update of a task without limit is for the quarter
    after the one in which it was forwarded.
    """
    return span_of(period, span_of(period, day).last_day + _DAY)


def spans_ending(period: Period, first: date, last: date) -> tuple[Span, ...]:
    """The periods whose last day lies in first..last, in order."""
    spans: list[Span] = []
    span = span_of(period, first)
    while span.last_day <= last:
        spans.append(span)
        span = span_of(period, span.last_day + _DAY)
    return tuple(spans)


def _months(cadence: Cadence, day: date) -> Span:
    months = _MONTHS[cadence]
    index = (day.month - 1) // months
    label = f"{day.year}"
    if cadence is not Cadence.YEAR:
        width = 2 if cadence is Cadence.MONTH else 1
        label += f"-{_LETTERS[cadence]}{index + 1:0{width}}"
    first_month, after = index * months + 1, (index + 1) * months
    following = date(day.year + after // 12, after % 12 + 1, 1)
    return Span(date(day.year, first_month, 1), following - _DAY, label)


def _weeks(period: Period, day: date) -> Span:
    """Ends on the anchor and on every n-th week from it, before it too."""
    if period.anchor is None:
        raise ValueError("a period in weeks has no anchor")
    length = period.weeks * 7
    last = day + timedelta(days=(period.anchor - day).days % length)
    return Span(last - timedelta(days=length - 1), last, last.isoformat())


def _between_dates(period: Period, day: date) -> Span:
    ends = sorted(
        (date(year, entry.month, entry.day) - _DAY, f"{year}-{entry.label}")
        for year in range(day.year - 1, day.year + 2)
        for entry in period.dates
    )
    before = max(end for end, _ in ends if end < day)
    last, label = min((end, label) for end, label in ends if end >= day)
    return Span(before + _DAY, last, label)
