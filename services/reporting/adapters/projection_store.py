"""Every statement that writes the projection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.directory.tables import agency
from services.kernel.limits.domain.calendar import end_of, start_of
from services.kernel.runtime import db
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters.tables import clock_version, task, task_interval
from services.reporting.domain.standing import Interval


async def take_task(work: UnitOfWork, name: str, version: int, generated: bool) -> bool:
    """Takes the version over and locks the task; False when this one or a newer one is there."""
    row = insert(task).values(name=name, version=version, generated=generated)
    row = row.on_conflict_do_update(
        index_elements=["name"],
        set_={"version": row.excluded.version, "generated": row.excluded.generated},
        where=task.c.version < version,
    )
    return bool((await work.execute(row)).rowcount)  # type: ignore[attr-defined]


async def replace_intervals(work: UnitOfWork, name: str, found: tuple[Interval, ...]) -> None:
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
                "act_at": standing.done_on and start_of(standing.done_on),
                "confirmed": standing.confirmed,
                "returned": standing.returned,
                "stated_end": standing.stated_due and end_of(standing.stated_due),
            },
        )


async def keep_clock_version(work: UnitOfWork, row: dict[str, Any]) -> None:
    """Each version once, in any order: an overtaken one belongs to its own time."""
    await work.execute(insert(clock_version).values(row).on_conflict_do_nothing())


async def forget(connection: AsyncConnection, stream: str) -> None:
    """Deletes all that was made from the events of `stream`."""
    if stream == "tasks":
        await db.execute(connection, delete(task))
    if stream == "directives":
        await db.execute(connection, delete(agency))
    ours = clock_version.c.subject.startswith(f"{stream}/", autoescape=True)
    await db.execute(connection, delete(clock_version).where(ours))
