"""The journal begins with the calendar with which the house began, also in a house from before."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as pb
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub
from sqlalchemy import delete, func, select

from services.directives.adapters.tables import calendar_edit, calendar_edit_day
from services.directives.entrypoints.calendar_seed import seed
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.tables import calendar_day, calendar_state
from services.kernel.runtime import db
from services.kernel.runtime.tables import event_log
from tests.fixtures.house import Room, StartService
from tests.integration.directives.directives_house import request_id


@pytest.fixture
async def room(start_service: StartService) -> Room:
    return await start_service("directives")


async def journal(room: Room) -> list[calendar_pb2.CalendarEdit]:
    request = pb.ListCalendarEditsRequest()
    return list((await room.call(CalendarServiceStub, "ListCalendarEdits", request)).edits)


async def take_back(room: Room, day: calendar_pb2.CalendarDay) -> calendar_pb2.Calendar:
    """Makes a day off that the seed names an ordinary one again."""
    ordinary = calendar_pb2.CalendarDay(day=day.day, kind=calendar_pb2.DAY_KIND_WORKING)
    request = pb.EditCalendarRequest(request_id=request_id(), days=[ordinary])
    made: calendar_pb2.Calendar = await room.call(CalendarServiceStub, "EditCalendar", request)
    return made


@pytest.mark.rule("R23.1")
async def test_the_first_entry_is_the_seeded_calendar_of_nobody(room: Room) -> None:
    (first,) = await journal(room)
    days = pb.ListCalendarDaysRequest()
    known = (await room.call(CalendarServiceStub, "ListCalendarDays", days)).days
    assert list(first.days) == list(known)
    assert {day.kind for day in first.days_before} <= {
        calendar_pb2.DAY_KIND_WORKING,
        calendar_pb2.DAY_KIND_WEEKEND,
    }
    assert (first.version, first.editor, first.reason) == (1, "", "seed")
    assert "12729/VPCP-KGVX" in first.documents
    request = pb.UndoCalendarEditRequest(request_id=request_id(), name=first.name, reason="nhầm")
    with pytest.raises(grpc.aio.AioRpcError, match="first calendar and no edit") as refused:
        await room.call(CalendarServiceStub, "UndoCalendarEdit", request)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_an_edit_of_a_seeded_day_is_undone_as_any_other(room: Room) -> None:
    (first,) = await journal(room)
    made = await take_back(room, first.days[0])
    name = f"calendar/edits/{made.version}"
    request = pb.UndoCalendarEditRequest(request_id=request_id(), name=name, reason="nhầm")
    undone = await room.call(CalendarServiceStub, "UndoCalendarEdit", request)
    assert list(undone.days) == list(first.days)


async def test_a_house_from_before_has_it_written_down_from_its_log(room: Room) -> None:
    (first,) = await journal(room)
    await take_back(room, first.days[0])
    after = await journal(room)
    async with db.transaction(room.engine) as connection:
        for table in (calendar_edit_day, calendar_edit):
            await connection.execute(delete(table).where(table.c.version == 1))
    assert await journal(room) == after[:1]
    kernel = room.running.kernel
    await asyncio.gather(*(seed(kernel, CalendarStore()) for _ in range(3)))
    told = await journal(room)
    assert told[0] == after[0]
    assert list(told[1].days) == list(first.days)
    assert (told[1].occur_time, told[1].reason) == (first.occur_time, "seed")


async def test_of_replicas_that_start_at_once_one_seeds(room: Room) -> None:
    async with db.transaction(room.engine) as connection:
        for table in (calendar_edit_day, calendar_edit, calendar_day, calendar_state):
            await connection.execute(delete(table))
        await connection.execute(delete(event_log).where(event_log.c.aggregate == "calendar"))
    kernel = room.running.kernel
    await asyncio.gather(*(seed(kernel, CalendarStore()) for _ in range(3)))
    assert len(await journal(room)) == 1
    query = select(func.count()).select_from(event_log).where(event_log.c.aggregate == "calendar")
    async with room.engine.connect() as connection:
        assert await connection.scalar(query) == 1
