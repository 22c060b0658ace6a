"""What tests on a changing calendar share: edits as `directives` tells them, previews, and own SQL."""

from __future__ import annotations

from datetime import date
from typing import Any

from dondoc.limits.v1 import deadline_service_pb2 as pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from sqlalchemy import text

from services.kernel.limits.adapters.calendar_store import day_message, to_message
from services.kernel.limits.adapters.holiday_seed import seeded_days
from services.kernel.limits.adapters.profile_files import load_profiles
from services.kernel.limits.domain.calendar import (
    Calendar,
    CalendarChange,
    CalendarDay,
    CalendarEdit,
    DayKind,
    local_date,
)
from services.kernel.limits.domain.duedate import compute
from services.kernel.runtime.protos import from_date
from tests.fixtures.house import Room
from tests.integration.tasks.tasks_house import TasksHouse

PROFILES = load_profiles()


def off(*days: date) -> list[CalendarDay]:
    return [CalendarDay(day, DayKind.SWAP_OFF, "Nghỉ", "1/TB") for day in days]


class CalendarDesk:
    """The calendar as `directives` would have it, told to the service under test."""

    def __init__(self, house: TasksHouse) -> None:
        self.house = house
        self.calendar = Calendar.of(seeded_days(2019, 2027), 1)
        self.changes: list[CalendarChange] = []

    def edited(
        self,
        put: list[CalendarDay],
        *remove: date,
        document: str = "1/TB",
        stopped_too: bool = False,
    ) -> tuple[Calendar, list[CalendarChange]]:
        """The next version with all changes so far; nobody has been told."""
        edit = CalendarEdit(tuple(put), remove)
        self.calendar = self.calendar.edited(edit, self.calendar.version + 1)
        days = tuple(sorted({*remove, *(day.day for day in put)}))
        change = CalendarChange(self.calendar.version, days, document, stopped_too)
        self.changes = [*self.changes, change]
        return self.calendar, self.changes

    async def tell(self, calendar: Calendar, changes: list[CalendarChange]) -> bool:
        """CalendarChanged arrives; the clocks wait for the sweep."""
        message = to_message(calendar, changes)
        return await self.house.feed("CalendarChanged", "calendar", calendar.version, message)

    async def sweep(self) -> None:
        for timer in self.house.room.running.wiring.timers:
            await timer.run()

    async def edit(self, put: list[CalendarDay], *remove: date, **fields: Any) -> None:
        """Made, told and swept."""
        await self.tell(*self.edited(put, *remove, **fields))
        await self.sweep()

    async def preview(
        self, put: list[CalendarDay], who: str | None = None, **fields: Any
    ) -> dict[tuple[str, str], tuple[date, date]]:
        """(subject, rule) → last day before and after, over all pages."""
        request = pb.PreviewCalendarEditRequest(days=[day_message(day) for day in put], **fields)
        found = {}
        while True:
            page = await self.asked(request, who)
            for move in page.moves:
                days = (from_date(move.from_last_day, ""), from_date(move.to_last_day, ""))
                found[move.subject, move.rule] = days
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def asked(
        self, request: pb.PreviewCalendarEditRequest, who: str | None = None
    ) -> pb.PreviewCalendarEditResponse:
        room = self.house.room
        response: pb.PreviewCalendarEditResponse = await room.call(
            DeadlineServiceStub, "PreviewCalendarEdit", request, who
        )
        return response

    async def last_days(self, *, stopped: bool = False) -> dict[tuple[str, str], date]:
        """(subject, rule) → last day, from the table itself."""
        rows = await rows_of(self.house.room, f"SELECT * FROM clock WHERE {_which(stopped)}")
        return {
            (row.subject, row.rule): local_date(row.due_at - date.resolution / 86400)
            for row in rows
        }

    async def nobody_is_left_behind(self) -> int:
        """No running clock on an older calendar, and each end equals a recomputation; how many there are."""
        version = (await rows_of(self.house.room, "SELECT version FROM calendar_state"))[0].version
        rows = await rows_of(self.house.room, f"SELECT * FROM clock WHERE {_which(False)}")
        assert version == self.calendar.version
        for row in rows:
            assert row.calendar_version == version
            profile = PROFILES.pinned(row.profile, row.profile_version)
            computed = compute(
                profile.rule(row.rule),
                profile,
                self.calendar,
                started_at=row.started_at,
                stated_due=row.stated_due,
                length_ground=row.length_ground,
            )
            assert row.due_at == computed.due_at
        return len(rows)


def _which(stopped: bool) -> str:
    return "stopped_at IS NOT NULL AND void_reason = ''" if stopped else "stopped_at IS NULL"


async def rows_of(room: Room, sql: str) -> list[Any]:
    async with room.engine.connect() as connection:
        return list(await connection.execute(text(sql)))
