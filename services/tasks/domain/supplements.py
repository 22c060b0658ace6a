"""What the document of a task lacked, filled in by its directive later (Điều 5). It changes no state.

What the task has stays: content and date may have been adjusted since (điểm a khoản 2 Điều 6), and the
same news may come twice.
"""

from __future__ import annotations

from dataclasses import replace

from services.kernel.limits.domain.profile import Profile
from services.tasks.domain.acts import with_due_clock
from services.tasks.domain.amendments import Amended, amend
from services.tasks.domain.guards import Facts
from services.tasks.domain.task import Task
from services.tasks.domain.transitions import BY_ACTION, Action
from services.tasks.domain.values import UNSPECIFIED, DocumentRef, Limit, LimitClass, TaskState

PROVINCE = "PROVINCE"


def supplemented(task: Task, said: Task, profile: Profile | None) -> Task:
    """`said`: the task as its directive tells it now. The same task where that fills nothing."""
    if task.state is TaskState.WITHDRAWN:
        return task
    content = task.content or said.content
    after = replace(
        task,
        header=replace(task.header, abstract=task.header.abstract or said.header.abstract),
        content=content,
        monitoring=task.monitoring or said.monitoring,
        submitting=task.submitting or said.submitting,
        coordinating=_coordinating(task, said),
        limit=_limit(task, said),
        rounds=task.with_round(content=task.round.content or content),
    )
    if after.limit.due_date != task.limit.due_date:
        after = replace(after, rounds=after.with_round(due_date=after.limit.due_date))
        after = with_due_clock(after, profile)
    return task if after == task else replace(after, version=task.version + 1)


def dated(task: Task, said: Task, facts: Facts, document: DocumentRef, by: str) -> Task:
    """The first due date of a task that runs; the same task where it takes none from its directive: of
    a returned one the Office states it when it forwards it again.

    `document`: the directive, which states the date.
    """
    runs = task.state in BY_ACTION[Action.AMEND_DUE_DATE].sources and not task.awaits_history
    if not runs or not _lacks_date(task) or said.limit.due_date is None:
        return task
    origin = task.origin if task.origin != UNSPECIFIED else PROVINCE
    return amend(task, facts, Amended(document, said.limit.due_date, origin), by)


def _coordinating(task: Task, said: Task) -> tuple[str, ...]:
    """Who led it once is concerned since, and does not come back as a coordinator."""
    led = {found.lead for found in task.rounds}
    new = [agency for agency in said.coordinating if agency not in {*task.coordinating, *led}]
    return (*task.coordinating, *new)


def _limit(task: Task, said: Task) -> Limit:
    limit = task.limit
    if limit.limit_class is not LimitClass.WITH_LIMIT:
        return limit
    if limit.purpose == UNSPECIFIED:
        limit = replace(limit, purpose=said.limit.purpose)
    # Its clocks and acts are still to be loaded: the date is there from the start.
    if task.awaits_history and _lacks_date(task):
        limit = replace(limit, due_date=said.limit.due_date)
    return limit


def _lacks_date(task: Task) -> bool:
    return task.limit.limit_class is LimitClass.WITH_LIMIT and task.limit.due_date is None
