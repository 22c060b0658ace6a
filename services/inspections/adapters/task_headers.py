"""Every SQL statement on the read copy of tasks."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.inspections.adapters.tables import task_header
from services.inspections.domain.inspection import Secrecy
from services.kernel.runtime.unit_of_work import UnitOfWork


async def keep(work: UnitOfWork, name: str, version: int, secrecy: Secrecy) -> None:
    """Takes a newer version over; an older one changes nothing."""
    row = insert(task_header).values(name=name, version=version, secrecy=secrecy)
    await work.execute(
        row.on_conflict_do_update(
            index_elements=["name"],
            set_={"version": row.excluded.version, "secrecy": row.excluded.secrecy},
            where=task_header.c.version < version,
        )
    )


async def secrecy_of(work: UnitOfWork, names: Collection[str]) -> dict[str, Secrecy]:
    """Of the tasks that are known."""
    query = select(task_header).where(task_header.c.name.in_(list(names)))
    return {row.name: Secrecy(row.secrecy) for row in await work.execute(query)}
