"""Keeps the projection: from any order of events, also with doubles and gaps, the same rows."""

from __future__ import annotations

from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.type.v1.event_pb2 import Event

from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import projection_store as store
from services.reporting.adapters.event_messages import TaskMessage, clock_row, history_of
from services.reporting.domain.standing import intervals


async def keep_task(work: UnitOfWork, event: Event) -> None:
    """An event carries the task with all its acts: the newest one tells the whole past."""
    for message in (Task(), ClassifiedTask()):
        if event.data.Unpack(message):
            await _keep(work, event, message)


async def keep_clock(work: UnitOfWork, event: Event) -> None:
    """Of a clock every version is kept: a clock tells its present alone."""
    message = Clock()
    if event.data.Unpack(message):
        row = clock_row(message, event.version, from_timestamp(event.occur_time))
        await store.keep_clock_version(work, row)


async def _keep(work: UnitOfWork, event: Event, message: TaskMessage) -> None:
    generated = message.directive.generated
    if await store.take_task(work, message.name, event.version, generated):
        history = history_of(message, from_timestamp(event.occur_time))
        await store.replace_intervals(work, message.name, intervals(history))
