"""Commands that meet: the same one twice, two at once, one that is stale."""

from __future__ import annotations

import asyncio
import uuid

import grpc
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency, Officer
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from sqlalchemy import func, select, text

from services.kernel.runtime.tables import answer, audit, event_log
from tests.fixtures.house import Room, StartService


def enter(name: str) -> pb.EnterAgencyRequest:
    agency = Agency(display_name=name, kind=AGENCY_KIND_DEPARTMENT)
    return pb.EnterAgencyRequest(request_id=str(uuid.uuid4()), agency=agency)


async def count(room: Room, table: object, where: object = True) -> int:
    async with room.engine.connect() as connection:
        query = select(func.count()).select_from(table).where(where)  # type: ignore[arg-type]
        return int(await connection.scalar(query) or 0)


async def send(room: Room, method: str, request: object) -> object:
    try:
        return await room.call(DirectoryServiceStub, method, request)
    except grpc.aio.AioRpcError as error:
        return error.code()


async def test_the_same_request_many_times_at_once_is_done_once(
    start_service: StartService,
) -> None:
    room = await start_service("directives")
    request = enter("Sở A")
    answers = await asyncio.gather(*(send(room, "EnterAgency", request) for _ in range(8)))
    assert all(given == answers[0] for given in answers)
    assert await count(room, event_log, event_log.c.type == "AgencyChanged") == 1
    assert await count(room, answer) == 1


async def test_of_two_changes_to_the_same_version_one_is_aborted_as_a_whole(
    start_service: StartService,
) -> None:
    room = await start_service("directives")
    entered = await room.call(DirectoryServiceStub, "EnterAgency", enter("Sở A"))
    before = await count(room, audit)
    requests = [
        pb.AppointOfficerRequest(
            request_id=str(uuid.uuid4()),
            name=entered.name,
            etag=entered.etag,
            officer=Officer(email=f"{index}@dondoc.example"),
        )
        for index in range(6)
    ]
    answers = await asyncio.gather(*(send(room, "AppointOfficer", r) for r in requests))
    won = [given for given in answers if isinstance(given, Agency)]
    assert len(won) == 1
    assert all(g is grpc.StatusCode.ABORTED for g in answers if not isinstance(g, Agency))
    assert await count(room, event_log, event_log.c.aggregate == entered.name) == 2
    assert await count(room, audit) == before + 1
    assert await count(room, answer) == 2


async def test_a_command_that_fails_leaves_nothing_and_may_be_sent_again(
    start_service: StartService,
) -> None:
    room = await start_service("directives")
    async with room.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO audit_away"))
    request = enter("Sở A")
    assert await send(room, "EnterAgency", request) is grpc.StatusCode.INTERNAL
    async with room.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_away RENAME TO audit"))
    assert await count(room, event_log, event_log.c.type == "AgencyChanged") == 0
    assert await count(room, answer) == 0
    assert isinstance(await send(room, "EnterAgency", request), Agency)


async def test_audit_tells_who_and_what_and_no_values(start_service: StartService) -> None:
    room = await start_service("directives")
    await room.call(DirectoryServiceStub, "EnterAgency", enter("Sở Nội vụ"))
    async with room.engine.connect() as connection:
        query = select(audit).where(audit.c.action == "EnterAgency")
        row = (await connection.execute(query)).one()
    assert (row.agency, row.subject) == ("van-phong-ubnd-tinh", "agencies/so-noi-vu")
    assert row.fields == ["display_name"]
    assert "Nội vụ" not in str(row._asdict())
    assert len(row.digests["display_name"]) == 64
