"""Every SQL statement on tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, case, func, literal, null, select, text, tuple_, update

from services.kernel.limits.adapters.tables import clock
from services.kernel.runtime.access import Access, Part, seen
from services.kernel.runtime.errors import stale
from services.kernel.runtime.tables import party
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import rows
from services.tasks.adapters.tables import amendment, extension, progress_entry, result, round, task
from services.tasks.domain.task import Task
from services.tasks.domain.values import Progress, Timeliness

CHILDREN: tuple[Table, ...] = (round, progress_entry, result, amendment, extension)
NAME = literal("tasks/") + func.cast(task.c.id, type_=task.c.lead.type)
# 00:00 of a day in the time of the law.
_MIDNIGHT = "{} AT TIME ZONE 'Asia/Ho_Chi_Minh'"


@dataclass(frozen=True, slots=True)
class View:
    """A task with the first late instant of its clock, None without one."""

    task: Task
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list; empty ones keep everything."""

    lead: str = ""
    state: str = ""
    due_from: date | None = None
    due_to: date | None = None
    directive: str = ""
    progress: str = ""
    timeliness: str = ""


async def load(work: UnitOfWork, access: Access, task_id: UUID) -> Task | None:
    """None for what is absent and for what the caller may not see."""
    found = await _read(work, select(task).where(task.c.id == task_id, seen(access, NAME)))
    return found[0] if found else None


async def get(work: UnitOfWork, task_id: UUID) -> Task:
    """For timers, which act for nobody."""
    return (await _read(work, select(task).where(task.c.id == task_id)))[0]


async def lock(work: UnitOfWork, task_ids: Collection[UUID]) -> list[Task]:
    """For what happens to several at once: whoever acts on one of them meanwhile meets a new version."""
    query = select(task).where(task.c.id.in_(list(task_ids))).order_by(task.c.id)
    return await _read(work, query.with_for_update())


async def due_at(work: UnitOfWork, found: Task) -> datetime | None:
    if found.due_clock is None:
        return None
    query = select(clock.c.due_at).where(clock.c.id == found.due_clock)
    return (await work.execute(query)).scalar()


def create(work: UnitOfWork, new: Task) -> None:
    """Queues the rows of a new task with its parties."""
    work.insert(task, rows.task_row(new))
    for table, children in rows.child_rows(new).items():
        for row in children:
            work.insert(table, row)
    for agency, part in sorted(set(parties_of(new))):
        work.insert(party, {"subject": new.name, "agency": agency, "part": part})


async def save(work: UnitOfWork, before: Task, after: Task) -> None:
    """Writes the next version; ABORTED when another transaction wrote one meanwhile."""
    row = rows.task_row(after)
    statement = update(task).where(task.c.id == before.id, task.c.version == before.version)
    if not (await work.execute(statement.values(row))).rowcount:  # type: ignore[attr-defined]
        raise stale(before.name)
    kept = rows.child_rows(before)
    for table, children in rows.child_rows(after).items():
        for old, new in zip(kept[table], children, strict=False):
            if old != new:
                key = (table.c.task_id == before.id) & (table.c.number == new["number"])
                await work.execute(update(table).where(key).values(new))
        for new in children[len(kept[table]) :]:
            work.insert(table, new)
    if set(parties_of(before)) != set(parties_of(after)):
        await work.set_parties(after.name, parties_of(after))


def parties_of(found: Task) -> list[tuple[str, Part]]:
    parts = [
        (found.lead, Part.LEAD),
        (found.monitoring, Part.MONITORING),
        (found.submitting, Part.SUBMITTING),
        *((agency, Part.COORDINATING) for agency in found.coordinating),
        *((agency, Part.CONCERNED) for agency in found.concerned),
    ]
    return [(agency, part) for agency, part in parts if agency]


async def list_seen(
    work: UnitOfWork,
    access: Access,
    filters: Filters,
    *,
    after: tuple[date | None, UUID] | None,
    limit: int,
) -> list[View]:
    """In the order of due dates, those without one last, then of ids."""
    query = (
        select(task, clock.c.due_at)
        .outerjoin(clock, clock.c.id == task.c.due_clock)
        .where(seen(access, NAME), *_clauses(filters, work.now))
        .order_by(task.c.due_date, task.c.id)
        .limit(limit)
    )
    if after:
        query = query.where(_after(*after))
    found = list(await work.execute(query))
    tasks = await _with_children(work, found)
    return [View(one, row.due_at) for one, row in zip(tasks, found, strict=True)]


def _after(due_date: date | None, task_id: UUID) -> ColumnElement[bool]:
    if due_date is None:
        return task.c.due_date.is_(None) & (task.c.id > task_id)
    later = tuple_(task.c.due_date, task.c.id) > tuple_(literal(due_date), literal(task_id))
    return later | task.c.due_date.is_(None)


def _clauses(filters: Filters, now: datetime) -> Iterable[ColumnElement[bool]]:
    for column, value in (
        (task.c.lead, filters.lead),
        (task.c.state, filters.state),
        (task.c.directive, filters.directive),
    ):
        if value:
            yield column == value
    if filters.due_from:
        yield task.c.due_date >= filters.due_from
    if filters.due_to:
        yield task.c.due_date <= filters.due_to
    if filters.progress:
        yield _progress() == filters.progress
    if filters.timeliness:
        yield _timeliness(now) == filters.timeliness


def _progress() -> ColumnElement[str]:
    """Task.progress in SQL."""
    return case(
        (task.c.done_date.is_not(None), literal(Progress.DONE.value)),
        (task.c.started_at.is_not(None), literal(Progress.IN_PROGRESS.value)),
        else_=literal(Progress.NOT_STARTED.value),
    )


def _timeliness(now: datetime) -> ColumnElement[str | None]:
    """Task.timeliness in SQL."""
    act = func.coalesce(text(_MIDNIGHT.format("task.done_date::timestamp")), literal(now))
    stated_end = text(_MIDNIGHT.format("(task.due_date + 1)::timestamp"))
    return case(
        (task.c.withdrawn_at.is_not(None), null()),
        (task.c.due_date.is_(None), literal(Timeliness.NO_LIMIT.value)),
        (act >= func.coalesce(clock.c.due_at, stated_end), literal(Timeliness.OVERDUE.value)),
        else_=literal(Timeliness.WITHIN_LIMIT.value),
    )


async def _read(work: UnitOfWork, query: Any) -> list[Task]:
    return await _with_children(work, list(await work.execute(query)))


async def _with_children(work: UnitOfWork, found: Sequence[Any]) -> list[Task]:
    if not found:
        return []
    ids = [row.id for row in found]
    children: dict[UUID, dict[Table, list[Any]]] = {task_id: {} for task_id in ids}
    for table in CHILDREN:
        query = select(table).where(table.c.task_id.in_(ids))
        for row in await work.execute(query.order_by(table.c.task_id, table.c.number)):
            children[row.task_id].setdefault(table, []).append(row)
    return [rows.task_of(row, children[row.id]) for row in found]
