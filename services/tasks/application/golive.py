"""Go-live: the acts so far of a task that was given before the software was there.

Each act goes through the handler and the rules of its method, on its own day. Clocks start, stop and
move as they would have then; what is said of them goes by the cut-over and the present.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import grpc
from dondoc.tasks.v1 import golive_service_pb2 as pb
from dondoc.type.v1.document_pb2 import Secrecy
from google.protobuf.message import Message

from services.kernel.limits.domain.calendar import local_date, start_of
from services.kernel.runtime import classified, validation
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import DondocError, FieldViolation, invalid, precondition
from services.kernel.runtime.protos import from_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import messages, task_store
from services.tasks.adapters.task_store import View
from services.tasks.application import (
    agency_acts,
    amendment_acts,
    extension_acts,
    office_acts,
)
from services.tasks.application.desk import Act, Desk, load, rules
from services.tasks.domain.refusals import WrongState
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import allowed

# Fields of PastAct, and who does them.
ACTS: Mapping[str, Act] = {
    "accept": agency_acts.accept,
    "return_to_office": agency_acts.return_to_office,
    "reforward": office_acts.reforward,
    "amend_due_date": amendment_acts.amend_due_date,
    "progress": agency_acts.record_progress,
    "result": agency_acts.report_result,
    "result_on_behalf": office_acts.enter_on_behalf,
    "confirm": office_acts.confirm,
    "send_back": office_acts.send_back,
    "request_extension": extension_acts.request_extension,
    "admit_extension": extension_acts.admit_extension,
    "submit_extension": extension_acts.submit_extension,
    "answer_extension": extension_acts.answer_extension,
    "withdraw_extension": extension_acts.withdraw_extension,
}
_ASKS = ("request_extension", "admit_extension")
# Of the request before them.
_ON_REQUEST = ("submit_extension", "answer_extension", "withdraw_extension")
# Acts are known by their day; those of one day keep their order.
_BETWEEN = timedelta(seconds=1)


class PastDesk(Desk):
    """The desk of acts that took place before: their events tell nobody anything."""

    def _by_lead(self, access: Access, task: Task) -> bool:
        return True  # who loads the act is not the one who did it

    async def keep(
        self,
        work: UnitOfWork,
        before: Task,
        after: Task,
        event: str,
        request: Message,
        *,
        on_behalf_of: str = "",
    ) -> None:
        await super().keep(
            work, before, after, "TaskHistoryLoaded", request, on_behalf_of=on_behalf_of
        )


async def load_history(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.LoadTaskRequest
) -> View:
    """All acts or none; the same ones again change nothing."""
    task = await load(work, access, request.name)
    access.require(await work.parties(task.name))
    classified.refuse_content(request, Secrecy.Value(f"SECRECY_{task.header.secrecy}"))
    if task.cut_over is None:
        raise precondition(
            "NOT_LOADED_AT_GO_LIVE",
            "Nhiệm vụ này không được chuyển từ hệ thống cũ; hãy cập nhật như thường lệ.",
            "this task was not brought in at go-live; its acts are entered as usual",
        )
    history = _digest(request)
    if task.history:
        _refuse_another(task, history)
        return await desk.view(work, task)
    if task.withdrawal:
        with rules():
            raise WrongState(task.state, "LoadTask", allowed(task.state))
    past = PastDesk(desk.clocks.book)
    loaded = replace(task.next(), history=history)
    begun = task.round.forwarded_at
    with work.at(begun):
        await task_store.save(work, task, loaded)
        data = messages.event_data(loaded)
        work.record("TaskHistoryLoaded", loaded.name, loaded.version, data)
        work.audit("LoadTask", loaded.name, {"acts": history})
        await past.clocks.start_round(work, loaded)
    asked, before = 0, local_date(begun)
    for index, act in enumerate(request.acts):
        path = f"acts[{index}]"
        day = from_date(act.date, f"{path}.date")
        _refuse_day(day, before, task.cut_over, work, f"{path}.date")
        kind = act.WhichOneof("act")
        assert kind is not None  # held by the .proto
        asked += kind in _ASKS
        said = _addressed(getattr(act, kind), request, asked, kind)
        at = min(start_of(day) + (index + 1) * _BETWEEN, work.clock_now)
        with work.at(at), _named(f"{path}.{kind}"):
            validation.check(said)
            await ACTS[kind](past, work, access, said)
        before = day
    return await desk.view(work, await task_store.get(work, task.id))


def _addressed(act: Any, request: pb.LoadTaskRequest, asked: int, kind: str) -> Any:
    """The act as a request of its own."""
    said = type(act)()
    said.CopyFrom(act)
    said.request_id, said.etag = request.request_id, ""
    said.name = request.name
    if kind in _ON_REQUEST:
        said.name = f"{request.name}/extensions/{max(asked, 1)}"
    return said


def _digest(request: pb.LoadTaskRequest) -> str:
    """Of the acts alone: who brings them, and under which id, does not matter."""
    acts = pb.LoadTaskRequest(acts=request.acts).SerializeToString(deterministic=True)
    return hashlib.sha256(b"history" + acts).hexdigest()


def _refuse_another(task: Task, history: str) -> None:
    if task.history != history:
        raise DondocError(
            grpc.StatusCode.ALREADY_EXISTS,
            "ALREADY_EXISTS",
            "Quá trình thực hiện của nhiệm vụ này đã được nạp và khác với lần này.",
            "another history of this task is loaded already",
            metadata={"name": task.name, "fields": "acts"},
        )


def _refuse_day(day: date, before: date, cut_over: datetime, work: UnitOfWork, path: str) -> None:
    today, first = local_date(work.clock_now), local_date(cut_over)
    if not before <= day <= today or day >= first:
        raise invalid(
            FieldViolation(
                path,
                f"phải theo thứ tự, từ {before:%d/%m/%Y} đến trước ngày bắt đầu sử dụng "
                f"({first:%d/%m/%Y}) và không sau hôm nay ({today:%d/%m/%Y})",
                f"must follow in order, from {before} to the day before the cut-over ({first}), not after "
                f"today ({today})",
                "DATE_OUT_OF_RANGE",
            )
        )


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Tells which act is refused: its path stands before that of the field."""
    try:
        yield
    except DondocError as error:
        fields = error.fields or (FieldViolation("", error.vi, error.en, error.reason),)
        raise invalid(
            *(
                replace(field, field=f"{path}.{field.field}" if field.field else path)
                for field in fields
            ),
            reason=error.reason,
        ) from None
