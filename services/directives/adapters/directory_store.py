"""Every SQL statement on agencies and groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from services.directives.adapters.tables import agency_group
from services.kernel.directory.tables import agency
from services.kernel.runtime.errors import stale
from services.kernel.runtime.unit_of_work import UnitOfWork


async def get(work: UnitOfWork, slug: str) -> Any | None:
    return (await work.execute(select(agency).where(agency.c.slug == slug))).one_or_none()


async def list_agencies(
    work: UnitOfWork, *, kind: str = "", after: str = "", limit: int | None = None
) -> list[Any]:
    """In the order of their slugs."""
    query = select(agency).where(agency.c.slug > after).order_by(agency.c.slug).limit(limit)
    if kind:
        query = query.where(agency.c.kind == kind)
    return list(await work.execute(query))


async def save(work: UnitOfWork, row: dict[str, Any]) -> None:
    """Inserts version 1, else replaces the version before; ABORTED if that is not there any more."""
    if row["version"] == 1:
        work.insert(agency, row)
        await work.flush()
        return
    statement = update(agency).where(
        agency.c.slug == row["slug"], agency.c.version == row["version"] - 1
    )
    if not (await work.execute(statement.values(row))).rowcount:  # type: ignore[attr-defined]
        raise stale(f"agencies/{row['slug']}")


async def get_group(work: UnitOfWork, slug: str) -> Any | None:
    query = select(agency_group).where(agency_group.c.slug == slug)
    return (await work.execute(query)).one_or_none()


async def list_groups(work: UnitOfWork, *, after: str = "", limit: int | None = None) -> list[Any]:
    query = select(agency_group).where(agency_group.c.slug > after)
    return list(await work.execute(query.order_by(agency_group.c.slug).limit(limit)))


async def save_group(work: UnitOfWork, row: dict[str, Any]) -> None:
    if row["version"] == 1:
        work.insert(agency_group, row)
        await work.flush()
        return
    statement = update(agency_group).where(
        agency_group.c.slug == row["slug"], agency_group.c.version == row["version"] - 1
    )
    if not (await work.execute(statement.values(row))).rowcount:  # type: ignore[attr-defined]
        raise stale(f"groups/{row['slug']}")
