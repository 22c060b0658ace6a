"""The life of a task as its trace tells it: rounds, states and extensions, from what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.tasks.v1.task_pb2 import Task as TaskMessage
from dondoc.tasks.v1.task_pb2 import TaskState as StateInApi
from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.domain.trace import Life, Moment, SpanKind, Stage, stays
from services.kernel.runtime.access import Access
from services.kernel.runtime.history import history
from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import task_store
from services.tasks.domain.task import Task
from services.tasks.domain.values import TaskState

_OVER = (TaskState.CLOSED, TaskState.WITHDRAWN)


async def life_of(work: UnitOfWork, access: Access, name: str) -> Life | None:
    """None for what is no task, absent, or not for the caller to see."""
    collection, _, written = name.partition("/")
    if collection != "tasks":
        return None
    try:
        task = await task_store.load(work, access, UUID(written))
    except ValueError:
        return None
    if task is None:
        return None
    events = await history(work, task.name)
    changes = [(event.version, _at(event), _state(event)) for event in events]
    end = None
    if task.state in _OVER:
        # Whatever was recorded on a closed task since (an amendment), it was over then.
        end = stays(changes, None)[-1].start
    return Life(
        name=task.name,
        start=task.rounds[0].forwarded_at,
        end=end,
        attributes={
            "document": task.header.document_code,
            "issued": task.header.issue_date.isoformat(),
            "ordinal": task.ordinal,
            "agency": task.lead,
            "state": task.state.value,
        },
        moments=[Moment(_at(event), event.type) for event in events],
        stages=[*_rounds(task, end), *stays(changes, end), *_extensions(task, end)],
        linked=[task.header.directive],
        classified=task.classified,
    )


def _rounds(task: Task, end: datetime | None) -> Iterator[Stage]:
    for turn in task.rounds:
        name = f"round {turn.number}"
        attributes: dict[str, str] = {"agency": turn.lead}
        if turn.due_date:
            attributes["stated_due"] = turn.due_date.isoformat()
        if turn.returned_at:
            attributes["return_reason"] = turn.return_reason
        over = turn.returned_at or end
        yield Stage(SpanKind.ROUND, name, name, turn.forwarded_at, over, attributes)


def _extensions(task: Task, end: datetime | None) -> Iterator[Stage]:
    """One that was never answered lapsed with its round, at the latest with the task."""
    returned: dict[int, datetime | None] = {r.number: r.returned_at for r in task.rounds}
    for asked in task.extensions:
        name = f"extension {asked.number}"
        attributes: dict[str, str | int] = {
            "extension": asked.number,
            "state": asked.state.value,
            "stated_due": asked.previous_due_date.isoformat(),
            "requested_due": asked.requested_due_date.isoformat(),
            "document": asked.request_document.code,
        }
        if asked.submit_date:
            attributes["submitted"] = asked.submit_date.isoformat()
        if asked.granted_due_date:
            attributes["granted_due"] = asked.granted_due_date.isoformat()
        yield Stage(
            SpanKind.EXTENSION,
            name,
            name,
            asked.asked_at,
            asked.answered_at or asked.withdrawn_at or returned.get(asked.round) or end,
            attributes,
            subject=f"{task.name}/extensions/{asked.number}",
        )


def _at(event: Event) -> datetime:
    return from_timestamp(event.occur_time)


def _state(event: Event) -> str:
    for message in (TaskMessage(), ClassifiedTask()):
        if event.data.Unpack(message):
            return StateInApi.Name(message.state).removeprefix("TASK_STATE_")
    raise ValueError(f"{event.type} carries no task")
