"""The way to an end as months on the terminal; readable without colours too, by its marks."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.language import say

START, END, COUNTED, WEEKLY, OFF, WORKED = ">", "#", "·", "×", "*", "+"
# The months between the first and the last are drawn only if they are not many.
MOST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Way:
    """What there is to draw; `numbers` of the counted days, `off` and `worked` by the calendar."""

    start: date
    end: date
    today: date
    numbers: dict[date, int] = field(default_factory=dict)
    walked: frozenset[date] = frozenset()
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    late: bool = False


def draw(way: Way) -> RenderableType:
    """The months side by side as they fit, and the legend of the marks in them."""
    grids = [_month(way, year, month) for year, month in months(way)]
    return Group(Columns(grids, padding=(1, 3)), legend(way))


def months(way: Way) -> list[tuple[int, int]]:
    """The months to draw: from the first day to the last, without the empty middle of a long way.

    Today is drawn if its month is among them or next to them.
    """
    marked = {way.start, way.end, *way.walked}
    needed = {(day.year, day.month) for day in marked}
    first, last = min(needed), max(needed)
    today = (way.today.year, way.today.month)
    if _index(first) - 1 <= _index(today) <= _index(last) + 1:
        needed.add(today)
        first, last = min(needed), max(needed)
    between = range(_index(first), _index(last) + 1)
    if len(between) > MOST_MONTHS:
        return sorted(needed)
    return [(index // 12, index % 12 + 1) for index in between]


def _index(month: tuple[int, int]) -> int:
    return month[0] * 12 + month[1] - 1


def cell(way: Way, day: date) -> str:
    """` >31   `, ` # 6·2 `, `[10+  ]`: start and end before the day, its kind after it."""
    before = (START if day == way.start else "") + (END if day == way.end else "")
    number = way.numbers.get(day)
    if number:
        after = f"{COUNTED}{number}"
    elif day in way.off:
        after = OFF
    elif day in way.worked:
        after = WORKED
    else:
        after = WEEKLY if day.weekday() > calendar.FRIDAY else ""
    opening, closing = "[]" if day == way.today else "  "
    return f"{opening}{before:>2}{day.day:>2}{after:<3}{closing}"


def legend(way: Way) -> Text:
    """Every mark that can be seen, and the day of today."""
    today = f"{way.today:%d/%m/%Y}"
    parts = [
        f"{START} {say('bắt đầu', 'start')}",
        f"{COUNTED}n {say('ngày được tính thứ n', 'the n-th day that counts')}",
        f"{WEEKLY} {say('nghỉ hằng tuần', 'weekly day off')}",
        f"{OFF} {say('nghỉ lễ, nghỉ bù, hoán đổi', 'holiday, substitute or swapped day off')}",
        f"{WORKED} {say('làm bù', 'worked by a swap')}",
        f"{END} {say('ngày cuối', 'last day')}",
        f"[ ] {say('hôm nay', 'today')} {today}",
    ]
    return Text("  ".join(parts), style="dim")


def _month(way: Way, year: int, month: int) -> Table:
    names = say("T2 T3 T4 T5 T6 T7 CN", "Mo Tu We Th Fr Sa Su").split()
    title = say(f"Tháng {month}/{year}", f"{calendar.month_name[month]} {year}")
    grid = Table(title=title, box=None, padding=0, show_edge=False)
    for name in names:
        grid.add_column(f"   {name}", no_wrap=True)
    for week in calendar.Calendar().monthdatescalendar(year, month):
        grid.add_row(*_cells(way, week, month))
    return grid


def _cells(way: Way, week: list[date], month: int) -> Iterator[Text]:
    for day in week:
        yield Text(cell(way, day), style=_style(way, day)) if day.month == month else Text("")


def _style(way: Way, day: date) -> str:
    styles = []
    if day == way.end:
        styles.append("bold white on red" if way.late else "bold black on green")
    elif day == way.start:
        styles.append("bold cyan")
    elif day in way.numbers:
        styles.append("bold green")
    elif day in way.off:
        styles.append("red")
    elif day.weekday() > calendar.FRIDAY and day not in way.worked:
        styles.append("dim")
    if day == way.today:
        styles.append("underline")
    return " ".join(styles)
