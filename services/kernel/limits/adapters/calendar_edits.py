"""The days of a request as an edit of a calendar, for whoever makes the edit and whoever previews it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dondoc.calendar.v1 import calendar_pb2

from services.kernel.limits.adapters.calendar_store import day_message, days_of
from services.kernel.limits.domain.calendar import Calendar, CalendarEdit, DayKind
from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.protos import from_date, to_date

ORDINARY = (calendar_pb2.DAY_KIND_WORKING, calendar_pb2.DAY_KIND_WEEKEND)
_SATURDAY = 5


def edit_of(days: Sequence[calendar_pb2.CalendarDay], before: Calendar) -> CalendarEdit:
    """The edit; INVALID_ARGUMENT names each day that cannot be entered.

    An ordinary day takes its entry back, and changes nothing where there is none.
    """
    remove: list[date] = []
    wrong: list[FieldViolation] = []
    seen: set[date] = set()
    for index, day in enumerate(days):
        when = from_date(day.day, f"days[{index}].day")
        if when in seen:
            wrong.append(
                FieldViolation(
                    f"days[{index}].day", "được nêu hai lần", "is given twice", "DUPLICATE_DAY"
                )
            )
        seen.add(when)
        if day.kind in ORDINARY and day.kind != _ordinary(when):
            wrong.append(
                FieldViolation(
                    f"days[{index}].kind",
                    "ngày này trong tuần thường không như vậy; hãy dùng SWAP_WORK hoặc SWAP_OFF",
                    "is not what that day of the week is; use SWAP_WORK or SWAP_OFF",
                )
            )
        elif day.kind in ORDINARY:
            if when in before.days:
                remove.append(when)
        elif day.status != calendar_pb2.DAY_STATUS_ESTIMATED and not day.document.strip():
            wrong.append(
                FieldViolation(
                    f"days[{index}].document",
                    "ngày chính thức cần số văn bản; nếu chưa có thì ghi ESTIMATED",
                    "an official day needs the number of its document; without one it is ESTIMATED",
                )
            )
    if wrong:
        raise invalid(*wrong)
    return CalendarEdit(tuple(days_of(days)), tuple(remove))


def documents_of(days: Sequence[calendar_pb2.CalendarDay]) -> list[str]:
    """The documents that the days name, each once, in their order."""
    return list(dict.fromkeys(day.document.strip() for day in days if day.document.strip()))


def touched(edit: CalendarEdit) -> tuple[date, ...]:
    return tuple(sorted({*edit.remove, *(entry.day for entry in edit.put)}))


def as_message(day: date, calendar: Calendar) -> calendar_pb2.CalendarDay:
    """The day as it stands in `calendar`: its entry, or what it ordinarily is."""
    entry = calendar.days.get(day)
    if entry:
        return day_message(entry)
    return calendar_pb2.CalendarDay(day=to_date(day), kind=_ordinary(day))


def _ordinary(day: date) -> calendar_pb2.DayKind.ValueType:
    weekend = day.weekday() >= _SATURDAY
    kind = DayKind.WEEKEND if weekend else DayKind.WORKING
    return calendar_pb2.DayKind.Value(f"DAY_KIND_{kind}")
