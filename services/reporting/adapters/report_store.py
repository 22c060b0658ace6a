"""Every SQL statement on reports that are owed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.kernel.directory.copy import level_of
from services.kernel.directory.tables import agency
from services.kernel.runtime.access import Access, seen
from services.kernel.runtime.errors import stale
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters.tables import report, report_plan
from services.reporting.domain.report import Body, Report, ReportState

_FIELDS = tuple(Report.__dataclass_fields__)


async def bodies(work: UnitOfWork) -> list[Body]:
    """All agencies, with what tells which reports they owe."""
    superior = agency.alias("superior")
    inside = select(1).where(superior.c.slug == agency.c.parent, superior.c.kind == agency.c.kind)
    query = select(
        agency.c.slug, agency.c.kind, agency.c.level, inside.exists().label("inside"),
        agency.c.valid_from, agency.c.valid_to,
    )  # fmt: skip
    return [Body(**{**row._mapping, "level": level_of(row)}) for row in await work.execute(query)]


async def asked(work: UnitOfWork, rule: str, period: str) -> set[str]:
    """Slugs of those who have been asked for this period's report."""
    query = select(report.c.agency).where(report.c.rule == rule, report.c.period == period)
    return {row.agency for row in await work.execute(query)}


def add(work: UnitOfWork, new: Report) -> None:
    work.insert(report, {**{name: getattr(new, name) for name in _FIELDS}, "document": {}})


async def save(work: UnitOfWork, after: Report, document: dict[str, Any]) -> None:
    """Writes the next version; ABORTED when another transaction wrote one meanwhile."""
    result = await work.execute(
        update(report)
        .where(report.c.id == after.id, report.c.version == after.version - 1)
        .values(sent_on=after.sent_on, document=document, version=after.version)
    )
    if not result.rowcount:  # type: ignore[attr-defined]
        raise stale(after.name)


async def get_seen(
    work: UnitOfWork, access: Access, report_id: UUID
) -> tuple[Report, dict[str, Any]] | None:
    query = select(report).where(report.c.id == report_id, _seen(access))
    row = (await work.execute(query)).one_or_none()
    return _from_row(row) if row else None


async def list_seen(
    work: UnitOfWork,
    access: Access,
    *,
    rule: str,
    owed_by: str,
    state: str,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[tuple[Report, dict[str, Any]]]:
    """In the order of their last days. `state` is a ReportState, or empty."""
    order = (report.c.last_day, report.c.id)
    query = select(report).where(_seen(access)).order_by(*order).limit(limit)
    if rule:
        query = query.where(report.c.rule == rule)
    if owed_by:
        query = query.where(report.c.agency == owed_by)
    if state:
        sent = report.c.sent_on.is_not(None)
        query = query.where(sent if state == ReportState.RECEIVED else ~sent)
    if after:
        query = query.where(tuple_(*order) > tuple_(literal(after[0]), literal(after[1])))
    return [_from_row(row) for row in await work.execute(query)]


async def begin(work: UnitOfWork, rule: str, day: date) -> None:
    """The rule is watched from the period of `day` on, unless it is already."""
    await work.execute(insert(report_plan).values(rule=rule, day=day).on_conflict_do_nothing())


async def plans(work: UnitOfWork) -> dict[str, date]:
    """Rule → a day of its newest period, locked; those that another replica holds are left to it."""
    query = select(report_plan).order_by(report_plan.c.rule).with_for_update(skip_locked=True)
    return {row.rule: row.day for row in await work.execute(query)}


async def advance(work: UnitOfWork, rule: str, day: date) -> None:
    await work.execute(update(report_plan).where(report_plan.c.rule == rule).values(day=day))


async def planned(connection: Any) -> dict[str, date]:
    """Rule → a day of its newest period, for reading only."""
    return {row.rule: row.day for row in await connection.execute(select(report_plan))}


def _seen(access: Access) -> Any:
    name = literal("reports/") + cast(report.c.id, Text)
    return seen(access, name, owner=report.c.agency)


def _from_row(row: Any) -> tuple[Report, dict[str, Any]]:
    return Report(**{name: getattr(row, name) for name in _FIELDS}), row.document
