"""Every SQL statement on notices, the read copy of matters, and events that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import (
    ColumnElement,
    Label,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.kernel.directory.tables import agency
from services.kernel.runtime.access import Access, seen
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters.tables import delivery, matter, notice, waiting_event
from services.notify.domain.delivery import NO_ADDRESS, DeliveryState
from services.notify.domain.notice import Channel, Matter

OFFICE = "office"  # what an event waits for that needs an agency of this kind

_OWNER = notice.c.agency
# A reminder that the profile sends by e-mail alone is a notice too, but in no inbox.
_IN_INBOX = exists().where(delivery.c.notice_id == notice.c.id, delivery.c.channel == Channel.INBOX)


async def remember(work: UnitOfWork, value: Matter) -> bool:
    """Brings the read copy to `value` if that is newer; True when there was none before."""
    row = {
        "name": value.name,
        "version": value.version,
        "classified": value.classified,
        "document_code": value.document_code,
        "issue_date": value.issue_date,
        "lead": value.lead,
        "monitoring": value.monitoring,
        "abstract": value.abstract or None,
        "content": value.content or None,
    }
    statement = insert(matter).values(row)
    fresh: Label[bool] = literal_column("xmax = 0").label(
        "fresh"
    )  # of an updated row it is the updater
    result = await work.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={name: statement.excluded[name] for name in row if name != "name"},
            where=matter.c.version < value.version,
        ).returning(fresh)
    )
    return bool(result.scalar())


async def get_matter(work: UnitOfWork, name: str) -> Matter | None:
    row = (await work.execute(select(matter).where(matter.c.name == name))).one_or_none()
    if row is None:
        return None
    return Matter(
        name=row.name,
        version=row.version,
        classified=row.classified,
        document_code=row.document_code,
        issue_date=row.issue_date,
        lead=row.lead,
        monitoring=row.monitoring,
        abstract=row.abstract or "",
        content=row.content or "",
    )


async def agencies(work: UnitOfWork, slugs: Collection[str], *, offices: bool) -> dict[str, Any]:
    """The agencies with these slugs that are known, with `offices` those of kind OFFICE too.

    FOR SHARE: an officer named at this moment waits, and then finds the delivery that lacks him.
    """
    wanted: ColumnElement[bool] = agency.c.slug.in_(list(slugs))
    if offices:
        wanted = or_(wanted, agency.c.kind == "OFFICE")
    rows = await work.execute(
        select(agency.c.slug, agency.c.display_name, agency.c.kind, agency.c.officer_email)
        .where(wanted)
        .order_by(agency.c.slug)
        .with_for_update(read=True)
    )
    return {row.slug: row for row in rows}


async def queue(
    work: UnitOfWork, notices: Sequence[dict[str, Any]], deliveries: Sequence[dict[str, Any]]
) -> None:
    """Once for each event and recipient: what is there already stays, on the channels it had."""
    if not notices:
        return
    made = insert(notice).on_conflict_do_nothing().returning(notice.c.id)
    fresh = set((await work.execute(made, list(notices))).scalars())
    rows = [row for row in deliveries if row["notice_id"] in fresh]
    if rows:
        await work.execute(insert(delivery), rows)


async def lock_waiting(work: UnitOfWork, waits_for: Collection[str]) -> None:
    """Until the commit: who parks an event and who brings what it waits for do not miss each other."""
    for name in sorted(waits_for):
        await work.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(f"notify:{name}", 0)))
        )


async def park(work: UnitOfWork, event: Event, waits_for: Collection[str]) -> None:
    rows = [
        {"waits_for": name, "event_id": UUID(event.id), "event": event.SerializeToString()}
        for name in sorted(waits_for)
    ]
    await work.execute(insert(waiting_event).on_conflict_do_nothing(), rows)


async def release(work: UnitOfWork, waits_for: Collection[str]) -> list[Event]:
    """Takes out what waited for these."""
    rows = await work.execute(
        delete(waiting_event)
        .where(waiting_event.c.waits_for.in_(list(waits_for)))
        .returning(waiting_event.c.event_id, waiting_event.c.event)
    )
    return list({row.event_id: Event.FromString(row.event) for row in rows}.values())


async def address_found(
    work: UnitOfWork, slug: str, named_at: datetime, real_now: datetime
) -> None:
    """Queues what lacked an address only because the officer's event came after a later one.

    What was told before an officer was named stays UNDELIVERABLE until somebody asks for it again.
    """
    await work.execute(
        update(delivery)
        .where(
            delivery.c.agency == slug,
            delivery.c.state == DeliveryState.UNDELIVERABLE,
            delivery.c.channel == Channel.EMAIL,
            delivery.c.failure == NO_ADDRESS,
            delivery.c.event_recorded_at >= named_at,
        )
        .values(state=DeliveryState.QUEUED, failure="", next_attempt_at=real_now)
    )


async def get_seen(work: UnitOfWork, access: Access, notice_id: UUID) -> Any | None:
    return (
        await work.execute(
            select(notice).where(
                notice.c.id == notice_id, _IN_INBOX, seen(access, notice.c.subject, owner=_OWNER)
            )
        )
    ).one_or_none()


async def list_seen(
    work: UnitOfWork,
    access: Access,
    *,
    unread_only: bool,
    kind: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Any]:
    """Newest first, by the legal time of what they tell. `kind` may be empty."""
    query = select(notice).where(_IN_INBOX, seen(access, notice.c.subject, owner=_OWNER))
    if unread_only:
        query = query.where(notice.c.read_at.is_(None), notice.c.withdrawn_at.is_(None))
    if kind:
        query = query.where(notice.c.kind == kind)
    if after:
        query = query.where(tuple_(notice.c.occurred_at, notice.c.id) < after)
    order = (notice.c.occurred_at.desc(), notice.c.id.desc())
    return list(await work.execute(query.order_by(*order).limit(limit)))


async def mark_read(work: UnitOfWork, notice_id: UUID) -> Any:
    """The row afterwards; one that was read before keeps its time."""
    await work.execute(
        update(notice)
        .where(notice.c.id == notice_id, notice.c.read_at.is_(None))
        .values(read_at=work.now, version=notice.c.version + 1)
    )
    return (await work.execute(select(notice).where(notice.c.id == notice_id))).one()
