"""The permanent log and its way to the readers, when things go wrong."""

from __future__ import annotations

import uuid

import grpc
import pytest
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.tasks.v1 import task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import func, select, text, update

from embedded.nats import EmbeddedNats
from services.kernel.directory.tables import agency
from services.kernel.runtime.consumer import ATTEMPTS
from services.kernel.runtime.tables import dead_letter, event_log, inbox
from services.kernel.runtime.unit_of_work import UnitOfWork
from tests.fixtures.eventually import eventually
from tests.fixtures.house import Room, StartService, office


async def enter(room: Room, name: str) -> str:
    made = Agency(display_name=name, kind=AGENCY_KIND_DEPARTMENT, assignable=True)
    request = pb.EnterAgencyRequest(request_id=str(uuid.uuid4()), agency=made)
    await room.call(DirectoryServiceStub, "EnterAgency", request)
    return room.last_position


async def agencies(room: Room) -> list[str]:
    async with room.engine.connect() as connection:
        return list(await connection.scalars(select(agency.c.slug).order_by(agency.c.slug)))


async def last_event(room: Room) -> Event:
    query = select(event_log.c.event).order_by(event_log.c.position.desc()).limit(1)
    async with room.engine.connect() as connection:
        return Event.FromString(await connection.scalar(query))


async def published(room: Room) -> bool:
    """Whether the relay has carried everything, and has written that down."""
    query = select(func.count()).where(event_log.c.published_at.is_(None))
    async with room.engine.connect() as connection:
        return await connection.scalar(query) == 0


async def read_after(room: Room, position: str) -> None:
    await room.call(
        TaskServiceStub, "ListTasks", task_service_pb2.ListTasksRequest(), after=position
    )


async def test_a_reader_waits_until_it_has_recorded_what_was_written(
    start_service: StartService,
) -> None:
    directives, tasks = await start_service("directives"), await start_service("tasks")
    position = await enter(directives, "Sở A")
    await read_after(tasks, position)
    assert await agencies(tasks) == ["so-a"]


