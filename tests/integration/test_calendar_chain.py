"""An edit of the calendar on its whole way: directives → NATS → tasks → NATS → one digest to each officer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as pb
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub
from dondoc.limits.v1 import deadline_service_pb2 as deadline_pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.notify.v1 import notice_pb2, notify_service_pb2
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub

from embedded.nats import EmbeddedNats
from embedded.postgres import EmbeddedPostgres
from embedded.smtp_sink import SmtpSink
from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_date
from tests.fixtures.house import OFFICE_SLUG, token
from tests.fixtures.world import (
    NOW,
    RELATIONS,
    World,
    build_world,
    directive,
    enter_and_forward,
    new_id,
)

DUE, AFTER = date(2024, 4, 26), timedelta(minutes=5)
LEAD = token(RELATIONS["lead"], "department", "officer")
OFFICE = token(OFFICE_SLUG, "office", "officer")


@pytest_asyncio.fixture
async def province(
    postgres: EmbeddedPostgres, fresh_nats: EmbeddedNats, smtp_sink: SmtpSink
) -> AsyncIterator[World]:
    """Five running services with two forwarded directives, due on the same day."""
    async with AsyncExitStack() as stack:
        world = await build_world(stack, postgres, fresh_nats, smtp_sink)
        for number in ("1", "2"):
            await enter_and_forward(world, directive(number))
        yield world


async def digests(world: World, who: str, kind: int, now: datetime) -> list[notice_pb2.Notice]:
    """What the inbox holds once `notify` has read all and its timers have run."""
    notify = world.rooms["notify"]
    for name in ("directives", "tasks"):
        room = world.rooms[name]
        await room.call(DeadlineServiceStub, "ListClocks", deadline_pb.ListClocksRequest())
        await notify.call(
            NotifyServiceStub,
            "ListNotices",
            notify_service_pb2.ListNoticesRequest(),
            who,
            after=room.last_position,
        )
    await notify.set_clock(now)
    request = notify_service_pb2.ListNoticesRequest(kind=kind)  # type: ignore[arg-type]
    listed = await notify.call(NotifyServiceStub, "ListNotices", request, who)
    return list(listed.notices)


async def applied(world: World, method: str, request: Any) -> calendar_pb2.Calendar:
    """The edit, and every service past it: `tasks` has swept its clocks."""
    room, tasks = world.rooms["directives"], world.rooms["tasks"]
    made: calendar_pb2.Calendar = await room.call(CalendarServiceStub, method, request)
    await tasks.call(
        DeadlineServiceStub,
        "ListClocks",
        deadline_pb.ListClocksRequest(),
        after=room.last_position,
    )
    for timer in tasks.running.wiring.timers:
        await timer.run()
    tasks.running.kernel.relay.wake.set()
    return made


@pytest.mark.rule("R2.4", "R9.2d", "R23.1")
async def test_an_edit_and_its_undoing_reach_each_officer_as_one_digest_each(
    province: World,
) -> None:
    day = calendar_pb2.CalendarDay(
        day=to_date(DUE),
        kind=calendar_pb2.DAY_KIND_SWAP_OFF,
        document="7/TB",
        status=calendar_pb2.DAY_STATUS_OFFICIAL,
    )
    made = await applied(
        province, "EditCalendar", pb.EditCalendarRequest(request_id=new_id(), days=[day])
    )
    kind = notice_pb2.NOTICE_KIND_CALENDAR_DIGEST
    assert await digests(province, LEAD, kind, NOW) == []
    (told,) = await digests(province, LEAD, kind, NOW + AFTER)
    # Two tasks, each with its due date and the entry that is owed after it. The 29th, the 30th of
    # April and the 1st of May are off; Saturday the 4th is worked.
    assert "4 thời hạn" in told.title
    assert told.body.count("Ngày cuối cùng trước đây: 26/04/2024") == 2
    assert told.body.count("Ngày cuối cùng của thời hạn: 02/05/2024") == 2

    undo = pb.UndoCalendarEditRequest(
        request_id=new_id(), name=f"calendar/edits/{made.version}", reason="nhập nhầm"
    )
    await applied(province, "UndoCalendarEdit", undo)
    newest, first = await digests(province, LEAD, kind, NOW + 3 * AFTER)
    assert first.name == told.name
    assert newest.body.count("Ngày cuối cùng của thời hạn: 26/04/2024") == 2


@pytest.mark.rule("R9.2d")
async def test_the_office_hears_in_october_that_the_next_year_is_missing(province: World) -> None:
    october = datetime(2027, 10, 1, 8, tzinfo=LOCAL)
    await province.rooms["directives"].set_clock(october)
    kind = notice_pb2.NOTICE_KIND_CALENDAR_MISSING
    (told,) = await digests(province, OFFICE, kind, october)
    assert "2028" in told.body
    await province.rooms["directives"].set_clock(october + timedelta(days=3))
    assert len(await digests(province, OFFICE, kind, october + timedelta(days=3))) == 1
