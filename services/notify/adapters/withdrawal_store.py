"""Every SQL statement on what was taken back after it had been said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters.tables import delivery, digest_entry, notice, taken_back


async def lock(work: UnitOfWork, event: UUID) -> None:
    """Until the commit: who tells an event and who takes it back do not miss each other."""
    await work.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"notify:event:{event}", 0)))
    )


async def withdrawn_at(work: UnitOfWork, event: UUID) -> datetime | None:
    """Since when what the event said is untrue; None while it stands."""
    found = await work.execute(select(taken_back.c.withdrawn_at).where(taken_back.c.event == event))
    at: datetime | None = found.scalar()
    return at


async def keep(work: UnitOfWork, event: UUID, version: int, at: datetime | None) -> None:
    """Marks what the event told, and holds back what has not gone out; `at` None: it is true again. An
    older version changes nothing.

    An attempt that was claimed before is made; after it no other begins.
    """
    row = insert(taken_back).values(event=event, version=version, withdrawn_at=at)
    newer = row.on_conflict_do_update(
        index_elements=["event"],
        set_={"version": row.excluded.version, "withdrawn_at": row.excluded.withdrawn_at},
        where=taken_back.c.version < version,
    )
    if not (await work.execute(newer)).rowcount:  # type: ignore[attr-defined]
        return
    await work.execute(
        update(notice)
        .where(notice.c.event == event)
        .values(withdrawn_at=at, version=notice.c.version + 1)
    )
    told = select(notice.c.id).where(notice.c.event == event)
    await work.execute(
        update(delivery).where(delivery.c.notice_id.in_(told)).values(withdrawn=at is not None)
    )
    await work.execute(
        update(digest_entry).where(digest_entry.c.event == event).values(withdrawn_at=at)
    )
