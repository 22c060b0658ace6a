"""Traces wait for a receiver that is away, and are refused where none is set."""

from __future__ import annotations

import uuid

import grpc
import pytest
from dondoc.limits.v1 import deadline_service_pb2 as deadline_pb
from dondoc.limits.v1 import trace_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from sqlalchemy import text

from tests.fixtures.eventually import eventually
from tests.fixtures.house import StartService
from tests.fixtures.otlp import receiving
from tests.fixtures.ports import held_port
from tests.integration.tasks.every_state import DUE, ISSUED
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, item, lead, refusal


async def waiting(house: TasksHouse) -> int:
    async with house.room.engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM trace_outbox")) or 0)


async def returned(house: TasksHouse) -> str:
    """A task whose clocks were voided; its name."""
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    request = pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_TASK_MISSING, words="Thiếu nhiệm vụ"
    )
    await house.call("ReturnTask", request, lead())
    return name


async def test_a_trace_waits_for_a_receiver_that_is_away(start_service: StartService) -> None:
    with held_port() as port:
        room = await start_service(
            "tasks", otlp_endpoint=f"http://127.0.0.1:{port}", otlp_protocol="http"
        )
        house = TasksHouse(room)
        await house.furnish()
        name = await returned(house)
        assert await waiting(house) > 0
        with receiving(port) as receiver:
            trace_id = uuid.UUID(name.removeprefix("tasks/")).hex
            await receiver.wait_for(
                lambda spans: (
                    {s.name for s in spans if s.trace_id == trace_id}
                    == {"round 1", "FORWARDED", "R5.1e", "R7.2a"}
                )
            )
            # The task goes on: its root is told when it is over. What was taken is forgotten.
            await eventually(lambda: waiting(house), lambda left: left == 0)
        voided = [s for s in receiver.spans if s.name == "R5.1e"]
        assert {s.attributes["dondoc.void_reason"] for s in voided} == {"TASK_RETURNED"}


async def test_without_a_receiver_a_trace_can_be_seen_but_not_sent(house: TasksHouse) -> None:
    name = await returned(house)
    trace: trace_pb2.Trace = await house.room.call(
        DeadlineServiceStub, "GetTrace", deadline_pb.GetTraceRequest(name=name), lead()
    )
    assert trace.trace_id == uuid.UUID(name.removeprefix("tasks/")).hex
    assert not trace.spans[0].HasField("end_time")
    request = deadline_pb.SendTraceRequest(request_id=str(uuid.uuid4()), name=name)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.room.call(DeadlineServiceStub, "SendTrace", request)
    assert refusal(error.value).reason == "NO_OTLP_RECEIVER"
    assert await waiting(house) == 0


async def test_of_a_task_that_is_not_there_there_is_no_trace(house: TasksHouse) -> None:
    for name in (f"tasks/{uuid.uuid4()}", f"directives/{uuid.uuid4()}"):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await house.room.call(
                DeadlineServiceStub, "GetTrace", deadline_pb.GetTraceRequest(name=name)
            )
        assert error.value.code() is grpc.StatusCode.NOT_FOUND
