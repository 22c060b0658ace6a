"""Kinds and states of days, as people write them in a spreadsheet or on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, TypeVar

from dondoc.calendar.v1 import calendar_pb2 as pb

from cli.errors import USAGE, CliError
from cli.importing.written import fold
from cli.language import Words
from services.kernel.runtime.protos import to_date

_SATURDAY = 5
_Value = TypeVar("_Value", bound=int)

# The first word of each is the one that templates and tables print.
KINDS: Final[Mapping[pb.DayKind.ValueType, tuple[Words, tuple[str, ...]]]] = {
    pb.DAY_KIND_HOLIDAY: (Words("nghỉ lễ", "holiday"), ("nghỉ lễ, tết", "lễ", "tết")),
    pb.DAY_KIND_MAKE_UP: (Words("nghỉ bù", "make-up"), ("makeup", "make_up")),
    pb.DAY_KIND_SWAP_OFF: (Words("nghỉ hoán đổi", "swap-off"), ("swap_off", "off")),
    pb.DAY_KIND_SWAP_WORK: (
        Words("làm bù", "swap-work"),
        ("swap_work", "work", "làm việc bù", "đi làm bù"),
    ),
    pb.DAY_KIND_WORKING: (Words("ngày làm việc", "working"), ("làm việc", "ordinary")),
    pb.DAY_KIND_WEEKEND: (Words("nghỉ hằng tuần", "weekend"), ("nghỉ hàng tuần",)),
}
STATUSES: Final[Mapping[pb.DayStatus.ValueType, tuple[Words, tuple[str, ...]]]] = {
    pb.DAY_STATUS_OFFICIAL: (Words("chính thức", "official"), ("",)),
    pb.DAY_STATUS_ESTIMATED: (Words("dự kiến", "estimated"), ("estimate",)),
}
WEEKDAYS: Final = (
    Words("Thứ Hai", "Mon"),
    Words("Thứ Ba", "Tue"),
    Words("Thứ Tư", "Wed"),
    Words("Thứ Năm", "Thu"),
    Words("Thứ Sáu", "Fri"),
    Words("Thứ Bảy", "Sat"),
    Words("Chủ nhật", "Sun"),
)
ORDINARY: Final = (pb.DAY_KIND_WORKING, pb.DAY_KIND_WEEKEND)


def kind_of(written: str) -> pb.DayKind.ValueType | None:
    return _look_up(KINDS, written)


def status_of(written: str) -> pb.DayStatus.ValueType | None:
    return _look_up(STATUSES, written)


def day_of(written: str) -> date | None:
    """`2027-01-01` or `01/01/2027`; None for what is no day."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return None


def ordinary(day: date) -> pb.DayKind.ValueType:
    """What the day is without an entry."""
    return pb.DAY_KIND_WEEKEND if day.weekday() >= _SATURDAY else pb.DAY_KIND_WORKING


def weekday(day: date) -> str:
    return str(WEEKDAYS[day.weekday()])


def day_argument(written: str, *, name: str, document: str, estimated: bool) -> pb.CalendarDay:
    """`2026-01-02=swap-off`; `=ordinary` takes the entry of the day back. Raises CliError."""
    found = re.fullmatch(r"([^=]+)=(.+)", written)
    day = day_of(found[1].strip()) if found else None
    kind = kind_of(found[2]) if found else None
    if day is None or kind is None:
        raise CliError(
            Words(
                f"Không hiểu “{written}”; ví dụ đúng: 2026-01-02=nghỉ-hoán-đổi, 2026-01-10=làm-bù, "
                "2026-01-02=ordinary (bỏ ngày đã nhập)",
                f"“{written}” is no day of the calendar; right would be 2026-01-02=swap-off, "
                "2026-01-10=swap-work, 2026-01-02=ordinary (takes the entry back)",
            ),
            USAGE,
        )
    if kind in ORDINARY:
        return pb.CalendarDay(day=to_date(day), kind=ordinary(day), document=document)
    status = pb.DAY_STATUS_ESTIMATED if estimated else pb.DAY_STATUS_OFFICIAL
    return pb.CalendarDay(day=to_date(day), kind=kind, title=name, document=document, status=status)


def _look_up(table: Mapping[_Value, tuple[Words, tuple[str, ...]]], written: str) -> _Value | None:
    asked = _plain(written)
    for value, (words, others) in table.items():
        if asked in map(_plain, (words.vi, words.en, *others)):
            return value
    return None


def _plain(written: str) -> str:
    """Hyphens and underscores are blanks: a word of a table can be typed without quotes."""
    return fold(written.replace("-", " ").replace("_", " "))
