"""A sentence planted in every field with content, through every RPC of a classified directive, is found
nowhere afterwards; and the search finds it as soon as the walls are taken down.
"""

from __future__ import annotations

import base64
import copy
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from dondoc.directives.v1 import directive_service_pb2
from dondoc.tasks.v1 import task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from sqlalchemy import text

from services.kernel.runtime.protos import content_paths, is_content
from tests.fixtures.otlp import Receiver
from tests.fixtures.processes import Street
from tests.fixtures.quarter import enter_directory, forward, office, set_clock
from tests.fixtures.world import RELATIONS, SERVICES, World, directive
from tests.rpc_requests import REQUESTS, RPCS, stub_of

SENTENCE = "Bí mật quốc gia số bảy"

# Takes the first wall down in every process that starts with it on its path.
WITHOUT_WALL = """
from services.kernel.runtime import classified
classified.is_classified = lambda secrecy: False
"""


def shapes(sentence: str) -> Iterator[bytes]:
    """How the sentence may lie on a disk or on the wire."""
    for form in ("NFC", "NFD"):
        plain = unicodedata.normalize(form, sentence)
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield plain.encode(encoding)
        yield plain.encode("unicode_escape")
        for shift in range(3):
            # Of base64 only the middle is the same whatever stands around it.
            yield base64.b64encode(b"x" * shift + plain.encode())[4:-4]


def found(street: Street, otlp: Receiver) -> list[str]:
    """Where the sentence lies: files below the street's folder, and spans."""
    wanted = list(shapes(SENTENCE))
    hits = [
        str(path.relative_to(street.folder))
        for path in Path(street.folder).rglob("*")
        if path.is_file() and any(shape in path.read_bytes() for shape in wanted)
    ]
    hits += ["span" for raw in otlp.raw if any(shape in raw for shape in wanted)]
    return hits


def strip(message: Message) -> None:
    """Takes everything with content out."""
    for field, value in message.ListFields():
        if is_content(field):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for item in value if field.is_repeated else [value]:
                strip(item)


def planted(base: Message) -> Iterator[Message]:
    """Copies of the request, each with the sentence in one of its fields with content."""

    def holders(message: Message) -> Iterator[tuple[Message, FieldDescriptor]]:
        for field in message.DESCRIPTOR.fields:
            if is_content(field):
                yield message, field
            elif field.message_type and not field.is_repeated and message.HasField(field.name):
                yield from holders(getattr(message, field.name))
            elif field.message_type and field.is_repeated:
                for item in getattr(message, field.name):
                    yield from holders(item)

    for index in range(len(list(holders(base)))):
        request = copy.deepcopy(base)
        holder, field = list(holders(request))[index]
        if field.is_repeated:
            getattr(holder, field.name).append(SENTENCE)
        else:
            setattr(holder, field.name, SENTENCE)
        yield request


async def classified_world(street: Street) -> World:
    """A secret directive, forwarded, and its task accepted by the lead."""
    await set_clock(street)
    await enter_directory(street)
    made = directive("7", document_pb2.SECRECY_SECRET)
    made.attachments.add(number="1", symbol="PL", date=made.issue_date)
    forwarded, position = await forward(street, made)
    world = World({}, directive=forwarded.name, task=forwarded.items[0].tasks[0])
    listed = task_service_pb2.ListTasksRequest()
    _, position = await street.call(
        "tasks", TaskServiceStub, "ListTasks", listed, office(street), after=position
    )
    return world


