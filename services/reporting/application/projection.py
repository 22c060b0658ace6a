"""Keeps the projection: from any order of events, also with doubles and gaps, the same rows."""

from __future__ import annotations

from collections.abc import Collection

from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.type.v1.event_pb2 import Event

from services.kernel.runtime.protos import from_timestamp, without_content
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import projection_store as store
from services.reporting.adapters.event_messages import clock_row, history_of
from services.reporting.domain.standing import intervals


async def keep_task(work: UnitOfWork, event: Event, task_rules: Collection[str]) -> None:
    """An event carries the task with all its acts: the newest one tells the whole past."""
    task, message = Task(), ClassifiedTask()
    if event.data.Unpack(task):
        without_content(task, message)
    elif not event.data.Unpack(message):
        return
    await store.lock(work, message.name)
    told, at = message.SerializeToString(deterministic=True), from_timestamp(event.occur_time)
    if await store.keep_task(work, message.name, event.version, at, told):
        await _make_intervals(work, message.name, task_rules)


async def keep_clock(work: UnitOfWork, event: Event, task_rules: Collection[str]) -> None:
    """Of a clock every version is kept: a clock tells its present alone."""
    message = Clock()
    if not event.data.Unpack(message):
        return
    await store.lock(work, message.subject)
    row = clock_row(message, event.version, from_timestamp(event.occur_time))
    await store.keep_clock_version(work, row)
    if message.rule in task_rules:
        await _make_intervals(work, message.subject, task_rules)


async def _make_intervals(work: UnitOfWork, name: str, task_rules: Collection[str]) -> None:
    row = await store.get_task(work, name)
    if row is None:
        return
    message = ClassifiedTask.FromString(row.told)
    clocks = await store.due_clocks(work, name, task_rules)
    found = intervals(history_of(message, row.occurred_at, clocks))
    await store.replace_intervals(work, name, message.directive.generated, found)
