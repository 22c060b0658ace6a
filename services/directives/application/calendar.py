"""The calendar of working days: seeded once, then corrected by the Office."""

from __future__ import annotations

from collections.abc import Sequence

from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as pb

from services.kernel.limits.adapters.calendar_store import (
    CalendarStore,
    days_of,
    to_message,
)
from services.kernel.limits.domain.calendar import Calendar
from services.kernel.runtime.errors import FieldViolation, invalid, stale
from services.kernel.runtime.protos import from_date
from services.kernel.runtime.unit_of_work import UnitOfWork

AGGREGATE = "calendar"
ORDINARY = (calendar_pb2.DAY_KIND_WORKING, calendar_pb2.DAY_KIND_WEEKEND)


async def edit(
    work: UnitOfWork, request: pb.EditCalendarRequest, calendars: CalendarStore
) -> calendar_pb2.Calendar:
    """One edit, one version. Of two at once the later one meets a newer version and is ABORTED."""
    before = await calendars.read(work)
    if request.base_version and request.base_version != before.version:
        raise stale(AGGREGATE)
    _refuse_doubles(request.days)
    days = dict(before.days)
    for index, day in enumerate(request.days):
        when = from_date(day.day, f"days[{index}].day")
        weekend = when.weekday() >= 5
        ordinary = calendar_pb2.DAY_KIND_WEEKEND if weekend else calendar_pb2.DAY_KIND_WORKING
        if day.kind in ORDINARY and day.kind != ordinary:
            raise invalid(
                FieldViolation(
                    f"days[{index}].kind",
                    "ngày này trong tuần thường không như vậy; hãy dùng SWAP_WORK hoặc SWAP_OFF",
                    "is not what that day of the week is; use SWAP_WORK or SWAP_OFF",
                )
            )
        if day.kind in ORDINARY:
            days.pop(when, None)
        elif day.status != calendar_pb2.DAY_STATUS_ESTIMATED and not day.document:
            raise invalid(
                FieldViolation(
                    f"days[{index}].document",
                    "ngày chính thức cần số văn bản; nếu chưa có thì ghi ESTIMATED",
                    "an official day needs the number of its document; without one it is ESTIMATED",
                )
            )
    days.update({day.day: day for day in days_of(request.days)})
    return await publish(work, Calendar(before.version + 1, days), calendars)


async def publish(
    work: UnitOfWork, calendar: Calendar, calendars: CalendarStore
) -> calendar_pb2.Calendar:
    """Makes `calendar` the one in force and tells every service."""
    if not await calendars.replace(work, calendar):
        raise stale(AGGREGATE)
    message = to_message(calendar)
    work.record("CalendarChanged", AGGREGATE, calendar.version, message)
    work.audit("EditCalendar", AGGREGATE, {"version": str(calendar.version)})
    return message


def _refuse_doubles(days: Sequence[calendar_pb2.CalendarDay]) -> None:
    seen: set[tuple[int, int, int]] = set()
    for index, day in enumerate(days):
        key = (day.day.year, day.day.month, day.day.day)
        if key in seen:
            raise invalid(
                FieldViolation(
                    f"days[{index}].day", "được nêu hai lần", "is given twice", "DUPLICATE_DAY"
                )
            )
        seen.add(key)
