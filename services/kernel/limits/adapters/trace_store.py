"""The outbox of legal traces: a row for each occasion, written with what gave it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.limits.adapters.tables import trace_outbox
from services.kernel.runtime.unit_of_work import UnitOfWork

_o = trace_outbox.c


def queue(work: UnitOfWork, name: str) -> None:
    """The trace of `name` is to be sent once this work is committed."""
    now = datetime.now(UTC)
    work.insert(trace_outbox, {"subject": name, "queued_at": now, "not_before": now})


async def claim(connection: AsyncConnection, limit: int, lease: timedelta) -> dict[str, list[int]]:
    """Subject → positions, for whoever calls first; after the lease for anybody again.

    Leases are on real time, as back-off is: the legal clock may stand still.
    """
    now = datetime.now(UTC)
    waiting = (
        select(_o.position)
        .where(_o.not_before <= now)
        .order_by(_o.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await connection.execute(
        update(trace_outbox)
        .where(_o.position.in_(waiting))
        .values(not_before=now + lease)
        .returning(_o.position, _o.subject)
    )
    found: dict[str, list[int]] = {}
    for row in sorted(rows):
        found.setdefault(row.subject, []).append(row.position)
    return found


async def forget(connection: AsyncConnection, positions: Collection[int]) -> None:
    await connection.execute(delete(trace_outbox).where(_o.position.in_(list(positions))))


async def put_off(connection: AsyncConnection, positions: Collection[int], by: timedelta) -> None:
    values: dict[str, Any] = {"not_before": datetime.now(UTC) + by}
    await connection.execute(
        update(trace_outbox).where(_o.position.in_(list(positions))).values(values)
    )
