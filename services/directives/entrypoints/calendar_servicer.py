"""CalendarService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.calendar.v1 import calendar_pb2, calendar_service_pb2_grpc
from dondoc.calendar.v1 import calendar_service_pb2 as pb

from services.directives.adapters import calendar_journal
from services.directives.application import calendar
from services.kernel.limits.adapters.calendar_store import CalendarStore, day_message
from services.kernel.limits.domain.calendar import local_date
from services.kernel.runtime.access import Access
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork


class CalendarServicer(calendar_service_pb2_grpc.CalendarServiceServicer):
    def __init__(self, kernel: Kernel, calendars: CalendarStore) -> None:
        self._runner, self._pages, self._calendars = kernel.runner, kernel.pages, calendars

    async def ListCalendarDays(self, request: Any, context: Any) -> pb.ListCalendarDaysResponse:
        async def handler(work: UnitOfWork, access: Access) -> pb.ListCalendarDaysResponse:
            found = await self._calendars.read(work)
            days = [d for d in found.days.values() if request.year in (0, d.day.year)]
            return pb.ListCalendarDaysResponse(
                days=[day_message(day) for day in days],
                version=found.version,
                year_to_announce=found.missing_year(local_date(work.now)) or 0,
            )

        return await self._runner.query(handler)

    async def GetCalendarState(self, request: Any, context: Any) -> calendar_pb2.CalendarState:
        return await self._runner.query(lambda work, access: calendar.state(work, self._calendars))

    async def EditCalendar(self, request: Any, context: Any) -> calendar_pb2.Calendar:
        return await self._runner.command(
            request, lambda work, access: calendar.edit(work, request, self._calendars)
        )

    async def ListCalendarEdits(self, request: Any, context: Any) -> pb.ListCalendarEditsResponse:
        page = self._pages.open(request)

        async def handler(work: UnitOfWork, access: Access) -> pb.ListCalendarEditsResponse:
            before = int(page.after[0]) if page.after else None
            found = await calendar_journal.listed(work, before=before, limit=page.size + 1)
            shown = found[: page.size]
            token = (
                self._pages.token(request, [shown[-1].version]) if len(found) > page.size else ""
            )
            return pb.ListCalendarEditsResponse(
                edits=[calendar_journal.to_message(entry) for entry in shown], next_page_token=token
            )

        return await self._runner.query(handler)

    async def UndoCalendarEdit(self, request: Any, context: Any) -> calendar_pb2.Calendar:
        return await self._runner.command(
            request, lambda work, access: calendar.undo(work, request, self._calendars)
        )


def mounted(kernel: Kernel, calendars: CalendarStore) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["CalendarService"],
        CalendarServicer(kernel, calendars),
        calendar_service_pb2_grpc.add_CalendarServiceServicer_to_server,
    )
