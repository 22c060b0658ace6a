"""What is meant by the word after `dondoc explain`: a resource name, an id, or a document's number."""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID

import grpc
from dondoc.directives.v1 import directive_service_pb2 as directive_pb
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.tasks.v1 import task_service_pb2 as task_pb
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub

from cli.client import House
from cli.errors import USAGE, CliError
from cli.language import Words
from cli.render import day

_NAME = re.compile(r"(tasks|directives)/[0-9a-f-]{36}")
_NUMBER = re.compile(r"(\d{1,6}[a-z]?)(/.*)?")

Subject = Task | Directive


async def find(house: House, written: str, user: str) -> list[Subject]:
    """The task or directive that is meant; for a caller who may not see directives, those of the
    document's tasks that he may see. Raises CliError, and AioRpcError as the services refuse."""
    written = written.strip()
    if _NAME.fullmatch(written):
        return [await _get(house, written, user)]
    if _is_id(written):
        return [await _by_id(house, written.lower(), user)]
    number = _NUMBER.fullmatch(written.lower())
    if number is None:
        raise CliError(
            Words(
                f"Không hiểu “{written}”; ví dụ đúng: tasks/UUID, directives/UUID, 374/UBND-VXNV",
                f"“{written}” is no subject; right would be tasks/UUID, directives/UUID, "
                "374/UBND-VXNV",
            ),
            USAGE,
        )
    return await _by_number(house, written, number[1], user)


async def tasks_of(house: House, directive: Directive, user: str) -> list[Task]:
    """The tasks of a directive, in the order of their due dates."""
    ask = task_pb.ListTasksRequest(directive=directive.name)
    return await house.pages(TaskServiceStub, "ListTasks", ask, "tasks", user=user)


def _is_id(written: str) -> bool:
    try:
        return str(UUID(written)) == written.lower()
    except ValueError:
        return False


async def _get(house: House, name: str, user: str) -> Subject:
    found: Subject
    if name.startswith("tasks/"):
        ask = task_pb.GetTaskRequest(name=name)
        found = await house.call(TaskServiceStub, "GetTask", ask, user=user)
    else:
        asking = directive_pb.GetDirectiveRequest(name=name)
        found = await house.call(DirectiveServiceStub, "GetDirective", asking, user=user)
    return found


async def _by_id(house: House, written: str, user: str) -> Subject:
    try:
        return await _get(house, f"tasks/{written}", user)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
    return await _get(house, f"directives/{written}", user)


async def _by_number(house: House, written: str, number: str, user: str) -> list[Subject]:
    ask = directive_pb.ListDirectivesRequest(number=number)
    try:
        listed: list[Directive] = await house.pages(
            DirectiveServiceStub, "ListDirectives", ask, "directives", user=user
        )
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.PERMISSION_DENIED:
            raise
        return await _tasks_by_number(house, written, user)
    found: list[Subject] = [d for d in listed if _same(d.document_code, written)]
    if not found:
        raise _unknown(written)
    if len(found) > 1:
        raise _several(written, [d for d in listed if d in found])
    return found


async def _tasks_by_number(house: House, written: str, user: str) -> list[Subject]:
    every = task_pb.ListTasksRequest()
    listed: list[Task] = await house.pages(TaskServiceStub, "ListTasks", every, "tasks", user=user)
    found: list[Subject] = [t for t in listed if _same(t.directive.document_code, written)]
    if not found:
        raise _unknown(written)
    return found


def _same(code: str, written: str) -> bool:
    """Whether the code is meant, whatever its letters' case and marks; a number alone matches all."""
    plain, wanted = _folded(code), _folded(written)
    return plain == wanted or ("/" not in wanted and plain.partition("/")[0] == wanted)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in apart if letter.isalnum() or letter == "/")


def _unknown(written: str) -> CliError:
    return CliError(
        Words(
            f"Không có văn bản nào số {written} mà bạn được xem.",
            f"There is no document {written} that you may see.",
        )
    )


def _several(written: str, found: list[Directive]) -> CliError:
    lines = "\n".join(f"  {d.document_code} ({day(d, 'issue_date')}): {d.name}" for d in found)
    return CliError(
        Words(
            f"Có {len(found)} văn bản số {written}, hãy chọn một theo tên:\n{lines}",
            f"There are {len(found)} documents {written}; choose one by its name:\n{lines}",
        ),
        USAGE,
    )
