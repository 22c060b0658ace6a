"""What the vocabulary of a profile means, in words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby

from cli import language
from cli.language import Words, say
from cli.render import NOTHING
from services.kernel.limits.domain.acts import ACTS
from services.kernel.limits.domain.asking import ORIGINS
from services.kernel.limits.domain.profile import (
    Act,
    Authority,
    Cadence,
    Cap,
    Channel,
    Colour,
    CountsFrom,
    Direction,
    LimitRule,
    Origin,
    Owner,
    Period,
    Roll,
    Step,
    Unit,
)

WORDS: dict[StrEnum, Words] = {
    Owner.OFFICE: Words("Văn phòng UBND tỉnh", "the Office"),
    Owner.LEAD: Words("cơ quan chủ trì", "lead agency"),
    Owner.EACH_AGENCY: Words("từng cơ quan thuộc cấp", "each agency of the levels"),
    Unit.WORKING_DAYS: Words("ngày làm việc", "working days"),
    Unit.CALENDAR_DAYS: Words("ngày", "calendar days"),
    Unit.HOURS: Words("giờ", "hours"),
    Roll.NEXT_WORKING_DAY: Words("sang ngày làm việc tiếp theo", "to the next working day"),
    Roll.NONE: Words("giữ nguyên", "none"),
    Cap.DAY_BEFORE_DUE: Words(
        "chậm nhất trước ngày đến hạn một ngày", "at the latest the day before the due date"
    ),
    Authority.PROVINCIAL_PEOPLES_COMMITTEE: Words("UBND tỉnh", "the PPC"),
    Authority.CHAIRMAN: Words("Chủ tịch UBND tỉnh", "its Chairman"),
    Channel.IN_APP: Words("hộp thư", "inbox"),
    Channel.EMAIL: Words("thư điện tử", "e-mail"),
    Colour.GREEN: Words("xanh lá", "green"),
    Colour.BLUE: Words("xanh dương", "blue"),
    Colour.YELLOW: Words("vàng", "yellow"),
    Colour.ORANGE: Words("cam", "orange"),
    Colour.RED: Words("đỏ", "red"),
    Cadence.MONTH: Words("ngày cuối tháng", "last day of each month"),
    Cadence.QUARTER: Words("ngày cuối quý", "last day of each quarter"),
    Cadence.HALF_YEAR: Words("ngày cuối 6 tháng", "last day of each half-year"),
    Cadence.YEAR: Words("ngày cuối năm", "last day of each year"),
    **{act: Words(text.vi, text.en) for act, text in ACTS.items()},
    **{origin: Words(text.vi, text.en) for origin, text in ORIGINS.items()},
}
# Enumerations whose every member has words; the others are told through what they belong to.
WORDED = (Owner, Unit, Roll, Cap, Authority, Act, Origin, Channel, Colour)


def word(value: StrEnum) -> str:
    """Its words; the value itself where there are none."""
    return str(WORDS.get(value, value))


def act(name: str) -> str:
    """An act as clocks name it, in words; one that is not known here as it is."""
    return word(Act(name)) if name in list(Act) else name


def listed(values: Iterable[StrEnum]) -> str:
    return ", ".join(map(word, values)) or NOTHING


def measure(rule: LimitRule) -> str:
    """How long, and from when: `3 ngày làm việc sau ngày đến hạn`."""
    if rule.period:
        return _period(rule.period)
    if rule.counts_from is CountsFrom.STATED_DUE:
        return say("ngày nêu trong văn bản", "the date that the document states")
    told = f"{rule.length} {word(rule.unit)}"
    if rule.counts_from is CountsFrom.LEGAL_END:
        before = rule.direction is Direction.BEFORE
        told += say(
            f" {'trước' if before else 'sau'} ngày đến hạn",
            f" {'before' if before else 'after'} the due date",
        )
    for (length, unit), others in groupby(rule.alternatives, key=lambda a: (a.length, a.unit)):
        names = "; ".join(other.text.of(language.current.value) for other in others)
        told += f"\n{length} {word(unit)}: {names}"
    return told


def step(value: Step) -> str:
    """`due_soon: 5 ngày làm việc trước`."""
    before = value.direction is Direction.BEFORE
    if value.length == 0:
        when = say("ngày cuối", "on the last day") if before else say("hết hạn", "at the end")
    else:
        when = f"{value.length} {word(value.unit)} "
        when += say("trước", "before") if before else say("sau", "after")
    return f"{value.name}: {when}" + (f" ({word(value.colour)})" if value.colour else "")


def _period(period: Period) -> str:
    if period.cadence is Cadence.WEEKS:
        since = f"{period.anchor:%d/%m/%Y}"
        return say(
            f"{period.weeks} tuần một lần, tính từ {since}",
            f"every {period.weeks} weeks from {since}",
        )
    if period.cadence is Cadence.DATES:
        days = ", ".join(f"{entry.day}/{entry.month}" for entry in period.dates)
        return say(f"trước ngày {days} hằng năm", f"before {days} of each year")
    return word(period.cadence)
