"""From forwarded directives to tasks."""

from __future__ import annotations

from datetime import datetime

from dondoc.directives.v1.directive_pb2 import DIRECTIVE_STATE_FORWARDED, Directive
from dondoc.directives.v1.events_pb2 import ClassifiedDirective

from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import messages, task_store
from services.tasks.application.limits import TaskClocks
from services.tasks.domain import acts


async def take_over(
    work: UnitOfWork,
    directive: Directive | ClassifiedDirective,
    occurred: datetime,
    clocks: TaskClocks,
) -> None:
    """Creates the tasks of a forwarded directive that are not there yet.

    From then on content and dates belong to the tasks: no later event of the directive resets one,
    so that order and repetition of events do not matter.
    """
    if directive.state != DIRECTIVE_STATE_FORWARDED:
        return
    forwarded_at = messages.forwarded_at(directive, occurred)
    tasks = list(messages.tasks_of(directive, forwarded_at))
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
