"""From forwarded directives to tasks, and from withdrawn ones to the end of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dondoc.directives.v1.directive_pb2 import (
    DIRECTIVE_STATE_FORWARDED,
    DIRECTIVE_STATE_SUPERSEDED,
    DIRECTIVE_STATE_WITHDRAWN,
    Directive,
)
from dondoc.directives.v1.events_pb2 import ClassifiedDirective

from services.kernel.limits.domain.profile import Act
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import messages, task_store
from services.tasks.application.limits import TaskClocks
from services.tasks.domain import acts
from services.tasks.domain.task import Task
from services.tasks.domain.values import Withdrawal

# From forwarding on a directive tells of its tasks.
_WITH_TASKS = (
    DIRECTIVE_STATE_FORWARDED,
    DIRECTIVE_STATE_WITHDRAWN,
    DIRECTIVE_STATE_SUPERSEDED,
)


async def take_over(
    work: UnitOfWork,
    directive: Directive | ClassifiedDirective,
    occurred: datetime,
    clocks: TaskClocks,
) -> None:
    """Creates the tasks of a forwarded directive that are not there yet; of one that was withdrawn
    meanwhile, they follow it.

    From then on content and dates belong to the tasks: no later event of the directive resets one, and
    no task comes back from a withdrawal, so that order and repetition of events do not matter.
    """
    if directive.state not in _WITH_TASKS or not any(item.tasks for item in directive.items):
        return
    forwarded_at = messages.forwarded_at(directive, occurred)
    tasks = list(messages.tasks_of(directive, forwarded_at))
    await _create(work, tasks, forwarded_at, clocks)
    withdrawal = messages.withdrawal_of(directive)
    if withdrawal:
        await _withdraw(work, tasks, withdrawal, clocks)


async def _create(
    work: UnitOfWork, tasks: Sequence[Task], forwarded_at: datetime, clocks: TaskClocks
) -> None:
    known = await task_store.known(work, [task.id for task in tasks])
    fresh = [task for task in tasks if task.id not in known]
    if not fresh:
        return
    profile = clocks.book.profiles.for_day(fresh[0].header.issue_date)
    received = [acts.received(task, profile) for task in fresh]
    for task in received:
        task_store.create(work, task)
        data = messages.event_data(task)
        event = "TaskLoaded" if task.cut_over else "TaskForwarded"
        work.record(event, task.name, task.version, data, occurred_at=forwarded_at)
    for task in received:
        if not task.awaits_history:
            await clocks.start_round(work, task)


async def _withdraw(
    work: UnitOfWork, tasks: Sequence[Task], withdrawal: Withdrawal, clocks: TaskClocks
) -> None:
    """In law it took place when the directive was withdrawn, whenever that arrived here."""
    for before in await task_store.lock(work, [task.id for task in tasks]):
        after = acts.withdrawn_with_directive(before, withdrawal)
        if after is before:
            continue
        with work.at(withdrawal.at):
            await task_store.save(work, before, after)
            data = messages.event_data(after)
            work.record("TaskWithdrawn", after.name, after.version, data)
            clocks.book.traces.queue(work, after.name)
            code, by = withdrawal.document.code, withdrawal.by
            await clocks.void_round(work, after, Act.TASK_WITHDRAWN, code, by)
