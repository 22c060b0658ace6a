"""The calendar of a service: its own copy, read once for each version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dondoc.calendar.v1 import calendar_pb2
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.kernel.limits.adapters.tables import calendar_day, calendar_state
from services.kernel.limits.domain.calendar import Calendar, CalendarDay, DayKind, DayStatus
from services.kernel.runtime.protos import from_date, to_date
from services.kernel.runtime.unit_of_work import UnitOfWork

# A newly migrated database knows no calendar: it counts weekends until the first one arrives.
EMPTY = Calendar(0, {})


class CalendarStore:
    """Keeps the newest calendar that this process has read."""

    def __init__(self) -> None:
        self._calendar = EMPTY

    async def read(self, work: UnitOfWork) -> Calendar:
        """The calendar as this transaction sees it: one small query unless it has changed."""
        version = await self.version(work)
        if version == self._calendar.version:
            return self._calendar
        rows = await work.execute(select(calendar_day))
        self._calendar = Calendar.of((_from_row(row) for row in rows), version)
        return self._calendar

    async def version(self, work: UnitOfWork) -> int:
        return (await work.execute(select(calendar_state.c.version))).scalar() or 0

    async def replace(self, work: UnitOfWork, calendar: Calendar) -> bool:
        """Makes `calendar` the current one, unless the database holds a newer one already.

        The row of the version is locked first, so that of two edits at once one comes after.
        """
        state = insert(calendar_state).values(id=1, version=calendar.version)
        newer = state.on_conflict_do_update(
            index_elements=["id"],
            set_={"version": state.excluded.version},
            where=calendar_state.c.version < state.excluded.version,
        )
        if not (await work.execute(newer.returning(calendar_state.c.version))).first():
            return False
        await work.execute(delete(calendar_day))
        for day in calendar.days.values():
            work.insert(calendar_day, _to_row(day))
        return True


def _from_row(row: Any) -> CalendarDay:
    return CalendarDay(row.day, DayKind(row.kind), row.title, row.document, DayStatus(row.status))


def _to_row(day: CalendarDay) -> dict[str, Any]:
    return {
        "day": day.day,
        "kind": day.kind,
        "title": day.name,
        "document": day.document,
        "status": day.status,
    }


def to_message(calendar: Calendar) -> calendar_pb2.Calendar:
    return calendar_pb2.Calendar(
        version=calendar.version, days=[day_message(day) for day in calendar.days.values()]
    )


def day_message(day: CalendarDay) -> calendar_pb2.CalendarDay:
    return calendar_pb2.CalendarDay(
        day=to_date(day.day),
        kind=calendar_pb2.DayKind.Value(f"DAY_KIND_{day.kind}"),
        title=day.name,
        document=day.document,
        status=calendar_pb2.DayStatus.Value(f"DAY_STATUS_{day.status}"),
    )


def from_message(message: calendar_pb2.Calendar) -> Calendar:
    return Calendar.of(days_of(message.days), message.version)


def days_of(days: Iterable[calendar_pb2.CalendarDay]) -> list[CalendarDay]:
    """The exceptional days among these; those put back to the ordinary week are left out."""
    ordinary = (calendar_pb2.DAY_KIND_WORKING, calendar_pb2.DAY_KIND_WEEKEND)
    return [
        CalendarDay(
            from_date(day.day, f"days[{index}].day"),
            DayKind(calendar_pb2.DayKind.Name(day.kind).removeprefix("DAY_KIND_")),
            day.title,
            day.document,
            DayStatus.ESTIMATED
            if day.status == calendar_pb2.DAY_STATUS_ESTIMATED
            else DayStatus.OFFICIAL,
        )
        for index, day in enumerate(days)
        if day.kind not in ordinary
    ]
