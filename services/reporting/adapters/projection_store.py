"""Every statement that writes the projection."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.directory.tables import agency
from services.kernel.runtime import db
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters.tables import clock_version, task, task_interval
from services.reporting.domain.standing import DueClock, Interval


async def lock(work: UnitOfWork, subject: str) -> None:
    """Until the end of the transaction: a task and its clock may arrive at two replicas at once."""
    await work.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))


async def keep_task(
    work: UnitOfWork, name: str, version: int, occurred_at: datetime, told: bytes
) -> bool:
    """False when this version or a newer one is there already."""
    row = insert(task).values(name=name, version=version, occurred_at=occurred_at, told=told)
    row = row.on_conflict_do_update(
        index_elements=["name"],
        set_={name: row.excluded[name] for name in ("version", "occurred_at", "told")},
        where=task.c.version < version,
    )
    return bool((await work.execute(row)).rowcount)  # type: ignore[attr-defined]


async def get_task(work: UnitOfWork, name: str) -> Any | None:
    """Its row; None when no event of it has come yet."""
    return (await work.execute(select(task).where(task.c.name == name))).one_or_none()


async def keep_clock_version(work: UnitOfWork, row: dict[str, Any]) -> None:
    """Each version once, in any order: an overtaken one belongs to its own time."""
    await work.execute(insert(clock_version).values(row).on_conflict_do_nothing())


async def due_clocks(
    work: UnitOfWork, name: str, task_rules: Collection[str]
) -> tuple[DueClock, ...]:
    """All versions of the clocks of a task's own due date."""
    found = clock_version.c
    query = select(
        found.clock, found.version, found.occurred_at, found.started_at, found.due_at, found.voided
    ).where(found.subject == name, found.rule.in_(task_rules))
    return tuple(DueClock(**row._mapping) for row in await work.execute(query))


async def replace_intervals(
    work: UnitOfWork,
    name: str,
    found: Iterable[Interval],
    *,
    generated: bool,
    classified: bool,
    returned_apart: bool,
) -> None:
    """`returned_apart`: while it is with the Office after a return, it does not count as incomplete."""
    await work.execute(delete(task_interval).where(task_interval.c.task == name))
    for interval in found:
        standing = interval.standing
        work.insert(
            task_interval,
            {
                "task": name,
                "begin_at": interval.begin,
                "end_at": interval.end,
                "agency": standing.agency,
                "forwarded_at": standing.forwarded_at,
                "progress": standing.progress,
                "act_at": standing.act_at,
                "confirmed": standing.confirmed,
                "returned": standing.returned,
                "due_at": standing.due_at,
                "apart": standing.returned and returned_apart,
                "generated": generated,
                "classified": classified,
            },
        )


async def forget(connection: AsyncConnection, stream: str) -> None:
    """Deletes all that was made from the events of `stream`."""
    if stream == "tasks":
        await db.execute(connection, delete(task))
    if stream == "directives":
        await db.execute(connection, delete(agency))
    subjects = "reports" if stream == "reporting" else stream
    ours = clock_version.c.subject.startswith(f"{subjects}/", autoescape=True)
    await db.execute(connection, delete(clock_version).where(ours))
