"""What the command line makes of a server that goes: the same request once more, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import grpc
import pytest
from dondoc.tasks.v1 import task_service_pb2
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub

from cli.client import House
from embedded.alive import Mark
from embedded.run_file import RunFile, RunningService

Code = grpc.StatusCode


class _House(House):
    async def token(self, user: str) -> str:
        return "token"


async def _asked(answers: Sequence[Code], data: Path) -> int:
    """How often a server was asked that answers so, and after that well."""
    asked: list[bytes] = []

    async def answer(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        asked.append(request)
        if len(asked) <= len(answers):
            await context.abort(answers[len(asked) - 1], "")
        return Task(name="tasks/one").SerializeToString()

    server = grpc.aio.server()
    method = {"GetTask": grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("dondoc.tasks.v1.TaskService", method),)
    )
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    found = RunFile(
        data=str(data), clock="simulated", issuer="", issuer_folder=str(data / "issuer"), nats="",
        smtp_host="", smtp_port=0, smtp_folder="", supervisor=Mark.of(os.getpid()),
        services={"tasks": RunningService(address, "", os.getpid(), "")},
    )  # fmt: skip
    found.write()
    try:
        async with _House(found) as house:
            request = task_service_pb2.GetTaskRequest(name="tasks/one")
            task = await house.call(TaskServiceStub, "GetTask", request)
            assert task.name == "tasks/one"
    finally:
        await server.stop(None)
    assert len(set(asked)) == 1
    return len(asked)


async def test_a_call_that_a_stopping_server_drops_is_made_again(tmp_path: Path) -> None:
    assert await _asked([Code.CANCELLED, Code.UNAVAILABLE], tmp_path) == 3


@pytest.mark.parametrize("code", [Code.INTERNAL, Code.FAILED_PRECONDITION])
async def test_a_call_that_was_refused_is_not_made_again(code: Code, tmp_path: Path) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await _asked([code], tmp_path)
    assert refused.value.code() is code
