"""How an end was counted, day by day, each skipped day with its ground.

The explanation walks the legs of the computation, so it cannot say anything else than what was
computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.kernel.limits.domain.calendar import (
    LOCAL,
    Calendar,
    DayKind,
    DayStatus,
)
from services.kernel.limits.domain.duedate import Computation, Leg, LegKind
from services.kernel.limits.domain.profile import Text, Unit
from services.kernel.limits.domain.reach import estimated_on

_DAY = timedelta(days=1)
_WEEKDAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KINDS = {
    DayKind.WORKING: Text("ngày làm việc", "working day"),
    DayKind.WEEKEND: Text("ngày nghỉ hằng tuần", "weekly day off"),
    DayKind.HOLIDAY: Text("ngày nghỉ lễ", "public holiday"),
    DayKind.MAKE_UP: Text("nghỉ bù", "day off in place of a holiday"),
    DayKind.SWAP_OFF: Text("nghỉ hoán đổi", "day off by a swap"),
    DayKind.SWAP_WORK: Text("làm việc bù", "worked by a swap"),
}
_FIRST_DAY = Text(
    "ngày đầu tiên, không tính (Điều 147 Bộ luật Dân sự 2015)",
    "the first day, not counted (art. 147 Civil Code 2015)",
)
_DUE_DAY = Text("ngày hết thời hạn đã nêu", "the due date as stated")
_FROM_INSTANT = Text("tính từ thời điểm bắt đầu, theo giờ", "counted in hours from the start")
_HOURS = Text("thời hạn tính bằng giờ", "counted in hours")
_ROLLED = Text(
    "ngày làm việc tiếp theo (khoản 5 Điều 148 Bộ luật Dân sự 2015)",
    "the next working day (art. 148.5 Civil Code 2015)",
)
_CAPPED = Text(
    "chậm nhất trước ngày đến hạn một ngày, không sớm hơn ngày nhận",
    "at the latest the day before the due date, never before the day of receipt",
)
_UNITS = {
    Unit.WORKING_DAYS: Text("ngày làm việc", "working days"),
    Unit.CALENDAR_DAYS: Text("ngày", "calendar days"),
    Unit.HOURS: Text("giờ", "hours"),
}


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day on the way. `number` is None where the day is skipped or not counted."""

    day: date
    number: int | None
    working: bool
    ground: str
    document: str
    status: DayStatus
    leg: LegKind


@dataclass(frozen=True, slots=True)
class Explanation:
    """`days` in the order in which they were walked; a limit that is counted back walks back.

    `estimated` are days that decide the end and that no decision has fixed yet, or of years whose
    holidays are not entered: the end may move.
    """

    rule: str
    name: str
    article: str
    length: int
    unit: Unit
    length_ground: str
    days: tuple[CountedDay, ...]
    last_day: date
    due_at: datetime
    estimated: tuple[date, ...]


def explain(computation: Computation, calendar: Calendar, lang: str = "vi") -> Explanation:
    """Explain the end; `calendar` must be the one it was computed with, else ValueError."""
    if calendar.version != computation.calendar_version:
        raise ValueError(
            f"computed with calendar {computation.calendar_version}, not {calendar.version}"
        )
    rule = computation.rule
    alternative = rule.alternative(computation.length_ground)
    days = tuple(
        day
        for index, leg in enumerate(computation.legs)
        for day in _walk(leg, calendar, lang, opening=index == 0)
    )
    return Explanation(
        rule=rule.id,
        name=rule.name.of(lang),
        article=rule.article,
        length=computation.length,
        unit=computation.unit,
        length_ground=alternative.text.of(lang) if alternative else "",
        days=days,
        last_day=days[-1].day,
        due_at=computation.due_at,
        estimated=estimated_on(computation, calendar),
    )


def as_text(explanation: Explanation, lang: str = "vi") -> str:
    """The explanation for people to read, one line for each day."""
    english = lang == "en"
    head = f"{explanation.rule} ({explanation.article}): {explanation.name}"
    lines = [head]
    if explanation.length:
        limit = f"{explanation.length} {_UNITS[explanation.unit].of(lang)}"
        ground = f" ({explanation.length_ground})" if explanation.length_ground else ""
        lines.append(f"{'Limit' if english else 'Thời hạn'}: {limit}{ground}")
    for day in explanation.days:
        number = "" if day.number is None else str(day.number)
        document = f" [{day.document}]" if day.document else ""
        lines.append(f"{number:>4}  {_dated(day.day, lang)}: {day.ground}{document}")
    end = explanation.due_at.astimezone(LOCAL)
    hour = "24:00" if end.time() == time.min else f"{end:%H:%M}"
    until = "Ends at" if english else "Hết thời hạn lúc"
    lines.append(f"{until} {hour}, {_dated(explanation.last_day, lang)}")
    if explanation.estimated:
        days = ", ".join(_dated(day, lang) for day in explanation.estimated)
        lines.append(
            f"Not decided yet, the end may move: {days}"
            if english
            else f"Chưa có quyết định chính thức, thời hạn có thể thay đổi: {days}"
        )
    return "\n".join(lines)


def _walk(leg: Leg, calendar: Calendar, lang: str, *, opening: bool) -> Iterator[CountedDay]:
    """The days of a leg. It begins where the leg before ended, so only the opening one shows it."""
    if opening:
        yield _day(leg.start, None, _opening_ground(leg).of(lang), leg, calendar)
    if leg.kind is LegKind.CAP:
        yield _day(leg.end, None, _CAPPED.of(lang), leg, calendar)
        return
    step = -_DAY if leg.kind is LegKind.BACK else _DAY
    day, number = leg.start, 0
    while day != leg.end:
        day += step
        working = calendar.is_working(day)
        counts = leg.length > 0 and (leg.unit is Unit.CALENDAR_DAYS or working)
        if leg.unit is Unit.HOURS:
            yield _day(day, None, _HOURS.of(lang), leg, calendar)
        elif leg.kind is LegKind.ROLL and working:
            yield _day(day, None, _ROLLED.of(lang), leg, calendar)
        else:
            number += counts
            ground = _ground_of(day, calendar, lang)
            yield _day(day, number if counts else None, ground, leg, calendar)


def _opening_ground(leg: Leg) -> Text:
    if leg.unit is Unit.HOURS:
        return _FROM_INSTANT
    return _FIRST_DAY if leg.length and leg.kind is LegKind.FORWARD else _DUE_DAY


def _ground_of(day: date, calendar: Calendar, lang: str) -> str:
    ground = _KINDS[calendar.kind_of(day)].of(lang)
    entry = calendar.days.get(day)
    return f"{ground}: {entry.name}" if entry and entry.name else ground


def _day(day: date, number: int | None, ground: str, leg: Leg, calendar: Calendar) -> CountedDay:
    entry = calendar.days.get(day)
    return CountedDay(
        day=day,
        number=number,
        working=calendar.is_working(day),
        ground=ground,
        document=entry.document if entry else "",
        status=calendar.status_of(day),
        leg=leg.kind,
    )


def _dated(day: date, lang: str) -> str:
    if lang == "en":
        return f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {day:%B %Y}"
    return f"{_WEEKDAYS_VI[day.weekday()]}, {day:%d/%m/%Y}"
