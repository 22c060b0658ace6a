"""The calendar of a service: its own copy, read once for each version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dondoc.calendar.v1 import calendar_pb2
from sqlalchemy import delete, select, true, update
from sqlalchemy.dialects.postgresql import insert

from services.kernel.limits.adapters.tables import calendar_change, calendar_day, calendar_state
from services.kernel.limits.domain.calendar import (
    Calendar,
    CalendarChange,
    CalendarDay,
    DayKind,
    DayStatus,
)
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
        if await self.version(work) == self._calendar.version:
            return self._calendar
        # Version and days in one statement: an edit that commits in between would else put its days
        # under the version before it.
        both = calendar_state.outerjoin(calendar_day, true())
        rows = list(
            await work.execute(select(calendar_state.c.version, calendar_day).select_from(both))
        )
        version = rows[0].version if rows else 0
        self._calendar = Calendar.of((_from_row(row) for row in rows if row.day), version)
        return self._calendar

    async def version(self, work: UnitOfWork) -> int:
        return (await work.execute(select(calendar_state.c.version))).scalar() or 0

    async def changes(self, work: UnitOfWork) -> list[CalendarChange]:
        """Every edit so far, the oldest first."""
        rows = await work.execute(select(calendar_change).order_by(calendar_change.c.version))
        return [
            CalendarChange(row.version, tuple(row.days), row.document, row.stopped_too)
            for row in rows
        ]

    async def stopped_pending(self, work: UnitOfWork) -> CalendarChange | None:
        """An edit whose stopped clocks still have to move."""
        query = (
            select(calendar_change)
            .where(calendar_change.c.stopped_pending)
            .order_by(calendar_change.c.version)
            .limit(1)
        )
        row = (await work.execute(query)).one_or_none()
        return row and CalendarChange(row.version, tuple(row.days), row.document, True)

    async def stopped_done(self, work: UnitOfWork, change: CalendarChange) -> None:
        await work.execute(
            update(calendar_change)
            .where(calendar_change.c.version == change.version)
            .values(stopped_pending=False)
        )

    async def replace(
        self, work: UnitOfWork, calendar: Calendar, changes: Iterable[CalendarChange] = ()
    ) -> bool:
        """Makes `calendar` the current one, unless the database holds a newer one already.

        The row of the version is locked first, so that of two edits at once one comes after. `changes`
        are the edits that led to it; those that are known already stay as they are.
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
        rows = [
            {
                "version": change.version,
                "days": list(change.days),
                "document": change.document,
                "stopped_too": change.stopped_too,
                "stopped_pending": change.stopped_too,
            }
            for change in changes
        ]
        if rows:
            await work.execute(insert(calendar_change).on_conflict_do_nothing(), rows)
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


def to_message(calendar: Calendar, changes: Iterable[CalendarChange] = ()) -> calendar_pb2.Calendar:
    return calendar_pb2.Calendar(
        version=calendar.version,
        days=[day_message(day) for day in calendar.days.values()],
        changes=[
            calendar_pb2.CalendarChange(
                version=change.version,
                days=[to_date(day) for day in change.days],
                document=change.document,
                stopped_too=change.stopped_too,
            )
            for change in changes
        ],
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


def changes_of(message: calendar_pb2.Calendar) -> list[CalendarChange]:
    return [
        CalendarChange(
            change.version,
            tuple(from_date(day, "days") for day in change.days),
            change.document,
            change.stopped_too,
        )
        for change in message.changes
    ]


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
