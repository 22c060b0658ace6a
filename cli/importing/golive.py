"""Open tasks with their history from a file, loaded over gRPC when a province goes live."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

import grpc
from dondoc.directives.v1 import directive_service_pb2, golive_service_pb2
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directives.v1.golive_service_pb2_grpc import GoLiveServiceStub as LoadDirectiveStub
from dondoc.tasks.v1 import golive_service_pb2 as tasks_pb
from dondoc.tasks.v1 import task_service_pb2
from dondoc.tasks.v1.golive_service_pb2_grpc import GoLiveServiceStub as LoadTaskStub
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from cli.client import House
from cli.errors import refusal
from cli.importing.document import Refused
from cli.importing.report import Kind, Outcome, Report, Row, request_id
from cli.importing.written import day, text
from cli.language import Words
from services.kernel.runtime.protos import to_date

# The service says no to this row; anything else (no connection, no right) ends the import.
_REFUSALS: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.FAILED_PRECONDITION,
    }
)
_WITH_DIRECTIVE: Final = Words("văn bản không được nhập", "its directive was not loaded")
_KEYS: Final = {"id", "directive", "forwarded_on", "histories"}
_DATE: Final = "google.type.Date"

# (ordinal, lead) → the acts so far, as the file has them.
Histories = Mapping[tuple[int, str], Sequence[Any]]


M = TypeVar("M", bound=Message)


def message_of(kind: type[M], written: Any, where: str) -> M:
    """The message in proto JSON, with days as "2024-03-06". Raises Refused, naming `where`."""
    made = kind()
    try:
        ParseDict(_with_days(written, made.DESCRIPTOR), made)
    except (ParseError, ValueError, TypeError, AttributeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refused(
            Words(f"{where}: không đúng định dạng: {said}", f"{where}: not in the format: {said}")
        ) from None
    return made


def _with_days(written: Any, kind: Any) -> Any:
    """Days are written as people write them; proto JSON wants year, month and day apart."""
    if kind.full_name == _DATE and isinstance(written, str):
        found = date.fromisoformat(written)
        return {"year": found.year, "month": found.month, "day": found.day}
    if not isinstance(written, dict):
        return written
    fields = {f.name: f for f in kind.fields} | {f.json_name: f for f in kind.fields}
    made = {}
    for name, value in written.items():
        below = fields[name].message_type if name in fields else None
        if below is None:
            made[name] = value
        elif isinstance(value, list):
            made[name] = [_with_days(one, below) for one in value]
        else:
            made[name] = _with_days(value, below)
    return made


class GoLive:
    """Loads rows one by one; `begin` first, so that what is there already is known as such."""

    def __init__(self, house: House, cut_over: date, user: str) -> None:
        self._house, self._cut_over, self._user = house, cut_over, user
        self._there: set[str] = set()

    async def begin(self) -> None:
        found = await self._house.pages(
            DirectiveServiceStub,
            "ListDirectives",
            directive_service_pb2.ListDirectivesRequest(),
            "directives",
        )
        self._there = {directive.name for directive in found}

    async def load(self, entry: Mapping[str, Any], number: int) -> list[Row]:
        """One directive with its tasks: its row, then one for each task."""
        row_id = text(entry, "id") or str(number)
        try:
            request, histories = self._read(entry)
        except Refused as refused:
            return [Row(Kind.DIRECTIVE, row_id, "", Outcome.REFUSED, refused.reasons)]
        label = f"{request.directive.number}/{request.directive.symbol}"
        request.request_id = request_id(request)
        try:
            loaded = await self._house.call(
                LoadDirectiveStub, "LoadDirective", request, user=self._user
            )
        except grpc.aio.AioRpcError as error:
            head = Row(Kind.DIRECTIVE, row_id, label, Outcome.REFUSED, _reasons(error))
            return [head, *_all_refused(row_id, request.directive)]
        there = loaded.name in self._there
        self._there.add(loaded.name)
        outcome = Outcome.ALREADY_THERE if there else Outcome.ENTERED
        rows = [
            Row(Kind.DIRECTIVE, row_id, loaded.document_code, outcome, (), (), loaded.name),
        ]
        after = self._house.positions["directives"]
        for item in loaded.items:
            for lead, name in zip(item.lead_agencies, item.tasks, strict=True):
                acts = histories.get((item.ordinal, lead), ())
                rows.append(
                    await self._load_task(
                        f"{row_id}/{item.ordinal}", lead, name, acts, after, there=there
                    )
                )
        return rows

    def _read(
        self, entry: Mapping[str, Any]
    ) -> tuple[golive_service_pb2.LoadDirectiveRequest, Histories]:
        """Raises Refused naming what is wrong."""
        unknown = sorted(set(entry) - _KEYS)
        if unknown:
            listed = ", ".join(unknown)
            raise Refused(Words(f"không hiểu: {listed}", f"not understood: {listed}"))
        forwarded = day(text(entry, "forwarded_on"))
        if forwarded is None:
            raise Refused(
                Words(
                    "thiếu ngày chuyển (forwarded_on)",
                    "missing: the day of forwarding (forwarded_on)",
                )
            )
        directive = message_of(Directive, entry.get("directive") or {}, "directive")
        histories: dict[tuple[int, str], Sequence[Any]] = {}
        given = {
            (number, lead)
            for number, item in enumerate(directive.items, 1)
            for lead in item.lead_agencies
        }
        for index, history in enumerate(entry.get("histories") or ()):
            if not isinstance(history, dict):
                raise Refused(Words(f"histories[{index}]: cần một đối tượng",
                                    f"histories[{index}]: an object is needed"))  # fmt: skip
            key = (history.get("ordinal"), history.get("lead"))
            if key not in given or key in histories:
                raise Refused(
                    Words(
                        f"histories[{index}]: không có nhiệm vụ {key[0]} của {key[1]}, hoặc nêu hai lần",
                        f"histories[{index}]: there is no task {key[0]} of {key[1]}, or it is told twice",
                    )
                )
            histories[key] = history.get("acts") or ()
        request = golive_service_pb2.LoadDirectiveRequest(
            directive=directive,
            forward_date=to_date(forwarded),
            cut_over_date=to_date(self._cut_over),
        )
        return request, histories

    async def _load_task(
        self, row_id: str, lead: str, name: str, acts: Sequence[Any], after: str, *, there: bool
    ) -> Row:
        label = lead.removeprefix("agencies/")
        try:
            request = tasks_pb.LoadTaskRequest(
                name=name,
                acts=[
                    message_of(tasks_pb.PastAct, act, f"acts[{index}]")
                    for index, act in enumerate(acts)
                ],
            )
            request.request_id = request_id(request)
            known = there and await self._has_history(name, after)
            await self._house.call(LoadTaskStub, "LoadTask", request, user=self._user, after=after)
        except Refused as refused:
            return Row(Kind.ITEM, row_id, label, Outcome.REFUSED, refused.reasons, (), name)
        except grpc.aio.AioRpcError as error:
            return Row(Kind.ITEM, row_id, label, Outcome.REFUSED, _reasons(error), (), name)
        outcome = Outcome.ALREADY_THERE if known else Outcome.ENTERED
        return Row(Kind.ITEM, row_id, label, outcome, (), (), name)

    async def _has_history(self, name: str, after: str) -> bool:
        """Its loading is the first thing that happens to a task."""
        request = task_service_pb2.GetTaskRequest(name=name)
        task = await self._house.call(TaskServiceStub, "GetTask", request, after=after)
        return bool(task.etag != "1")


def _reasons(error: grpc.aio.AioRpcError) -> tuple[Words, ...]:
    """Raises what is no refusal of the row."""
    if error.code() not in _REFUSALS:
        raise error
    return tuple(refusal(error)[1:] or refusal(error))


def _all_refused(row_id: str, directive: Directive) -> list[Row]:
    return [
        Row(
            Kind.ITEM, f"{row_id}/{number}", lead.removeprefix("agencies/"), Outcome.REFUSED,
            (_WITH_DIRECTIVE,),
        )
        for number, item in enumerate(directive.items, 1)
        for lead in item.lead_agencies
    ]  # fmt: skip


async def import_open_tasks(
    house: House,
    entries: Sequence[Mapping[str, Any]],
    cut_over: date,
    *,
    user: str,
    on_row: Callable[[], None] = lambda: None,
) -> Report:
    """Loads all rows, in the order of the file. Raises CliError and AioRpcError."""
    importing = GoLive(house, cut_over, user)
    await importing.begin()
    report = Report()
    for number, entry in enumerate(entries, 1):
        report.rows += await importing.load(entry, number)
        on_row()
    return report
