"""The projection: equal to a recount, whatever way the events came, and made again from nothing."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import delete, func, select, update

from services.kernel.directory.tables import agency
from services.kernel.runtime.main import replay
from services.reporting.adapters.tables import clock_version, task, task_interval
from services.reporting.bootstrap import DEFINITION
from tests.fixtures.house import Room, StartService
from tests.integration.reporting.played_year import played_year
from tests.integration.reporting.recount import recount
from tests.integration.reporting.reporting_room import (
    NOW,
    agencies,
    apply,
    at,
    figures,
    numbers,
    publish,
)

MOMENTS = (at(4, 1), at(8, 17, 3), NOW)


async def table(room: Room, moment: datetime) -> dict[str, dict[str, int]]:
    return {row.agency: numbers(row) for row in (await figures(room, moment)).rows}


async def everything(room: Room, after: str = "") -> bytes:
    """All answers at all moments, as bytes."""
    found = b""
    for moment in MOMENTS:
        found += (await figures(room, moment, after=after)).SerializeToString(deterministic=True)
    clocks = await room.call(ReportingServiceStub, "GetClockFigures", pb.GetClockFiguresRequest())
    return found + clocks.SerializeToString(deterministic=True)


@pytest.mark.rule("R5.1g", "R5.2g")
@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_equal_a_recount_of_the_events_at_three_moments(
    room: Room, seed: int
) -> None:
    events = played_year(seed, 150)
    await apply(room, "tasks", events)
    for moment in MOMENTS:
        expected = recount(events, moment)
        assert len(expected) == 4, "the play reaches every agency"
        assert await table(room, moment) == expected


async def test_events_in_any_order_doubled_and_with_gaps_give_the_same_figures(
    room: Room,
) -> None:
    events = played_year(3, 80)
    newest = {event.aggregate: event for event in events}

    def dispensable(event: Event) -> bool:
        # A later event of the task tells it again; of a clock each version is needed.
        return newest[event.aggregate] is not event and not event.data.Is(Clock.DESCRIPTOR)

    random = Random(3)
    came = [event for event in events if not (dispensable(event) and random.random() < 0.5)]
    assert len(came) < len(events)
    came += random.sample(came, len(came) // 3)
    random.shuffle(came)
    await apply(room, "tasks", came)
    for moment in MOMENTS:
        assert await table(room, moment) == recount(events, moment)


async def test_a_replay_from_nothing_gives_byte_equal_figures(start_service: StartService) -> None:
    room = await start_service("reporting")
    await room.set_clock(NOW)
    read_directives = await publish(room, "directives", agencies())
    read = f"{read_directives},{await publish(room, 'tasks', played_year(4, 40))}"
    before = await everything(room, after=read)
    async with room.engine.begin() as connection:
        # Damage that no newer event would heal: only a rebuild does.
        await connection.execute(update(task_interval).values(agency="so-y-te"))
        await connection.execute(delete(clock_version).where(clock_version.c.version > 1))
        await connection.execute(update(agency).values(display_name="?"))
    assert await everything(room) != before
    for stream in ("directives", "tasks"):
        await replay(DEFINITION, room.running.kernel.settings, stream)
    assert await everything(room, after=read) == before


async def test_forgetting_one_stream_leaves_what_came_from_the_other(room: Room) -> None:
    await apply(room, "tasks", played_year(5, 5))
    assert DEFINITION.forget is not None
    async with room.engine.begin() as connection:
        await DEFINITION.forget(connection, "tasks")
        for emptied in (task, task_interval, clock_version):
            assert await connection.scalar(select(func.count()).select_from(emptied)) == 0
        assert await connection.scalar(select(func.count()).select_from(agency)) == 4
