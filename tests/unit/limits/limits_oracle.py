"""A second opinion: days walked one by one over a table typed by hand.

It shares nothing with the code it judges, neither the `holidays` package nor the engine. The table
is that of the dispatches and notices of each year (weekdays off; Saturdays worked); 2027 is an
estimate.
"""

from __future__ import annotations

from datetime import date, timedelta

ONE = timedelta(days=1)

_OFF = {
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


def working(day: date) -> bool:
    return day in WORKED or (day.isoweekday() < 6 and day not in OFF)


def forward(day: date, count: int) -> date:
    while count:
        day += ONE
        if working(day):
            count -= 1
    return day


def back(day: date, count: int) -> date:
    while count:
        day -= ONE
        if working(day):
            count -= 1
    return day


def rolled(day: date) -> date:
    while not working(day):
        day += ONE
    return day


def quarter_end(day: date) -> date:
    while (day + ONE).month not in (1, 4, 7, 10) or (day + ONE).day != 1:
        day += ONE
    return day
