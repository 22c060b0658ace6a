"""From forwarded directives to tasks, from supplemented ones to what theirs lacked, and from withdrawn
ones to the end of theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

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
from services.tasks.application import amendment_acts
from services.tasks.application.limits import TaskClocks
from services.tasks.domain import acts, supplements
from services.tasks.domain.guards import Facts
from services.tasks.domain.task import Task
from services.tasks.domain.values import DocumentRef, Withdrawal

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
    by: str,
    clocks: TaskClocks,
) -> None:
    """Creates the tasks of a forwarded directive that are not there yet; those that are take over what
    they lack; of one that was withdrawn meanwhile, they follow it. `by` acted on the directive.

    From then on content and dates belong to the tasks: no later event of the directive resets one, and
    no task comes back from a withdrawal, so that order and repetition of events do not matter.
    """
    if directive.state not in _WITH_TASKS or not any(item.tasks for item in directive.items):
        return
    forwarded_at = messages.forwarded_at(directive, occurred)
    tasks = list(messages.tasks_of(directive, forwarded_at))
    known = await task_store.lock(work, [task.id for task in tasks])
    await _create(work, tasks, {task.id for task in known}, forwarded_at, clocks)
    document = messages.document_of_directive(directive)
    said = {task.id: task for task in tasks}
    with work.at(occurred):
        for task in known:
            await _supplement(work, task, said[task.id], document, by, clocks)
    withdrawal = messages.withdrawal_of(directive)
    if withdrawal:
        await _withdraw(work, tasks, withdrawal, clocks)


async def _create(
    work: UnitOfWork,
    tasks: Sequence[Task],
    known: Collection[UUID],
    forwarded_at: datetime,
    clocks: TaskClocks,
) -> None:
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


async def _supplement(
    work: UnitOfWork,
    before: Task,
    said: Task,
    document: DocumentRef,
    by: str,
    clocks: TaskClocks,
) -> None:
    """Two facts: what the task shows of its document, and the date by which it is due."""
    profile = clocks.profile_of(before)
    filled = supplements.supplemented(before, said, profile)
    if filled is not before:
        await task_store.save(work, before, filled)
        work.record("TaskSupplemented", filled.name, filled.version, messages.event_data(filled))
    facts = Facts(work.now, profile, await clocks.book.calendars.read(work))
    after = supplements.dated(filled, said, facts, document, by)
    if after is filled:
        return
    await task_store.save(work, filled, after)
    work.record("DueDateAmended", after.name, after.version, messages.event_data(after))
    if profile:
        await amendment_acts.follow(clocks, work, after, profile, after.amendments[-1])


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
