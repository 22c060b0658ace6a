"""Every SQL statement on deliveries. Times are real."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.directory.tables import agency
from services.kernel.runtime import db
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters.tables import delivery, notice
from services.notify.domain.delivery import (
    STATE_AFTER,
    WAITING,
    WITHDRAWN,
    DeliveryState,
    Outcome,
    RetryPolicy,
    Verdict,
)

_KEY = (delivery.c.notice_id, delivery.c.channel)


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(delivery.c.next_attempt_at <= now, not_(delivery.c.withdrawn))


def _shown_as(state: str) -> ColumnElement[bool]:
    """`shown_as` of the domain, in SQL."""
    waits_in_vain = and_(delivery.c.withdrawn, delivery.c.state.in_(WAITING))
    if state == WITHDRAWN:
        return waits_in_vain
    return and_(delivery.c.state == state, not_(waits_in_vain))


async def claim(
    connection: AsyncConnection, now: datetime, policy: RetryPolicy, limit: int
) -> list[Any]:
    """Puts the next attempt of what is due on record; the caller commits before it sends.

    Rows that another replica is claiming are left to it, and a claimed row is not due before its lease
    has ended: two replicas send each once. What is being taken back is locked, and then not due. Not
    traced: it runs several times a second.
    """
    due = (
        select(*_KEY)
        .where(_due(now))
        .order_by(delivery.c.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    address = select(agency.c.officer_email).where(agency.c.slug == delivery.c.agency)
    last = delivery.c.attempts - delivery.c.attempts_before + 1 >= policy.attempts
    claimed = (
        update(delivery)
        .where(delivery.c.notice_id == due.c.notice_id, delivery.c.channel == due.c.channel)
        .values(
            state=DeliveryState.UNCERTAIN,
            attempts=delivery.c.attempts + 1,
            last_attempt_at=now,
            next_attempt_at=case((last, None), else_=now + policy.lease),
            failure="",
            address=func.coalesce(address.scalar_subquery(), ""),
        )
        .returning(*_KEY)
    )
    keys = [tuple(row) for row in await connection.execute(claimed)]
    if not keys:
        return []
    rows = await connection.execute(
        select(
            delivery,
            notice.c.classified,
            notice.c.document_code,
            notice.c.issue_date,
            notice.c.title,
            notice.c.body,
        )
        .join(notice, notice.c.id == delivery.c.notice_id)
        .where(tuple_(*_KEY).in_(keys))
        .order_by(delivery.c.queued_at, delivery.c.notice_id)
    )
    return list(rows)


async def record(
    connection: AsyncConnection, row: Any, outcome: Outcome, policy: RetryPolicy, now: datetime
) -> None:
    """Writes down how the attempt of `row` ended.

    A newer attempt is not overwritten, unless by the news that this one was accepted after all.
    """
    accepted = outcome.verdict is Verdict.ACCEPTED
    made = row.attempts - row.attempts_before
    still_open = delivery.c.state != DeliveryState.DELIVERED
    if not accepted:
        still_open = and_(still_open, delivery.c.attempts == row.attempts)
    await db.execute(
        connection,
        update(delivery)
        .where(delivery.c.notice_id == row.notice_id, delivery.c.channel == row.channel, still_open)
        .values(
            state=STATE_AFTER[outcome.verdict],
            next_attempt_at=policy.next_attempt(outcome, made, now),
            delivered_at=now if accepted else None,
            failure=outcome.failure,
        ),
    )


async def give_back(connection: AsyncConnection, rows: Sequence[Any], now: datetime) -> None:
    """Undoes the claim of rows that were not tried: the attempt did not take place."""
    for row in rows:
        await connection.execute(
            update(delivery)
            .where(
                delivery.c.notice_id == row.notice_id,
                delivery.c.channel == row.channel,
                delivery.c.attempts == row.attempts,
                delivery.c.state == DeliveryState.UNCERTAIN,
            )
            .values(
                state=DeliveryState.QUEUED,
                attempts=delivery.c.attempts - 1,
                next_attempt_at=now,
            )
        )


async def unsettled(connection: AsyncConnection, now: datetime, policy: RetryPolicy) -> int:
    """Deliveries that are due or under way; those that wait for a retry are not counted."""
    under_way = and_(
        delivery.c.state == DeliveryState.UNCERTAIN,
        delivery.c.failure == "",
        delivery.c.last_attempt_at > now - policy.lease,
    )
    query = (
        select(func.count())
        .select_from(delivery)
        .where(
            delivery.c.state != DeliveryState.DELIVERED,
            or_(_due(now), under_way),
        )
    )
    return int(await connection.scalar(query) or 0)


async def get(work: UnitOfWork, notice_id: UUID, channel: str) -> Any | None:
    """Locked against other writers."""
    return (
        await work.execute(
            select(delivery)
            .where(delivery.c.notice_id == notice_id, delivery.c.channel == channel)
            .with_for_update()
        )
    ).one_or_none()


async def list_all(
    work: UnitOfWork, *, state: str, after: tuple[datetime, UUID, str] | None, limit: int
) -> list[Any]:
    """Newest first. `state`, as it is shown, may be empty. Only for callers who may see every delivery."""
    key = (delivery.c.queued_at, delivery.c.notice_id, delivery.c.channel)
    query = select(delivery)
    if state:
        query = query.where(_shown_as(state))
    if after:
        query = query.where(tuple_(*key) < after)
    return list(await work.execute(query.order_by(*(c.desc() for c in key)).limit(limit)))


async def requeue(work: UnitOfWork, row: Any, real_now: datetime) -> Any:
    """Due at once, and back-off starts anew."""
    await work.execute(
        update(delivery)
        .where(delivery.c.notice_id == row.notice_id, delivery.c.channel == row.channel)
        .values(
            state=DeliveryState.QUEUED,
            attempts_before=row.attempts,
            next_attempt_at=real_now,
            failure="",
        )
    )
    return await get(work, row.notice_id, row.channel)
