"""An edit as the command line makes it: looked at first, on the version that was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dondoc.calendar.v1 import calendar_pb2, calendar_service_pb2
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub

from cli.calendar.preview import Preview, preview
from cli.client import House
from cli.commands.running import bar
from cli.errors import FAILED, CliError
from cli.importing.report import request_id
from cli.language import Words, say

JOURNAL_PAGE = 500


@dataclass(frozen=True, slots=True)
class Look:
    """The calendar as it stands, and what the edit would move."""

    known: calendar_service_pb2.ListCalendarDaysResponse
    moves: Preview


async def days_of(house: House, user: str) -> calendar_service_pb2.ListCalendarDaysResponse:
    request = calendar_service_pb2.ListCalendarDaysRequest()
    found = await house.call(CalendarServiceStub, "ListCalendarDays", request, user=user)
    assert isinstance(found, calendar_service_pb2.ListCalendarDaysResponse)
    return found


async def state_of(house: House, user: str) -> calendar_pb2.CalendarState:
    request = calendar_service_pb2.GetCalendarStateRequest()
    found = await house.call(CalendarServiceStub, "GetCalendarState", request, user=user)
    assert isinstance(found, calendar_pb2.CalendarState)
    return found


async def look(
    house: House,
    days: Sequence[calendar_pb2.CalendarDay],
    *,
    user: str,
    stopped_too: bool = False,
    known: calendar_service_pb2.ListCalendarDaysResponse | None = None,
) -> Look:
    known = known or await days_of(house, user)
    with bar(say("Hỏi từng dịch vụ", "Asking each service")) as progress:
        task = progress.add_task("", total=len(house.services))
        found = await preview(
            house,
            days,
            version=known.version,
            user=user,
            stopped_too=stopped_too,
            on_answer=lambda: progress.advance(task),
        )
    return Look(known, found)


async def make(
    house: House,
    days: Sequence[calendar_pb2.CalendarDay],
    base_version: int,
    *,
    user: str,
    reason: str,
    stopped_too: bool,
) -> calendar_pb2.Calendar:
    """One edit on `base_version`: ABORTED if somebody was faster."""
    request = calendar_service_pb2.EditCalendarRequest(
        base_version=base_version, days=days, reason=reason, stopped_too=stopped_too
    )
    request.request_id = request_id(request)
    made = await house.call(CalendarServiceStub, "EditCalendar", request, user=user)
    assert isinstance(made, calendar_pb2.Calendar)
    return made


async def undo(
    house: House, version: int, base_version: int, *, user: str, reason: str, stopped_too: bool
) -> calendar_pb2.Calendar:
    request = calendar_service_pb2.UndoCalendarEditRequest(
        name=f"calendar/edits/{version}",
        base_version=base_version,
        reason=reason,
        stopped_too=stopped_too,
    )
    request.request_id = request_id(request)
    made = await house.call(CalendarServiceStub, "UndoCalendarEdit", request, user=user)
    assert isinstance(made, calendar_pb2.Calendar)
    return made


async def journal(house: House, user: str) -> list[calendar_pb2.CalendarEdit]:
    """All of it, the newest first."""
    request = calendar_service_pb2.ListCalendarEditsRequest()
    return await house.pages(CalendarServiceStub, "ListCalendarEdits", request, "edits", user=user)


async def reverse_of(house: House, version: int, user: str) -> list[calendar_pb2.CalendarDay]:
    """The days of an edit as they stood before it, to look at its undoing. Raises CliError."""
    for edit in await journal(house, user):
        if edit.version == version:
            return [_for_a_look(day) for day in edit.days_before]
    raise CliError(
        Words(
            f"Nhật ký không có lần sửa {version}; hãy xem: dondoc calendar journal",
            f"The journal has no edit {version}; see: dondoc calendar journal",
        ),
        FAILED,
    )


def _for_a_look(day: calendar_pb2.CalendarDay) -> calendar_pb2.CalendarDay:
    """The seed knows a swap from the press alone: official, without a document. Whether a day is
    decided moves no clock, so that for a look it may go as an estimate."""
    if day.status == calendar_pb2.DAY_STATUS_OFFICIAL and not day.document:
        looked = calendar_pb2.CalendarDay()
        looked.CopyFrom(day)
        looked.status = calendar_pb2.DAY_STATUS_ESTIMATED
        return looked
    return day
