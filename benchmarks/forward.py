"""Create and forward: how much of what the machine can do is left after our own work.

`python -m benchmarks.forward [--directives N] [--json]`

Measured in one run, with the same number of callers at once:
- create-and-forward: EnterDirective, then ForwardDirective, one task each, over gRPC with tokens;
- the same inserts sent bare: the rows that those two commands wrote, with fresh keys, by asyncpg, one
  transaction for each command;
- an empty gRPC handler: two calls that decode, do nothing and encode.
Read the ratios, not the times: they move with the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import grpc
from dondoc.directives.v1 import directive_pb2, directive_service_pb2
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.dialects import postgresql

from embedded.nats import EmbeddedNats
from embedded.postgres import EmbeddedPostgres
from services.kernel.runtime import db
from tests.fixtures.house import Room, office, starter
from tests.fixtures.quarter import enter_directory_in
from tests.fixtures.world import NOW, directive

CALLERS = 8
RECORDED = 999_999  # number of the directive whose rows are sent again
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def at_once(times: int, work: Callable[[int], Awaitable[None]]) -> float:
    """Seconds for `times` pieces of work, CALLERS of them at once."""
    numbers = iter(range(times))

    async def caller() -> None:
        for number in numbers:
            await work(number)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return time.perf_counter() - started


async def create_and_forward(room: Room, number: int) -> None:
    made: directive_pb2.Directive = directive(str(number))
    enter = directive_service_pb2.EnterDirectiveRequest(
        request_id=str(uuid.uuid4()), directive=made
    )
    entered = await room.call(DirectiveServiceStub, "EnterDirective", enter, TOKEN)
    forward = directive_service_pb2.ForwardDirectiveRequest(
        request_id=str(uuid.uuid4()), name=entered.name
    )
    await room.call(DirectiveServiceStub, "ForwardDirective", forward, TOKEN)


TOKEN = office()
Insert = tuple[str, list[list[Any]]]


class Recorder:
    """Keeps the inserts of a command as plain SQL with their values."""

    def __init__(self) -> None:
        self.commands: list[list[Insert]] = []

    async def record(self, work: Callable[[], Awaitable[None]]) -> None:
        original = db.execute

        async def execute(connection: Any, statement: Any, rows: Any = None) -> Any:
            if rows and getattr(statement, "is_insert", False):
                compiled = statement.compile(
                    dialect=postgresql.asyncpg.dialect(),
                    column_keys=list(rows[0]),  # type: ignore[attr-defined]
                )
                names = list(compiled.positiontup or ())
                if statement.table.name == "answer" or not self.commands:
                    self.commands.append([])
                values = [[_plain(row[name]) for name in names] for row in rows]
                self.commands[-1].append((str(compiled), values))
            return await original(connection, statement, rows)

        db.execute = execute
        try:
            await work()
        finally:
            db.execute = original


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def renewed(value: Any, number: int) -> Any:
    """The same value for another directive: every key in it is another one."""
    if isinstance(value, uuid.UUID):
        return uuid.uuid5(value, str(number))
    if isinstance(value, str):
        fresh = UUID.sub(lambda m: str(uuid.uuid5(uuid.UUID(m[0]), str(number))), value)
        return fresh.replace(str(RECORDED), str(500_000 + number))
    return value


async def bare(pool: asyncpg.Pool[Any], commands: list[list[Insert]], number: int) -> None:
    async with pool.acquire() as connection:
        for command in commands:
            async with connection.transaction():
                for statement, rows in command:
                    fresh = [[renewed(value, number) for value in row] for row in rows]
                    if len(fresh) == 1:
                        await connection.execute(statement, *fresh[0])
                    else:
                        await connection.executemany(statement, fresh)


async def empty_server() -> tuple[grpc.aio.Server, grpc.aio.Channel]:
    async def nothing(request: Any, context: Any) -> Any:
        return directive_pb2.Directive()

    handler = grpc.unary_unary_rpc_method_handler(
        nothing,
        request_deserializer=directive_service_pb2.EnterDirectiveRequest.FromString,
        response_serializer=directive_pb2.Directive.SerializeToString,
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("bench.Empty", {"Call": handler})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, grpc.aio.insecure_channel(f"127.0.0.1:{port}")


async def measure(directives: int, progress: Progress) -> dict[str, float]:
    """Directives a second for each of the three."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await stack.enter_async_context(EmbeddedPostgres(folder / "postgres"))
        nats = await stack.enter_async_context(EmbeddedNats(folder / "nats"))
        room = await starter(stack, postgres, nats)("directives")
        await room.set_clock(NOW)
        await enter_directory_in(room)
        recorder = Recorder()
        await recorder.record(lambda: create_and_forward(room, RECORDED))
        bar = progress.add_task("create-and-forward", total=3)
        await at_once(50, lambda n: create_and_forward(room, 900_000 + n))  # warm
        ours = await at_once(directives, lambda n: create_and_forward(room, 1 + n))
        progress.update(bar, advance=1, description="the same inserts, bare")
        pool = await asyncpg.create_pool(postgres.dsn(room.database), min_size=CALLERS)
        stack.push_async_callback(pool.close)
        commands = [command for command in recorder.commands if command]
        bare_time = await at_once(directives, lambda n: bare(pool, commands, n))
        progress.update(bar, advance=1, description="an empty gRPC handler")
        server, channel = await empty_server()
        call = channel.unary_unary(
            "/bench.Empty/Call",
            request_serializer=directive_service_pb2.EnterDirectiveRequest.SerializeToString,
            response_deserializer=directive_pb2.Directive.FromString,
        )
        request = directive_service_pb2.EnterDirectiveRequest(directive=directive("1"))

        async def twice(_: int) -> None:
            await call(request)
            await call(request)

        empty_time = await at_once(directives, twice)
        progress.update(bar, advance=1)
        await channel.close()
        await server.stop(0)
        return {
            "create_and_forward": directives / ours,
            "bare_inserts": directives / bare_time,
            "empty_grpc": directives / empty_time,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directives", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        rates = asyncio.run(measure(arguments.directives, progress))
    ours = rates["create_and_forward"]
    if arguments.json:
        print(json.dumps(rates))
        return
    table = Table("what", "directives a second", "ours is", title="Create and forward")
    for name, label in (
        ("create_and_forward", "create-and-forward (2 commands over gRPC)"),
        ("bare_inserts", "the same inserts, bare"),
        ("empty_grpc", "2 calls of an empty gRPC handler"),
    ):
        table.add_row(label, f"{rates[name]:.0f}", f"{ours / rates[name]:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main()
