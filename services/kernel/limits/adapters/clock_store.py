"""Every SQL statement on clocks, rungs and ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, tuple_, update
from sqlalchemy.sql.dml import ReturningUpdate

from services.kernel.limits.adapters.tables import clock, clock_ledger, rung
from services.kernel.limits.domain.calendar import CalendarChange, end_of, start_of
from services.kernel.limits.domain.clock import Clock, LedgerEntry, LedgerKind
from services.kernel.limits.domain.rungs import Rung, RungChanges
from services.kernel.runtime.access import Access, seen
from services.kernel.runtime.errors import stale
from services.kernel.runtime.unit_of_work import UnitOfWork

RUNNING = clock.c.stopped_at.is_(None)
WAITING = rung.c.fired_at.is_(None) & rung.c.revoked_at.is_(None) & ~rung.c.skipped
_RUNG_KEY = (rung.c.clock_id, rung.c.rung, rung.c.generation, rung.c.fire_at)


@dataclass(frozen=True, slots=True)
class Kept:
    """A clock with what the database keeps beside it.

    `owner` is the object whose parties may see the clock; `classified` that only number and date of
    its document may be told.
    """

    clock: Clock
    owner: str
    classified: bool


async def insert(work: UnitOfWork, kept: Kept, entry: LedgerEntry) -> None:
    work.insert(clock, {**_to_row(kept.clock), "owner": kept.owner, "classified": kept.classified})
    _insert_entry(work, entry)


async def save(work: UnitOfWork, after: Clock, entry: LedgerEntry) -> None:
    """Writes the next version; ABORTED when another transaction wrote one meanwhile."""
    values = _to_row(after)
    del values["id"]
    result = await work.execute(
        update(clock)
        .where(clock.c.id == after.id, clock.c.version == after.version - 1)
        .values(values)
    )
    if not result.rowcount:  # type: ignore[attr-defined]
        raise stale(f"{after.subject}/clocks/{after.id}")
    _insert_entry(work, entry)


async def keep_calendar_version(
    work: UnitOfWork, clock_ids: Collection[UUID], version: int
) -> None:
    """Clocks whose end stays on a newer calendar."""
    await work.execute(
        update(clock).where(clock.c.id.in_(list(clock_ids))).values(calendar_version=version)
    )


async def of_owner(work: UnitOfWork, owner: str) -> list[Kept]:
    """All clocks of a task with those of its extensions, locked against other writers."""
    rows = await work.execute(
        select(clock).where(clock.c.owner == owner).order_by(clock.c.started_at).with_for_update()
    )
    return [_from_row(row) for row in rows]


async def owned_by(work: UnitOfWork, owner: str) -> list[Kept]:
    """The same without a lock, for whoever only reads."""
    rows = await work.execute(
        select(clock).where(clock.c.owner == owner).order_by(clock.c.started_at, clock.c.id)
    )
    return [_from_row(row) for row in rows]


async def get(work: UnitOfWork, clock_id: UUID) -> Kept | None:
    row = (await work.execute(select(clock).where(clock.c.id == clock_id))).one_or_none()
    return _from_row(row) if row else None


async def get_seen(work: UnitOfWork, access: Access, subject: str, clock_id: UUID) -> Kept | None:
    row = (
        await work.execute(
            select(clock).where(
                clock.c.id == clock_id, clock.c.subject == subject, seen(access, clock.c.owner)
            )
        )
    ).one_or_none()
    return _from_row(row) if row else None


async def behind(work: UnitOfWork, calendar_version: int, limit: int) -> list[Kept]:
    """Running clocks that are on an older calendar; rows that others hold are left to them."""
    rows = await work.execute(
        select(clock)
        .where(RUNNING, clock.c.calendar_version < calendar_version)
        .order_by(clock.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_from_row(row) for row in rows]


async def stopped_behind(
    work: UnitOfWork, change: CalendarChange, longest_rest: int, limit: int
) -> list[Kept] | None:
    """Stopped clocks in reach of an edit that was to move them too; None when there are no more.

    Rows that others hold are left to them: an empty list says that some are held.
    """
    query = select(clock).where(
        ~RUNNING,
        clock.c.void_reason == "",
        clock.c.calendar_version < change.version,
        in_reach(change.days, longest_rest),
    )
    free = query.order_by(clock.c.id).limit(limit).with_for_update(skip_locked=True)
    taken = [_from_row(row) for row in await work.execute(free)]
    if not taken and not (await work.execute(query.limit(1))).first():
        return None
    return taken


def in_reach(days: Collection[date], longest_rest: int) -> ColumnElement[bool]:
    """Clocks that an edit of these days can move: `domain.reach` as a clause, wider by the rows
    between the first and the last of the days."""
    if not days:
        return false()
    first, last = min(days), max(days)
    begun = or_(
        clock.c.started_at < end_of(last),
        clock.c.stated_due <= last,
        clock.c.due_at <= end_of(last),
    )
    not_over = or_(
        clock.c.due_at > start_of(first),
        clock.c.stated_due >= first - timedelta(days=longest_rest),
    )
    return and_(begun, not_over)


async def examine(
    work: UnitOfWork,
    access: Access,
    where: ColumnElement[bool],
    *,
    after: UUID | None,
    limit: int,
) -> list[Kept]:
    """Clocks that the caller may see, by id, a page at a time."""
    query = select(clock).where(seen(access, clock.c.owner), where)
    if after:
        query = query.where(clock.c.id > after)
    return [_from_row(row) for row in await work.execute(query.order_by(clock.c.id).limit(limit))]


async def count_running(work: UnitOfWork, access: Access) -> int:
    query = select(func.count()).select_from(clock).where(RUNNING, seen(access, clock.c.owner))
    return int((await work.execute(query)).scalar() or 0)


async def list_seen(
    work: UnitOfWork,
    access: Access,
    *,
    subject: str,
    rule: str,
    owed_by: str,
    state: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Kept]:
    """In the order of their ends. `state` is a ClockState at the work's now, or empty."""
    query = select(clock).where(seen(access, clock.c.owner))
    if subject:
        query = query.where(clock.c.subject == subject)
    if rule:
        query = query.where(clock.c.rule == rule)
    if owed_by:
        query = query.where(clock.c.owed_by == owed_by)
    if state:
        query = query.where(_in_state(state, work.now))
    if after:
        query = query.where(tuple_(clock.c.due_at, clock.c.id) > after)
    rows = await work.execute(query.order_by(clock.c.due_at, clock.c.id).limit(limit))
    return [_from_row(row) for row in rows]


