"""Look-ups in the copy of the directory that every service holds, and the consumer that keeps it."""

from __future__ import annotations

from typing import Any

from dondoc.directory.v1.agency_pb2 import Agency, AgencyKind
from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from services.kernel.directory.tables import agency
from services.kernel.runtime.protos import optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork


def slug(name: str) -> str:
    """`agencies/so-noi-vu` → `so-noi-vu`; empty stays empty."""
    return name.removeprefix("agencies/")


def resource(slug: str | None) -> str:
    """`so-noi-vu` → `agencies/so-noi-vu`; empty and None become empty."""
    return f"agencies/{slug}" if slug else ""


# Kinds of which a regulation speaks under another name (khoản 2 Điều 1).
_LEVELS = {"IT_CENTER": "OTHER"}


def level_of(row: Any) -> str:
    """Level of assignees of an agency: its own, else the one that its kind is.

    Which levels may be given tasks, and what they are called, is the regulation profile's to say.
    """
    return str(row.level or _LEVELS.get(row.kind, row.kind))


async def subtree(work: UnitOfWork, top: str) -> tuple[str, ...]:
    """`top` and all agencies below it (điểm a khoản 1 Điều 8), by slug."""
    below = (
        select(agency.c.slug, literal(0).label("depth"))
        .where(agency.c.slug == top)
        .cte("below", recursive=True)
    )
    # A ring of parents would never end: five levels are more than any province has.
    below = below.union(
        select(agency.c.slug, below.c.depth + 1)
        .join(below, agency.c.parent == below.c.slug)
        .where(below.c.depth < 5)
    )
    return tuple(sorted({row.slug for row in await work.execute(select(below.c.slug))} | {top}))


async def find(work: UnitOfWork, slugs: set[str]) -> dict[str, Any]:
    """Rows of the agencies that exist, by slug."""
    rows = await work.execute(select(agency).where(agency.c.slug.in_(list(slugs))))
    return {row.slug: row for row in rows}


def to_row(message: Agency, version: int) -> dict[str, Any]:
    return {
        "slug": slug(message.name),
        "display_name": message.display_name,
        "kind": AgencyKind.Name(message.kind).removeprefix("AGENCY_KIND_"),
        "parent": slug(message.parent) or None,
        "parent_display_name": message.parent_display_name,
        "abbreviation": message.abbreviation,
        "code": message.code,
        "aliases": list(message.aliases),
        "valid_from": optional_date(message, "valid_from"),
        "valid_to": optional_date(message, "valid_to"),
        "successor_display_name": message.successor_display_name,
        "successor": slug(message.successor) or None,
        "assignable": message.assignable,
        "connected": message.connected,
        "officer_subject": message.officer.subject,
        "officer_email": message.officer.email,
        "officer_placeholder": message.officer.placeholder,
        "note": message.note,
        "level": message.level,
        "version": version,
    }


async def keep(work: UnitOfWork, event: Event) -> None:
    """Reconciles to the agency of an event, if it is newer than the copy."""
    message = Agency()
    if not event.data.Unpack(message):
        return
    row = to_row(message, event.version)
    statement = insert(agency).values(row)
    await work.execute(
        statement.on_conflict_do_update(
            index_elements=["slug"],
            set_={name: statement.excluded[name] for name in row if name != "slug"},
            where=agency.c.version < event.version,
        )
    )
