"""A service that had read past the calendar before it counted by it has it from its next start on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any

import pytest
import pytest_asyncio
from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as pb
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub
from sqlalchemy import delete, func, select

from services.kernel.limits.adapters.tables import calendar_change, calendar_day, calendar_state
from services.kernel.runtime import db
from services.kernel.runtime.protos import to_date
from services.kernel.runtime.service import Running, build
from services.kernel.runtime.tables import inbox
from tests.fixtures.eventually import eventually
from tests.fixtures.house import Room, StartService, verifier
from tests.fixtures.world import NOW, new_id

READERS = ["inspections", "reporting", "notify"]


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest_asyncio.fixture
async def directives(start_service: StartService) -> Room:
    """Its calendar is the seeded one with one edit."""
    room = await start_service("directives")
    day = calendar_pb2.CalendarDay(
        day=to_date(NOW.date()),
        kind=calendar_pb2.DAY_KIND_SWAP_OFF,
        document="7/TB",
        status=calendar_pb2.DAY_STATUS_OFFICIAL,
    )
    request = pb.EditCalendarRequest(request_id=new_id(), days=[day])
    await room.call(CalendarServiceStub, "EditCalendar", request)
    return room


async def known(room: Room) -> tuple[int, int, list[str]]:
    """Version of the copy, how many exceptional days it has, and the documents of its edits."""
    async with room.engine.connect() as connection:
        version = await connection.scalar(select(calendar_state.c.version))
        days = await connection.scalar(select(func.count()).select_from(calendar_day))
        documents = await connection.scalars(select(calendar_change.c.document))
        return version or 0, days or 0, list(documents)


async def until_it_knows(room: Room, wanted: tuple[int, int, list[str]]) -> None:
    await eventually(lambda: known(room), lambda found: found == wanted)


async def restart(room: Room, service: str, stack: AsyncExitStack) -> None:
    definition: Any = import_module(f"services.{service}.bootstrap").DEFINITION
    running = Running(build(definition, room.running.kernel.settings, verifier()), definition)
    stack.push_async_callback(running.stop)
    await running.start()


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize("service", READERS)
async def test_it_takes_the_newest_calendar_from_the_stream_when_it_starts(
    start_service: StartService, directives: Room, stack: AsyncExitStack, service: str
) -> None:
    wanted = await known(directives)
    assert wanted[0] == 2
    assert wanted[2] == ["7/TB"]
    room = await start_service(service)
    await until_it_knows(room, wanted)
    await room.running.stop()
    # As the version before left it: everything is read, and nothing is known of the calendar.
    async with db.transaction(room.engine) as connection:
        for table in (calendar_day, calendar_change, calendar_state):
            await connection.execute(delete(table))
        read = await connection.scalar(select(func.count()).select_from(inbox))
    assert read
    await restart(room, service, stack)
    await until_it_knows(room, wanted)
    async with room.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(inbox)) == read
