"""Every SQL statement on the copy of officers in charge, and on how reading them goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.directives.adapters.tables import officer_copy, officer_reading
from services.kernel.runtime.unit_of_work import UnitOfWork

LOCK: Final = 0x6F666963  # "offic"


async def try_lock(connection: AsyncConnection) -> bool:
    """Whether this session may read now; it holds the lock, in no transaction, until `unlock`."""
    got = await connection.scalar(select(func.pg_try_advisory_lock(LOCK)))
    await connection.commit()
    return bool(got)


async def unlock(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
    await connection.commit()


async def reading(work: UnitOfWork) -> Any | None:
    """The row of officer_reading; None before the first attempt."""
    return (await work.execute(select(officer_reading))).one_or_none()


async def save_reading(
    work: UnitOfWork,
    *,
    source: str,
    read_at: datetime | None,
    attempt_at: datetime,
    next_at: datetime,
    failed_attempts: int = 0,
    failure: str = "",
) -> None:
    row = {
        "id": 1,
        "source": source,
        "read_at": read_at,
        "attempt_at": attempt_at,
        "next_at": next_at,
        "failed_attempts": failed_attempts,
        "failure": failure,
    }
    statement = upsert(officer_reading).values(row)
    await work.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))


async def copies(work: UnitOfWork) -> dict[str, Any]:
    """Rows of officer_copy by agency."""
    return {row.agency: row for row in await work.execute(select(officer_copy))}


async def replace_copies(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> None:
    await work.execute(delete(officer_copy))
    if rows:
        await work.execute(insert(officer_copy), rows)