async def plant_everywhere(
    street: Street, world: World, services: tuple[str, ...] = ("",)
) -> list[grpc.StatusCode]:
    """The sentence in every field with content of every request that writes; the answers' codes."""
    who = street.token(RELATIONS["lead"], "department", "office", "officer")
    codes = []
    for rpc, method in RPCS.items():
        base = REQUESTS[rpc](world)
        if "request_id" not in method.input_type.fields_by_name or not rpc.startswith(services):
            continue
        if isinstance(base, directive_service_pb2.EnterDirectiveRequest):
            base.directive.number, base.directive.secrecy = "8", document_pb2.SECRECY_TOP_SECRET
            base.directive.attachments.add(number="1", symbol="PL")
        if isinstance(base, directive_service_pb2.SupplementDirectiveRequest):
            base.items.add(lead_agencies=[f"agencies/{RELATIONS['lead']}"])
            base.item_supplements.add(ordinal=1)
        if rpc == "InspectionService.DecideInspection":
            base.inspection.tasks[:] = [world.task]  # type: ignore[attr-defined]
        strip(base)
        service = method.containing_service.full_name.split(".")[1]
        service = {"directory": "directives", "calendar": "directives"}.get(service, service)
        for request in planted(base):
            assert list(content_paths(request))
            try:
                await street.call(service, stub_of(method), method.name, request, who, retry=False)
            except grpc.aio.AioRpcError as error:
                codes.append(error.code())
                assert SENTENCE not in str(error.trailing_metadata()), rpc
                assert SENTENCE not in (error.details() or ""), rpc
            else:
                codes.append(grpc.StatusCode.OK)
    return codes


@pytest.mark.rule("R5.2a", "R5.2dd", "R5.2g", "R2.6")
@pytest.mark.timeout(600)
async def test_a_planted_sentence_is_found_nowhere(street: Street, otlp: Receiver) -> None:
    street.environment["DONDOC_OTLP_ENDPOINT"] = otlp.endpoint
    for service in SERVICES:
        await street.start(service)
    world = await classified_world(street)
    codes = await plant_everywhere(street, world)
    assert len(codes) >= 30
    assert set(codes) == {grpc.StatusCode.INVALID_ARGUMENT}
    await street.close()
    await street.postgres.stop()
    await street.nats.stop()
    assert otlp.raw
    assert not found(street, otlp)


@pytest.mark.rule("R5.2a", "R5.2dd")
@pytest.mark.timeout(600)
async def test_the_database_refuses_it_when_the_first_wall_is_down(
    street: Street, otlp: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_WALL, "utf-8")
    street.environment |= {"DONDOC_OTLP_ENDPOINT": otlp.endpoint, "PYTHONPATH": str(tmp_path)}
    for service in ("directives", "tasks"):
        await street.start(service)
    world = await classified_world(street)
    codes = await plant_everywhere(street, world, ("DirectiveService", "TaskService"))
    assert codes
    assert grpc.StatusCode.OK not in codes
    await street.close()
    await street.postgres.stop()
    await street.nats.stop()
    assert not found(street, otlp)


@pytest.mark.timeout(600)
async def test_the_search_finds_it_when_both_walls_are_down(
    street: Street, otlp: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_WALL, "utf-8")
    street.environment |= {"DONDOC_OTLP_ENDPOINT": otlp.endpoint, "PYTHONPATH": str(tmp_path)}
    for service in ("directives", "tasks"):
        await street.start(service)
    await take_checks_down(street)
    await set_clock(street)
    await enter_directory(street)
    made = directive("7", document_pb2.SECRECY_SECRET)
    made.abstract = SENTENCE
    await forward(street, made)
    await street.close()
    await street.postgres.stop()
    await street.nats.stop()
    assert any(hit.startswith("postgres") for hit in found(street, otlp))


async def take_checks_down(street: Street) -> None:
    query = (
        "SELECT conrelid::regclass::text AS place, conname FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
    )
    for engine in street.engines.values():
        async with engine.connect() as connection:
            rows = (await connection.execute(text(query))).all()
        for row in rows:
            # One table at a time: the services read others meanwhile, and would wait for us as we for them.
            async with engine.begin() as connection:
                await connection.execute(
                    text(f'ALTER TABLE {row.place} DROP CONSTRAINT "{row.conname}"')
                )
