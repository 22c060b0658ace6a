"""A second opinion: days walked one by one over a table typed by hand.

It shares nothing with the code it judges, neither the `holidays` package nor the engine. The table
is that of the dispatches and notices of each year (weekdays off; Saturdays worked); 2027 is an
estimate. Of 2018 it knows the last two months, for counts back from January 2019; later than 2027
neither it nor the calendar under test knows a holiday.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache

ONE = timedelta(days=1)

_OFF = {
    2018: "31/12",
    2019: "1/1 4/2 5/2 6/2 7/2 8/2 15/4 29/4 30/4 1/5 2/9",
    2020: "1/1 23/1 24/1 27/1 28/1 29/1 2/4 30/4 1/5 2/9",
    2021: "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
    2022: "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9",
    2023: "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9",
    2024: "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
    2025: "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
    2026: "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9",
    2027: "1/1 4/2 5/2 8/2 9/2 10/2 16/4 30/4 3/5 2/9 3/9",
}
_WORKED = {2019: "5/1 4/5", 2024: "4/5", 2025: "26/4", 2026: "10/1 22/8"}


def _days(table: dict[int, str]) -> frozenset[date]:
    return frozenset(
        date(year, int(month), int(day))
        for year, text in table.items()
        for day, month in (entry.split("/") for entry in text.split())
    )


OFF, WORKED = _days(_OFF), _days(_WORKED)
EVERY_DAY = tuple(
    date(2019, 1, 1) + ONE * n for n in range((date(2028, 1, 1) - date(2019, 1, 1)).days)
)


@cache
def working(day: date) -> bool:
    return day in WORKED or (day.isoweekday() < 6 and day not in OFF)


@cache
def forward(day: date, count: int) -> date:
    while count:
        day += ONE
        if working(day):
            count -= 1
    return day


@cache
def back(day: date, count: int) -> date:
    while count:
        day -= ONE
        if working(day):
            count -= 1
    return day


@cache
def rolled(day: date) -> date:
    while not working(day):
        day += ONE
    return day


# -- any limit in days or hours --------------------------------------------------------------------


def ends(day: date, length: int, *, working_days: bool, before: bool, rolls: bool) -> date:
    """The last good day of a limit in days that counts from `day`."""
    if working_days:
        last = back(day, length) if before else forward(day, length)
    else:
        last = day - length * ONE if before else day + length * ONE
    return rolled(last) if rolls else last


def hours_end(start: datetime, hours: int, *, rolls: bool) -> tuple[date, datetime]:
    """The last good day and the first late instant of a limit in hours, in local time."""
    late = start + timedelta(hours=hours)
    last = late.date()
    if (late.hour, late.minute) == (0, 0):
        last -= ONE  # what ends at 24:00 ends with the day that passes
    if rolls and not working(last):
        last = rolled(last)
        late = datetime(last.year, last.month, last.day) + ONE  # noqa: DTZ001 - local time
    return last, late


def capped(last: date, received: date, due: date) -> date:
    """At the latest the day before the due date (which rolls), never before the receipt."""
    return max(received, min(last, rolled(due) - ONE))


# -- the limits of 69/2019/QĐ-UBND -----------------------------------------------------------------

# By the day of the act that starts it, and the due date or end of the period as it is stated.
LIMITS: dict[str, Callable[[date, date], date]] = {
    "R7.1": lambda start, due: forward(start, 2),
    "R5.1e": lambda start, due: rolled(due),
    "R7.2a": lambda start, due: forward(rolled(due), 3),
    "R7.2b": lambda start, due: due,
    "R6.2c": lambda start, due: back(rolled(due), 3),
    "R6.1d": lambda start, due: capped(forward(start, 2), start, due),
    "R7.3": lambda start, due: forward(start, 3),
    "R12.1dd": lambda start, due: due,
    "R19.1": lambda start, due: rolled(due),
    "R22.1": lambda start, due: due,
    "R22.2": lambda start, due: due,
}


def quarter_end(day: date) -> date:
    while (day + ONE).month not in (1, 4, 7, 10) or (day + ONE).day != 1:
        day += ONE
    return day


def month_end(day: date) -> date:
    while (day + ONE).day != 1:
        day += ONE
    return day


def fortnight_end(day: date) -> date:
    while (day - date(2020, 1, 10)).days % 14:
        day += ONE
    return day


def _before(*dates: tuple[int, int]) -> Callable[[date], date]:
    def end(day: date) -> date:
        while ((day + ONE).day, (day + ONE).month) not in dates:
            day += ONE
        return day

    return end


# The last day of the period in which a day lies.
PERIODS: dict[str, Callable[[date], date]] = {
    "R7.2b": quarter_end,
    "R12.1dd": month_end,
    "R19.1": fortnight_end,
    "R22.1": _before((20, 6), (30, 11)),
    "R22.2": _before((25, 6), (20, 12)),
}
