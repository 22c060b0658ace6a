"""The working days of 2022 to 2025, written down apart from the house's own calendar.

So the totals that are expected of the demonstration are counted independently of it.

Days off: Saturdays, Sundays, the holidays of the Labour Code with their substitute days, and the swaps of
29 April 2024 for 4 May (2450/VPCP-KGVX of 12 April 2024) and of 2 May 2025 for 26 April (6150/TB-LĐTBXH of
3 December 2024). A year more than is played is needed, for limits that begin in its last days.
"""

from __future__ import annotations

from datetime import date, timedelta

DAY = timedelta(days=1)


def _span(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


DAYS_OFF = frozenset(
    {date(2022, 1, 3), date(2022, 4, 11), date(2023, 1, 2)}
    | _span(date(2022, 1, 31), date(2022, 2, 4))  # Tết
    | _span(date(2022, 5, 2), date(2022, 5, 3))
    | _span(date(2022, 9, 1), date(2022, 9, 2))
    | _span(date(2023, 1, 20), date(2023, 1, 26))  # Tết
    | _span(date(2023, 5, 1), date(2023, 5, 3))
    | _span(date(2023, 9, 1), date(2023, 9, 4))
    | {date(2024, 1, 1), date(2024, 4, 18), date(2025, 1, 1), date(2025, 4, 7)}
    | _span(date(2024, 2, 8), date(2024, 2, 14))  # Tết
    | _span(date(2024, 4, 29), date(2024, 5, 1))
    | _span(date(2024, 9, 2), date(2024, 9, 3))
    | _span(date(2025, 1, 27), date(2025, 1, 31))  # Tết
    | _span(date(2025, 4, 30), date(2025, 5, 2))
    | _span(date(2025, 9, 1), date(2025, 9, 2))
)
WORKED_SATURDAYS = frozenset({date(2024, 5, 4), date(2025, 4, 26)})
_KNOWN = (date(2021, 12, 1), date(2025, 12, 31))  # December 2021 has no holiday


def is_working(day: date) -> bool:
    """ValueError for a day outside of the years that are written down here."""
    if not _KNOWN[0] <= day <= _KNOWN[1]:
        raise ValueError(f"the days off around {day} are not written down")
    return day in WORKED_SATURDAYS or (day.weekday() < 5 and day not in DAYS_OFF)


def working_on_or_after(day: date) -> date:
    """The day itself, or the next working day (khoản 5 Điều 148 BLDS)."""
    while not is_working(day):
        day += DAY
    return day


def after(day: date, length: int) -> date:
    """`length` working days after `day`, which is not counted (khoản 1 Điều 147 BLDS)."""
    for _ in range(length):
        day = working_on_or_after(day + DAY)
    return day


def before(day: date, length: int) -> date:
    """`length` working days before `day`, which is not counted."""
    for _ in range(length):
        day -= DAY
        while not is_working(day):
            day -= DAY
    return day


def between(first: date, last: date) -> list[date]:
    """Working days from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_working(day)]
