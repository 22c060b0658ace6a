"""A server that is away for a while is told as such, so that callers ask again and nothing is given up."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import grpc
import pytest
import pytest_asyncio
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from google.protobuf.message import Message

from embedded.nats import EmbeddedNats
from embedded.postgres import EmbeddedPostgres
from services.kernel.runtime import db
from tests.fixtures.eventually import eventually
from tests.fixtures.house import Room, StartService, office, starter


async def code_of(room: Room, stub: type, method: str, request: Message) -> grpc.StatusCode:
    """Of one call that is not repeated."""
    metadata = [("authorization", f"Bearer {office()}")]
    calling = getattr(stub(room.channel), method)(request, metadata=metadata, timeout=60)
    return await calling.code()  # type: ignore[no-any-return]


def enter(name: str) -> pb.EnterAgencyRequest:
    agency = Agency(display_name=name, kind=AGENCY_KIND_DEPARTMENT)
    return pb.EnterAgencyRequest(request_id=str(uuid.uuid4()), agency=agency)


@pytest_asyncio.fixture
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL server that this test may kill."""
    # Durable, for what was written a moment before the kill is needed after it.
    async with EmbeddedPostgres(tmp_path_factory.mktemp("own")) as server:
        yield server


async def test_calls_without_a_database_may_be_tried_again_and_then_succeed(
    own: EmbeddedPostgres, fresh_nats: EmbeddedNats
) -> None:
    async with AsyncExitStack() as stack:
        room = await starter(stack, own, fresh_nats)("directives")
        entering, listing = enter("Sở A"), pb.ListAgenciesRequest()
        await own.kill()
        for method, request in (("EnterAgency", entering), ("ListAgencies", listing)):
            code = await code_of(room, DirectoryServiceStub, method, request)
            assert code is grpc.StatusCode.UNAVAILABLE, method
        await own.start()

        async def answered() -> bool:
            code = await code_of(room, DirectoryServiceStub, "EnterAgency", entering)
            assert code in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE)
            return code is grpc.StatusCode.OK

        await eventually(answered)
        listed = await room.call(DirectoryServiceStub, "ListAgencies", listing)
        assert [agency.name for agency in listed.agencies] == ["agencies/so-a"]


async def test_a_pool_without_a_free_connection_is_a_passing_state_of_the_database(
    postgres: EmbeddedPostgres,
) -> None:
    engine = db.engine_for(await postgres.create_role_and_database("crowded"), pool=1)
    engine.pool._timeout = 0.01  # type: ignore[attr-defined]
    try:
        async with db.connection(engine):
            with pytest.raises(db.StorageError) as refused:
                async with db.transaction(engine):
                    raise AssertionError("there was a second connection")
        assert db.is_passing(refused.value.sqlstate)
    finally:
        await engine.dispose()


async def test_the_clock_is_unavailable_while_nats_cannot_be_asked_what_is_not_read(
    start_service: StartService, fresh_nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kernel.runtime.bus.ANSWER_SECONDS", 0.5)
    tasks, ask = await start_service("tasks"), clock_pb.GetTimeRequest()
    await tasks.call(ClockControlServiceStub, "GetTime", ask)
    await fresh_nats.kill()
    code = await code_of(tasks, ClockControlServiceStub, "GetTime", ask)
    assert code is grpc.StatusCode.UNAVAILABLE
    await fresh_nats.start()
    await tasks.call(ClockControlServiceStub, "GetTime", ask)
