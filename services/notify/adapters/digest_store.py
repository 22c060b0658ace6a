"""Every SQL statement on digests and their entries. `send_at` and `told_at` are legal times."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters.tables import digest, digest_entry, notice
from services.notify.domain.digest import Batch, Entry
from services.notify.domain.notice import NoticeKind

_WAITING = digest.c.told_at.is_(None)


async def told_already(work: UnitOfWork, event: UUID) -> set[str]:
    """Agencies that this event was told to before, in a digest or by itself (after a replay)."""
    query = union(
        select(digest_entry.c.agency).where(digest_entry.c.event == event),
        select(notice.c.agency).where(notice.c.event == event),
    )
    return {row.agency for row in await work.execute(query)}


async def waiting_for(
    work: UnitOfWork, agency: str, batch: Batch, new_id: UUID, send_at: datetime, trace: str
) -> UUID:
    """The digest of this batch that is still to be told to the agency; begun if there is none.

    Held against its telling until the commit, so that an entry is in it before it is told.
    """
    same = (
        digest.c.agency == agency,
        digest.c.kind == batch.kind,
        digest.c.key == batch.key,
        _WAITING,
    )
    begin = insert(digest).on_conflict_do_nothing(
        index_elements=["agency", "kind", "key"], index_where=_WAITING
    )
    row = {
        "id": new_id, "agency": agency, "kind": batch.kind, "key": batch.key,
        "channels": list(batch.channels), "send_at": send_at, "told_at": None, "traceparent": trace,
    }  # fmt: skip
    while True:
        found = await work.execute(select(digest.c.id).where(*same).with_for_update(read=True))
        waiting: UUID | None = found.scalar()
        if waiting is not None:
            return waiting
        await work.execute(begin, [row])


async def add(work: UnitOfWork, digest_id: UUID, entry: Entry) -> None:
    row = {
        "event": entry.event,
        "agency": entry.agency,
        "digest_id": digest_id,
        "kind": entry.kind,
        "subject": entry.subject,
        "topic": entry.topic,
        "classified": entry.classified,
        "document_code": entry.document_code,
        "issue_date": entry.issue_date,
        "words": entry.words or None,
        "occurred_at": entry.occurred_at,
        "event_recorded_at": entry.event_recorded_at,
        "withdrawn_at": entry.withdrawn_at,
    }
    await work.execute(insert(digest_entry).on_conflict_do_nothing(), [row])


async def claim(work: UnitOfWork, limit: int) -> list[Any]:
    """Marks the digests that are due as told: each once, in any number of replicas.

    One that another transaction holds, to tell it or to add to it, is left for the next look.
    """
    due = (
        select(digest.c.id)
        .where(_WAITING, digest.c.send_at <= work.now)
        .order_by(digest.c.send_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = await work.execute(
        update(digest).where(digest.c.id == due.c.id).values(told_at=work.now).returning(digest)
    )
    return sorted(rows, key=lambda row: (row.send_at, row.id))


async def entries_of(work: UnitOfWork, digest_ids: Collection[UUID]) -> dict[UUID, list[Entry]]:
    rows = await work.execute(
        select(digest_entry).where(digest_entry.c.digest_id.in_(list(digest_ids)))
    )
    found: dict[UUID, list[Entry]] = {}
    for row in rows:
        found.setdefault(row.digest_id, []).append(_entry(row))
    return found


async def next_at(connection: AsyncConnection) -> datetime | None:
    found: datetime | None = await connection.scalar(
        select(func.min(digest.c.send_at)).where(_WAITING)
    )
    return found


async def count_due(connection: AsyncConnection, now: datetime) -> int:
    query = select(func.count()).select_from(digest).where(_WAITING, digest.c.send_at <= now)
    return int(await connection.scalar(query) or 0)


def _entry(row: Any) -> Entry:
    return Entry(
        event=row.event,
        agency=row.agency,
        kind=NoticeKind(row.kind),
        subject=row.subject,
        topic=row.topic,
        classified=row.classified,
        document_code=row.document_code,
        issue_date=row.issue_date,
        words=row.words or "",
        occurred_at=row.occurred_at,
        event_recorded_at=row.event_recorded_at,
        withdrawn_at=row.withdrawn_at,
    )
