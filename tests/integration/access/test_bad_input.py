"""Nothing that a caller sends to any RPC is answered by INTERNAL or UNKNOWN, or leaves a trace."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from sqlalchemy import func, select

from services.kernel.runtime.tables import audit, event_log
from tests.fixtures.house import office, token
from tests.fixtures.world import RELATIONS, World
from tests.rpc_requests import REQUESTS, RPCS, stub_of

BAD_TEXTS = {"NUL": "a\x00b", "right-to-left mark": "a\u202eb", "too long": "a" * 25_000}
Code = grpc.StatusCode


def caller_of(rpc: str) -> str:
    """Somebody who may call it: the lead where the lead acts, else the Office."""
    if rpc.startswith("TaskService") or rpc.startswith("NotifyService"):
        return token(RELATIONS["lead"], "department", "office", "officer")
    return office()


async def written(world: World) -> list[int]:
    counts = []
    for room in world.rooms.values():
        async with room.engine.connect() as connection:
            for table in (event_log, audit):
                counts.append(await connection.scalar(select(func.count()).select_from(table)))
    return counts


async def call(world: World, rpc: str, request: Message) -> grpc.aio.AioRpcError | None:
    method = RPCS[rpc]
    room = world.room_of(method.containing_service.full_name)
    try:
        await room.call(stub_of(method), method.name, request, caller_of(rpc))
    except grpc.aio.AioRpcError as error:
        assert error.code() not in (Code.INTERNAL, Code.UNKNOWN, Code.UNAUTHENTICATED), error
        assert "Traceback" not in (error.details() or "")
        assert "services/" not in (error.details() or "")
        return error
    return None


def places(message: Message, path: str = "") -> Iterator[tuple[str, Message, FieldDescriptor]]:
    """Every field that can be set without making new messages, at any depth that the request has."""
    for field in message.DESCRIPTOR.fields:
        yield f"{path}{field.name}", message, field
        if field.message_type is None:
            continue
        if field.is_repeated:
            for index, item in enumerate(getattr(message, field.name)):
                yield from places(item, f"{path}{field.name}[{index}].")
        elif message.HasField(field.name):
            yield from places(getattr(message, field.name), f"{path}{field.name}.")


def mutated(base: Message, wanted: int, value: Any) -> Iterator[tuple[str, Message]]:
    """Copies of the request, each with one field of the wanted type set to the value."""
    for index, (path, _, field) in enumerate(places(base)):
        if field.type != wanted:
            continue
        request = copy.deepcopy(base)
        _, holder, field = list(places(request))[index]
        if field.is_repeated:
            getattr(holder, field.name).append(value)
        else:
            setattr(holder, field.name, value)
        yield path, request


@pytest.mark.parametrize("rpc", RPCS)
async def test_bytes_that_are_no_message_are_an_invalid_argument(world: World, rpc: str) -> None:
    method = RPCS[rpc]
    service = method.containing_service
    room = world.room_of(service.full_name)
    send = room.channel.unary_unary(
        f"/{service.full_name}/{method.name}",
        request_serializer=lambda data: data,
        response_deserializer=lambda data: data,
    )
    before = await written(world)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(
            b"\xff\xff\xff\x07nonsense", metadata=[("authorization", f"Bearer {caller_of(rpc)}")]
        )
    assert refused.value.code() is Code.INVALID_ARGUMENT
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(b"")
    assert refused.value.code() is Code.UNAUTHENTICATED
    assert await written(world) == before


@pytest.mark.parametrize("rpc", RPCS)
async def test_text_that_hides_something_is_refused_by_field(world: World, rpc: str) -> None:
    before = await written(world)
    base = REQUESTS[rpc](world)
    for text in BAD_TEXTS.values():
        for path, request in mutated(base, FieldDescriptor.TYPE_STRING, text):
            error = await call(world, rpc, request)
            assert error is not None, path
            assert error.code() is Code.INVALID_ARGUMENT, (path, error)
            assert path.split("[")[0] in (error.details() or ""), (path, error.details())
    assert await written(world) == before


@pytest.mark.parametrize("rpc", RPCS)
async def test_unknown_enums_and_missing_fields_are_no_surprise(world: World, rpc: str) -> None:
    before = await written(world)
    base = REQUESTS[rpc](world)
    for _, request in mutated(base, FieldDescriptor.TYPE_ENUM, 99):
        await call(world, rpc, request)
    for field, _ in base.ListFields():
        if field.name in ("etag", "base_version"):
            continue  # without it the command would be right
        request = copy.deepcopy(base)
        request.ClearField(field.name)
        await call(world, rpc, request)
    assert await written(world) == before


@pytest.mark.parametrize(
    "rpc", [rpc for rpc, m in RPCS.items() if "page_token" in m.input_type.fields_by_name]
)
async def test_a_page_token_of_another_caller_or_of_nobody_is_refused(
    world: World, rpc: str
) -> None:
    for page_token in ("x", "aaaa" * 20, "é"):
        request: Any = REQUESTS[rpc](world)
        request.page_token = page_token
        error = await call(world, rpc, request)
        assert error is not None
        assert error.code() is Code.INVALID_ARGUMENT


FOREIGN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "rpc",
    [
        rpc
        for rpc, m in RPCS.items()
        if "name" in m.input_type.fields_by_name
        and not rpc.startswith(("DirectoryService", "CalendarService"))  # names without a uuid
    ],
)
async def test_what_does_not_exist_is_not_found(world: World, rpc: str) -> None:
    request: Any = REQUESTS[rpc](world)
    head, _, tail = request.name.partition("/")
    request.name = f"{head}/{FOREIGN}{tail[36:]}"
    error = await call(world, rpc, request)
    assert error is not None
    assert error.code() is Code.NOT_FOUND


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
async def test_a_token_that_is_none_is_unauthenticated(world: World, bad: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await world.rooms["tasks"].call(
            stub_of(RPCS["TaskService.ListTasks"]),
            "ListTasks",
            REQUESTS["TaskService.ListTasks"](world),
            bad or " ",
        )
    assert refused.value.code() is Code.UNAUTHENTICATED


@pytest.mark.parametrize(
    "claims",
    [{"iss": "http://elsewhere/realms/dondoc"}, {"aud": "other"}, {"exp": 1}, {"typ": "Refresh"}],
    ids=str,
)
async def test_a_token_for_somebody_else_is_unauthenticated(
    world: World, claims: dict[str, Any]
) -> None:
    who = token(RELATIONS["lead"], "department", **claims)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await world.rooms["tasks"].call(
            stub_of(RPCS["TaskService.ListTasks"]),
            "ListTasks",
            REQUESTS["TaskService.ListTasks"](world),
            who,
        )
    assert refused.value.code() is Code.UNAUTHENTICATED


async def test_an_error_tells_the_wrong_number_and_no_other_value(world: World) -> None:
    request: Any = REQUESTS["DirectiveService.EnterDirective"](world)
    request.directive.number, request.directive.signer = "12x!", "Ai? 7"
    error = await call(world, "DirectiveService.EnterDirective", request)
    assert error is not None
    assert "12x!" in (error.details() or "")
    assert "Ai? 7" not in str(error)
    assert "đã nhận" in str(dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
                            .decode("utf-8", "replace"))  # fmt: skip
