"""Every SQL statement on inspections. The caller's scope is a mandatory argument of each read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, literal, select, tuple_

from services.inspections.adapters.tables import inspected_task, inspection, member, subject
from services.inspections.domain.inspection import (
    DecidedBy,
    DocumentRef,
    Inspection,
    Kind,
    Member,
    Secrecy,
    State,
)
from services.kernel.runtime.access import Access, seen
from services.kernel.runtime.unit_of_work import UnitOfWork

_DOCUMENT = ("number", "symbol", "date", "uri", "sha256", "media_type", "title")


def add(work: UnitOfWork, new: Inspection) -> None:
    """Words of a classified one are left out here and refused by the table."""
    words = ("legal_basis", "scope", "content")
    row: dict[str, Any] = {
        "id": new.id, "version": new.version, "state": new.state, "secrecy": new.secrecy,
        "kind": new.kind, "decided_by": new.decided_by,
        "start_date": new.start, "end_date": new.end, "decided_at": new.decided_at,
        **{f"decision_{name}": getattr(new.decision, name) for name in _DOCUMENT},
        **{name: getattr(new, name) for name in words},
    }  # fmt: skip
    if new.classified:
        row |= dict.fromkeys((*words, "decision_uri", "decision_title"))
    work.insert(inspection, row)
    for position, agency in enumerate(new.subjects):
        work.insert(subject, {"inspection_id": new.id, "position": position, "agency": agency})
    for position, task in enumerate(new.tasks):
        work.insert(inspected_task, {"inspection_id": new.id, "position": position, "task": task})
    for position, found in enumerate(new.team):
        work.insert(
            member,
            {
                "inspection_id": new.id, "position": position,
                "person": found.person, "agency": found.agency, "leader": found.leader,
            },
        )  # fmt: skip


async def get_seen(work: UnitOfWork, access: Access, id: UUID) -> Inspection | None:
    found = await _load(work, _seen(access).where(inspection.c.id == id))
    return found[0] if found else None


async def list_seen(
    work: UnitOfWork,
    access: Access,
    *,
    subject_agency: str = "",
    before: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Inspection]:
    """The newest first; `before` is the key of the last one of the page before."""
    order = (inspection.c.decided_at, inspection.c.id)
    query = _seen(access).order_by(*(column.desc() for column in order)).limit(limit)
    if subject_agency:
        query = query.where(
            select(1)
            .where(subject.c.inspection_id == inspection.c.id, subject.c.agency == subject_agency)
            .exists()
        )
    if before:
        query = query.where(tuple_(*order) < tuple_(literal(before[0]), literal(before[1])))
    return await _load(work, query)


def _seen(access: Access) -> Select[Any]:
    name = literal("inspections/") + cast(inspection.c.id, Text)
    return select(inspection).where(seen(access, name))


async def _load(work: UnitOfWork, query: Select[Any]) -> list[Inspection]:
    rows = list(await work.execute(query))
    ids = [row.id for row in rows]
    subjects = await _children(work, subject, ids)
    tasks = await _children(work, inspected_task, ids)
    team = await _children(work, member, ids)
    return [
        Inspection(
            id=row.id,
            version=row.version,
            state=State(row.state),
            secrecy=Secrecy(row.secrecy),
            kind=Kind(row.kind),
            decided_by=DecidedBy(row.decided_by),
            decision=DocumentRef(
                number=row.decision_number,
                symbol=row.decision_symbol,
                date=row.decision_date,
                uri=row.decision_uri or "",
                sha256=row.decision_sha256,
                media_type=row.decision_media_type,
                title=row.decision_title or "",
            ),
            legal_basis=row.legal_basis or "",
            scope=row.scope or "",
            subjects=tuple(child.agency for child in subjects.get(row.id, ())),
            tasks=tuple(child.task for child in tasks.get(row.id, ())),
            content=row.content or "",
            start=row.start_date,
            end=row.end_date,
            team=tuple(
                Member(child.person, child.agency, child.leader) for child in team.get(row.id, ())
            ),
            decided_at=row.decided_at,
        )
        for row in rows
    ]


async def _children(
    work: UnitOfWork, table: Any, ids: Collection[UUID]
) -> dict[UUID, Sequence[Any]]:
    query = select(table).where(table.c.inspection_id.in_(ids)).order_by(table.c.position)
    found: dict[UUID, list[Any]] = {}
    for row in await work.execute(query):
        found.setdefault(row.inspection_id, []).append(row)
    return dict(found)
