"""Every SQL statement on the journal of the calendar, and its one mapping to messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from dondoc.calendar.v1 import calendar_pb2
from sqlalchemy import func, select, update

from services.directives.adapters.tables import calendar_edit, calendar_edit_day
from services.directives.domain.calendar_edits import Days, JournalEntry, name_of
from services.kernel.directory.copy import resource
from services.kernel.limits.adapters.calendar_edits import as_message
from services.kernel.limits.domain.calendar import Calendar, CalendarDay, DayKind, DayStatus
from services.kernel.runtime.protos import to_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork


async def write(work: UnitOfWork, entry: JournalEntry) -> None:
    work.insert(
        calendar_edit,
        {
            "version": entry.version,
            "editor": entry.editor,
            "editor_agency": entry.editor_agency,
            "occurred_at": entry.occurred_at,
            "recorded_at": entry.recorded_at,
            "documents": list(entry.documents),
            "reason": entry.reason,
            "stopped_too": entry.stopped_too,
            "undoes": entry.undoes,
        },
    )
    for day, after in entry.after.items():
        columns = {**_columns(entry.before[day], "_before"), **_columns(after, "")}
        work.insert(calendar_edit_day, {"version": entry.version, "day": day, **columns})
    if entry.undoes:
        await work.execute(
            update(calendar_edit)
            .where(calendar_edit.c.version == entry.undoes)
            .values(undone_by=entry.version)
        )


async def lock(work: UnitOfWork) -> None:
    """Until the commit: of replicas that start at once one looks and writes, the others look after it."""
    await work.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("calendar", 0))))


async def has(work: UnitOfWork, version: int) -> bool:
    query = select(calendar_edit.c.version).where(calendar_edit.c.version == version)
    return (await work.execute(query)).first() is not None


async def get(work: UnitOfWork, version: int) -> JournalEntry | None:
    """Locked, so that it is undone once."""
    query = select(calendar_edit).where(calendar_edit.c.version == version).with_for_update()
    row = (await work.execute(query)).one_or_none()
    return (await _entries(work, [row]))[0] if row else None


async def listed(work: UnitOfWork, *, before: int | None, limit: int) -> list[JournalEntry]:
    """The newest first."""
    query = select(calendar_edit).order_by(calendar_edit.c.version.desc()).limit(limit)
    if before:
        query = query.where(calendar_edit.c.version < before)
    return await _entries(work, list(await work.execute(query)))


async def later_on(
    work: UnitOfWork, version: int, days: Collection[date]
) -> list[tuple[int, int | None]]:
    """Edits after `version` that touch any of these days: (version, the version that it undoes)."""
    rows = await work.execute(
        select(calendar_edit.c.version, calendar_edit.c.undoes)
        .join(calendar_edit_day)
        .where(calendar_edit.c.version > version, calendar_edit_day.c.day.in_(list(days)))
        .distinct()
    )
    return [(row.version, row.undoes) for row in rows]


def to_message(entry: JournalEntry) -> calendar_pb2.CalendarEdit:
    return calendar_pb2.CalendarEdit(
        name=entry.name,
        version=entry.version,
        days=_messages(entry.after),
        days_before=_messages(entry.before),
        editor=entry.editor,
        editor_agency=resource(entry.editor_agency),
        occur_time=to_timestamp(entry.occurred_at),
        record_time=to_timestamp(entry.recorded_at),
        documents=entry.documents,
        reason=entry.reason,
        stopped_too=entry.stopped_too,
        undoes=name_of(entry.undoes) if entry.undoes else "",
        undone_by=name_of(entry.undone_by) if entry.undone_by else "",
    )


def _messages(days: Days) -> list[calendar_pb2.CalendarDay]:
    calendar = Calendar.of(entry for entry in days.values() if entry)
    return [as_message(day, calendar) for day in days]


async def _entries(work: UnitOfWork, rows: Iterable[Any]) -> list[JournalEntry]:
    versions = [row.version for row in rows]
    found: dict[int, list[Any]] = {version: [] for version in versions}
    query = (
        select(calendar_edit_day)
        .where(calendar_edit_day.c.version.in_(versions))
        .order_by(calendar_edit_day.c.day)
    )
    for day in await work.execute(query):
        found[day.version].append(day)
    return [
        JournalEntry(
            version=row.version,
            editor=row.editor,
            editor_agency=row.editor_agency,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            documents=tuple(row.documents),
            reason=row.reason,
            stopped_too=row.stopped_too,
            before={day.day: _day(day, "_before") for day in found[row.version]},
            after={day.day: _day(day, "") for day in found[row.version]},
            undoes=row.undoes,
            undone_by=row.undone_by,
        )
        for row in rows
    ]


def _columns(entry: CalendarDay | None, suffix: str) -> dict[str, Any]:
    values = (entry.kind, entry.name, entry.document, entry.status) if entry else (None,) * 4
    names = (f"{name}{suffix}" for name in ("kind", "title", "document", "status"))
    return dict(zip(names, values, strict=True))


def _day(row: Any, suffix: str) -> CalendarDay | None:
    kind, title, document, status = (
        getattr(row, f"{name}{suffix}") for name in ("kind", "title", "document", "status")
    )
    return CalendarDay(row.day, DayKind(kind), title, document, DayStatus(status)) if kind else None
