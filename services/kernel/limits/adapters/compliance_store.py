"""Clocks counted by rule and agency: one statement, for GetCompliance and for the metrics alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.kernel.limits.adapters.tables import clock, clock_ledger
from services.kernel.limits.domain.calendar import end_of, start_of
from services.kernel.limits.domain.compliance import Counted, Tally
from services.kernel.runtime.access import Access, seen
from services.kernel.runtime.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Question:
    """`soon` is the first instant that is no longer soon; empty filters keep everything."""

    as_of: datetime
    soon: datetime
    from_date: date | None = None
    to_date: date | None = None
    agency: str = ""
    rule: str = ""


async def counted(work: UnitOfWork, access: Access, question: Question) -> list[Counted]:
    """What the caller may see of it, by what each agency owes."""
    standing = _standing(work, access, question).subquery()
    s, now = standing.c, question.as_of
    live = not_(s.void)
    running = and_(live, s.act_at.is_(None))
    states = {
        "met": and_(live, s.act_at < s.due_at),
        "met_late": and_(live, s.act_at >= s.due_at),
        "late": and_(running, s.due_at <= now),
        "running": and_(running, s.due_at > now),
        "due_soon": and_(running, s.due_at > now, s.due_at <= question.soon),
        "void": s.void,
    }
    key = (s.rule, s.profile, s.profile_version, s.owed_by)
    query = select(*key, *(_count(name, state) for name, state in states.items())).group_by(*key)
    # The first late instant follows the last good day at once.
    if question.from_date:
        query = query.where(s.due_at > start_of(question.from_date))
    if question.to_date:
        query = query.where(s.due_at <= end_of(question.to_date))
    return [
        Counted(
            row.rule,
            row.profile,
            row.profile_version,
            row.owed_by,
            Tally(**{name: getattr(row, name) for name in states}),
        )
        for row in await work.execute(query)
    ]


def _count(name: str, state: ColumnElement[bool]) -> Any:
    return func.count().filter(state).label(name)


def _standing(work: UnitOfWork, access: Access, question: Question) -> Select[Any]:
    """How each clock stood: of now the clocks themselves tell, of any moment before the ledger."""
    c, entry = clock.c, clock_ledger.c
    owned = (c.rule, c.profile, c.profile_version, c.owed_by)
    if question.as_of == work.now:
        query = select(*owned, c.due_at, c.act_at, (c.void_reason != "").label("void"))
    else:
        last = (
            select(
                entry.clock_id,
                func.coalesce(entry.to_due, entry.from_due).label("due_at"),
                entry.act_at,
                (entry.kind == "VOIDED").label("void"),
            )
            .ext(distinct_on(entry.clock_id))
            .where(entry.at <= question.as_of)
            .order_by(entry.clock_id, entry.version.desc())
            .subquery()
        )
        query = select(*owned, last.c.due_at, last.c.act_at, last.c.void).join(
            last, last.c.clock_id == c.id
        )
    query = query.where(seen(access, c.owner, owner=c.owed_by))
    if question.agency:
        query = query.where(c.owed_by == question.agency)
    if question.rule:
        query = query.where(c.rule == question.rule)
    return query