def _in_state(state: str, now: datetime) -> Any:
    met = clock.c.act_at.is_not(None) & (clock.c.void_reason == "")
    return {
        "RUNNING": RUNNING & (clock.c.due_at > now),
        "LATE": RUNNING & (clock.c.due_at <= now),
        "MET": met & (clock.c.act_at < clock.c.due_at),
        "MET_LATE": met & (clock.c.act_at >= clock.c.due_at),
        "VOID": clock.c.void_reason != "",
    }[state]


async def ledger(work: UnitOfWork, clock_ids: Collection[UUID]) -> dict[UUID, list[LedgerEntry]]:
    rows = await work.execute(
        select(clock_ledger)
        .where(clock_ledger.c.clock_id.in_(list(clock_ids)))
        .order_by(clock_ledger.c.version)
    )
    found: dict[UUID, list[LedgerEntry]] = {}
    for row in rows:
        entry = LedgerEntry(
            clock_id=row.clock_id,
            version=row.version,
            generation=row.generation,
            at=row.at,
            kind=LedgerKind(row.kind),
            from_due=row.from_due,
            to_due=row.to_due,
            ground=row.ground,
            document=row.document,
            actor=row.actor,
            act_at=row.act_at,
        )
        found.setdefault(row.clock_id, []).append(entry)
    return found