async def test_a_position_of_a_stream_that_is_not_read_is_refused(
    start_service: StartService,
) -> None:
    tasks = await start_service("tasks")
    for after in (f"reporting:{uuid.uuid4()}", "directives:x", "nonsense"):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await read_after(tasks, after)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_position_that_does_not_come_is_unavailable(
    start_service: StartService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kernel.runtime.positions.LONGEST_WAIT_SECONDS", 0.5)
    tasks = await start_service("tasks")
    stub = TaskServiceStub(tasks.channel)
    metadata = [
        ("authorization", f"Bearer {office()}"), ("dondoc-after", f"directives:{uuid.uuid4()}"),
    ]  # fmt: skip
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.ListTasks(task_service_pb2.ListTasksRequest(), metadata=metadata, timeout=60)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "caught up" in (refused.value.details() or "")


async def test_writes_go_on_without_nats_and_nothing_is_missing_afterwards(
    start_service: StartService, fresh_nats: EmbeddedNats
) -> None:
    directives, tasks = await start_service("directives"), await start_service("tasks")
    await read_after(tasks, await enter(directives, "Sở A"))
    await fresh_nats.kill()
    position = await enter(directives, "Sở B")
    await fresh_nats.start()

    async def arrived() -> bool:
        return await agencies(tasks) == ["so-a", "so-b"]

    await eventually(arrived)
    await read_after(tasks, position)


async def test_a_stream_that_was_deleted_while_down_is_filled_again_by_itself(
    start_service: StartService, fresh_nats: EmbeddedNats
) -> None:
    directives = await start_service("directives")
    await enter(directives, "Sở A")
    await eventually(lambda: published(directives))
    await fresh_nats.kill()
    fresh_nats.wipe()
    await fresh_nats.start()
    tasks = await start_service("tasks")

    async def arrived() -> bool:
        return await agencies(tasks) == ["so-a"]

    await eventually(arrived)


async def test_a_doubled_event_is_applied_once(start_service: StartService) -> None:
    directives, tasks = await start_service("directives"), await start_service("tasks")
    await read_after(tasks, await enter(directives, "Sở A"))
    consumer = next(c for c in tasks.running.consumers if c.stream == "directives")
    assert await consumer.apply(await last_event(directives)) == 0


async def test_an_overtaken_event_changes_nothing(start_service: StartService) -> None:
    directives, tasks = await start_service("directives"), await start_service("tasks")
    await read_after(tasks, await enter(directives, "Sở A"))
    event = await last_event(directives)
    older = Event()
    older.CopyFrom(event)
    older.id, older.version = str(uuid.uuid4()), 0
    renamed = Agency()
    older.data.Unpack(renamed)
    renamed.display_name = "an older name"
    older.data.Pack(renamed)
    consumer = next(c for c in tasks.running.consumers if c.stream == "directives")
    assert await consumer.apply(older)
    async with tasks.engine.connect() as connection:
        assert await connection.scalar(select(agency.c.display_name)) == "Sở A"


async def test_what_keeps_failing_becomes_a_dead_letter_and_does_not_stop_the_rest(
    start_service: StartService, monkeypatch: pytest.MonkeyPatch
) -> None:
    directives, tasks = await start_service("directives"), await start_service("tasks")
    monkeypatch.setattr("services.kernel.runtime.consumer.RETRY_SECONDS", 0.001)
    consumer = next(c for c in tasks.running.consumers if c.stream == "directives")
    handler = consumer.handler

    async def failing(work: object, event: Event) -> None:
        if event.aggregate == "agencies/so-a":
            raise RuntimeError("planted")
        await handler(work, event)  # type: ignore[arg-type]

    consumer.handler = failing
    first = await enter(directives, "Sở A")
    await read_after(tasks, await enter(directives, "Sở B"))
    await read_after(tasks, first)
    assert await agencies(tasks) == ["so-b"]
    async with tasks.engine.connect() as connection:
        letters = (await connection.execute(select(dead_letter))).all()
    assert [letter.error for letter in letters] == ["RuntimeError"]


@pytest.mark.parametrize("sqlstate", ["40P01", "55P03", "53300"])
async def test_a_database_that_is_in_the_way_makes_no_dead_letter(
    start_service: StartService, monkeypatch: pytest.MonkeyPatch, sqlstate: str
) -> None:
    """A migration beside a reader, say: more often than an event is tried that fails for itself."""
    directives, tasks = await start_service("directives"), await start_service("tasks")
    monkeypatch.setattr("services.kernel.runtime.consumer.RETRY_SECONDS", 0.001)
    monkeypatch.setattr("services.kernel.runtime.consumer.REDELIVERY_SECONDS", 0.01)
    consumer = next(c for c in tasks.running.consumers if c.stream == "directives")
    handler, left = consumer.handler, 2 * ATTEMPTS + 1

    async def refused(work: UnitOfWork, event: Event) -> None:
        nonlocal left
        if left:
            left -= 1
            await work.execute(
                text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$")
            )
        await handler(work, event)

    consumer.handler = refused
    await read_after(tasks, await enter(directives, "Sở A"))
    assert left == 0
    assert await agencies(tasks) == ["so-a"]
    async with tasks.engine.connect() as connection:
        assert not (await connection.execute(select(dead_letter))).all()


async def test_the_relay_publishes_what_another_replica_left_behind(
    start_service: StartService,
) -> None:
    directives, tasks = await start_service("directives"), await start_service("tasks")
    await read_after(tasks, await enter(directives, "Sở A"))
    await eventually(lambda: published(directives))
    async with directives.engine.begin() as connection:
        await connection.execute(update(event_log).values(published_at=None))
    await eventually(lambda: published(directives))
    async with tasks.engine.connect() as connection:
        doubles = select(func.count()).select_from(inbox)
        events = await connection.scalar(doubles)
    assert events == 2  # the calendar and the agency, each once
