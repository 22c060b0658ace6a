"""Keeps the projection: from any order of events, also with doubles and gaps, the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.domain.profile import Duty, Profiles
from services.kernel.runtime.classified import is_classified
from services.kernel.runtime.protos import from_timestamp, optional_date, without_content
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import projection_store as store
from services.reporting.adapters.event_messages import clock_row, history_of
from services.reporting.domain.standing import intervals


@dataclass(frozen=True)
class Rules:
    """What regulations say of tasks that are counted."""

    profiles: Profiles

    @cached_property
    def of_due_dates(self) -> frozenset[str]:
        """Ids of the rules on a task's own due date, of all installed profiles."""
        found = (profile.limit_on(Duty.TASK) for profile in self.profiles.installed)
        return frozenset(rule.id for rule in found if rule)

    def returned_apart(self, task: ClassifiedTask) -> bool:
        """Whether the regulation that it pins does not count it as incomplete while it is returned.

        An older event names no profile: then it is the one of the day of issue. A task of a document
        that is older than every regulation stays open, and one whose profile is not installed here.
        """
        pinned = (task.profile, task.profile_version)
        day = optional_date(task.directive, "issue_date")
        if task.profile:
            found = [p for p in self.profiles.installed if (p.id, str(p.version)) == pinned]
        else:
            found = [p for p in self.profiles.installed if day and p.valid_on(day)]
        return any(not profile.practice.returned_counts_as_incomplete for profile in found)


async def keep_task(work: UnitOfWork, event: Event, rules: Rules) -> None:
    """An event carries the task with all its acts: the newest one tells the whole past."""
    task, message = Task(), ClassifiedTask()
    if event.data.Unpack(task):
        without_content(task, message)
    elif not event.data.Unpack(message):
        return
    await store.lock(work, message.name)
    told, at = message.SerializeToString(deterministic=True), from_timestamp(event.occur_time)
    if await store.keep_task(work, message.name, event.version, at, told):
        await _make_intervals(work, message.name, rules)


async def keep_clock(work: UnitOfWork, event: Event, rules: Rules) -> None:
    """Of a clock every version is kept: a clock tells its present alone."""
    message = Clock()
    if not event.data.Unpack(message):
        return
    await store.lock(work, message.subject)
    row = clock_row(message, event.version, from_timestamp(event.occur_time))
    await store.keep_clock_version(work, row)
    if message.rule in rules.of_due_dates:
        await _make_intervals(work, message.subject, rules)


async def _make_intervals(work: UnitOfWork, name: str, rules: Rules) -> None:
    row = await store.get_task(work, name)
    if row is None:
        return
    message = ClassifiedTask.FromString(row.told)
    clocks = await store.due_clocks(work, name, rules.of_due_dates)
    found = intervals(history_of(message, row.occurred_at, clocks))
    await store.replace_intervals(
        work,
        name,
        found,
        generated=message.directive.generated,
        classified=is_classified(message.directive.secrecy),
        returned_apart=rules.returned_apart(message),
    )