async def rungs(work: UnitOfWork, clock_ids: Collection[UUID]) -> dict[UUID, list[Rung]]:
    rows = await work.execute(
        select(rung).where(rung.c.clock_id.in_(list(clock_ids))).order_by(rung.c.fire_at)
    )
    found: dict[UUID, list[Rung]] = {}
    for row in rows:
        found.setdefault(row.clock_id, []).append(_rung(row))
    return found


async def write_rungs(work: UnitOfWork, changes: RungChanges) -> None:
    for row in changes.insert:
        work.insert(
            rung,
            {
                "clock_id": row.clock_id,
                "rung": row.name,
                "generation": row.generation,
                "fire_at": row.fire_at,
                "fired_at": row.fired_at,
                "revoked_at": row.revoked_at,
                "skipped": row.skipped,
                "changes": row.changes,
            },
        )
    for row in (*changes.revoke, *changes.restore):
        await work.execute(
            update(rung)
            .where(tuple_(*_RUNG_KEY) == row.key)
            .values(revoked_at=row.revoked_at, changes=row.changes)
        )


async def take_turn(work: UnitOfWork) -> bool:
    """Until the commit one replica fires alone, so that events are written in the order of what was
    due; False where another one is at it. Its death frees the turn."""
    turn = select(func.pg_try_advisory_xact_lock(func.hashtextextended("rungs", 0)))
    return bool((await work.execute(turn)).scalar())


def claim_statement(now: datetime, limit: int) -> ReturningUpdate[Any]:
    """Marks the rungs that are due as fired; rows that others hold are left to them."""
    due = (
        select(*_RUNG_KEY)
        .where(WAITING, rung.c.fire_at <= now)
        .order_by(rung.c.fire_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    same = (column == due.c[column.name] for column in _RUNG_KEY)
    return update(rung).where(*same).values(fired_at=now).returning(rung)


async def claim_due(work: UnitOfWork, limit: int) -> list[Rung]:
    """The rungs that are due at the work's now: one statement, each once in all replicas."""
    rows = await work.execute(claim_statement(work.now, limit))
    # RETURNING is unordered; events are written in the order in which things were due.
    return sorted((_rung(row) for row in rows), key=lambda r: (r.fire_at, str(r.clock_id), r.name))


async def kept_of(work: UnitOfWork, clock_ids: Collection[UUID]) -> dict[UUID, Kept]:
    rows = await work.execute(select(clock).where(clock.c.id.in_(list(clock_ids))))
    return {row.id: _from_row(row) for row in rows}


async def next_fire_at(connection: Any) -> datetime | None:
    found: datetime | None = await connection.scalar(
        select(func.min(rung.c.fire_at)).where(WAITING)
    )
    return found


async def due_rungs(connection: Any, now: datetime) -> int:
    query = select(func.count()).select_from(rung).where(WAITING, rung.c.fire_at <= now)
    return int(await connection.scalar(query) or 0)


def _insert_entry(work: UnitOfWork, entry: LedgerEntry) -> None:
    work.insert(
        clock_ledger,
        {
            "clock_id": entry.clock_id,
            "version": entry.version,
            "generation": entry.generation,
            "kind": entry.kind,
            "at": entry.at,
            "from_due": entry.from_due,
            "to_due": entry.to_due,
            "ground": entry.ground,
            "document": entry.document,
            "actor": entry.actor,
            "act_at": entry.act_at,
        },
    )


_FIELDS = tuple(name for name in Clock.__dataclass_fields__)


def _to_row(value: Clock) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _FIELDS}


def _from_row(row: Any) -> Kept:
    return Kept(Clock(**{name: getattr(row, name) for name in _FIELDS}), row.owner, row.classified)


def _rung(row: Any) -> Rung:
    return Rung(
        row.clock_id, row.rung, row.generation, row.fire_at,
        row.fired_at, row.revoked_at, row.skipped, row.changes,
    )  # fmt: skip
