"""Every SQL statement on the next periods of tasks without limit."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters.tables import period_start


async def plan(work: UnitOfWork, task_id: UUID, next_on: date) -> None:
    statement = insert(period_start).values(task_id=task_id, next_on=next_on)
    await work.execute(
        statement.on_conflict_do_update(
            index_elements=["task_id"], set_={"next_on": statement.excluded.next_on}
        )
    )


async def take(work: UnitOfWork, task_id: UUID) -> date | None:
    """The planned day of one task, taken out: a timer that holds it is waited for."""
    query = (
        delete(period_start)
        .where(period_start.c.task_id == task_id)
        .returning(period_start.c.next_on)
    )
    return (await work.execute(query)).scalar()


async def due(work: UnitOfWork, today: date, limit: int) -> list[UUID]:
    """Tasks whose next period has begun, locked; those that others hold are left to them."""
    query = (
        select(period_start.c.task_id)
        .where(period_start.c.next_on <= today)
        .order_by(period_start.c.next_on, period_start.c.task_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [row.task_id for row in await work.execute(query)]


async def next_on(connection: Any) -> date | None:
    found: date | None = await connection.scalar(select(func.min(period_start.c.next_on)))
    return found


async def count_due(connection: Any, today: date) -> int:
    query = select(func.count()).where(period_start.c.next_on <= today)
    return int(await connection.scalar(query) or 0)
