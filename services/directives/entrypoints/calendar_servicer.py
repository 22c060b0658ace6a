"""CalendarService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.calendar.v1 import calendar_pb2, calendar_service_pb2_grpc
from dondoc.calendar.v1 import calendar_service_pb2 as pb

from services.directives.application import calendar
from services.kernel.limits.adapters.calendar_store import CalendarStore, day_message
from services.kernel.runtime.access import Access
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork


class CalendarServicer(calendar_service_pb2_grpc.CalendarServiceServicer):
    def __init__(self, kernel: Kernel, calendars: CalendarStore) -> None:
        self._runner, self._calendars = kernel.runner, calendars

    async def ListCalendarDays(self, request: Any, context: Any) -> pb.ListCalendarDaysResponse:
        async def handler(work: UnitOfWork, access: Access) -> pb.ListCalendarDaysResponse:
            found = await self._calendars.read(work)
            days = [d for d in found.days.values() if request.year in (0, d.day.year)]
            return pb.ListCalendarDaysResponse(
                days=[day_message(day) for day in days], version=found.version
            )

        return await self._runner.query(handler)

    async def EditCalendar(self, request: Any, context: Any) -> calendar_pb2.Calendar:
        return await self._runner.command(
            request, lambda work, access: calendar.edit(work, request, self._calendars)
        )


def mounted(kernel: Kernel, calendars: CalendarStore) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["CalendarService"],
        CalendarServicer(kernel, calendars),
        calendar_service_pb2_grpc.add_CalendarServiceServicer_to_server,
    )
