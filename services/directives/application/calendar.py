"""The calendar of working days: seeded once, then corrected by the Office, each edit in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as pb

from services.directives.adapters import calendar_journal as journal
from services.directives.domain.calendar_edits import (
    JournalEntry,
    days_of,
    edit_of,
    in_the_way,
    name_of,
)
from services.kernel.limits.adapters import calendar_edits
from services.kernel.limits.adapters.calendar_store import CalendarStore, from_message, to_message
from services.kernel.limits.domain.calendar import (
    Calendar,
    CalendarChange,
    CalendarEdit,
    local_date,
)
from services.kernel.runtime.errors import FieldViolation, invalid, not_found, precondition, stale
from services.kernel.runtime.history import history
from services.kernel.runtime.protos import from_timestamp, to_date
from services.kernel.runtime.unit_of_work import UnitOfWork

AGGREGATE = "calendar"
FIRST = 1  # the version that is seeded, and that nobody edited


async def edit(
    work: UnitOfWork, request: pb.EditCalendarRequest, calendars: CalendarStore
) -> calendar_pb2.Calendar:
    """One edit, one version. Of two at once the later one meets a newer version and is ABORTED."""
    before = await calendars.read(work)
    _refuse_stale(request.base_version, before)
    if request.stopped_too and not request.reason.strip():
        raise invalid(
            FieldViolation(
                "reason",
                "phải nêu lý do khi dời cả thời hạn đã kết thúc",
                "is needed where limits that have ended move too",
                "REASON_REQUIRED",
            )
        )
    return await _make(
        work,
        calendars,
        before,
        calendar_edits.edit_of(request.days, before),
        documents=calendar_edits.documents_of(request.days),
        reason=request.reason,
        stopped_too=request.stopped_too,
    )


async def undo(
    work: UnitOfWork, request: pb.UndoCalendarEditRequest, calendars: CalendarStore
) -> calendar_pb2.Calendar:
    """The reverse of an edit as a new one, with the documents of the one that it undoes."""
    before = await calendars.read(work)
    _refuse_stale(request.base_version, before)
    entry = await journal.get(work, int(request.name.rpartition("/")[2]))
    if entry is None:
        raise not_found(request.name)
    if entry.version == FIRST:
        raise precondition(
            "FIRST_CALENDAR",
            "Đây là lịch ban đầu, không phải một lần sửa; muốn đổi ngày nào thì sửa ngày đó.",
            "this is the first calendar and no edit; to change days of it, edit those",
        )
    if entry.undone_by:
        by = name_of(entry.undone_by)
        raise precondition(
            "ALREADY_UNDONE",
            f"{entry.name} đã được hủy bởi {by}; muốn áp dụng lại thì hủy {by}.",
            f"{entry.name} was undone by {by}; to have it again, undo {by}",
            {"undone_by": by},
        )
    later = in_the_way(await journal.later_on(work, entry.version, list(entry.after)))
    if later:
        names = ", ".join(map(name_of, later))
        raise precondition(
            "LATER_EDITS",
            f"Những lần sửa sau đã đổi cùng các ngày này: {names}; hãy hủy chúng trước.",
            f"later edits touch the same days: {names}; undo those first",
            {"edits": names},
        )
    if any(before.days.get(day) != left for day, left in entry.after.items()):
        raise precondition(
            "DAYS_DIFFER",
            f"Các ngày của {entry.name} không còn như lần sửa đó để lại; hãy sửa trực tiếp.",
            f"the days of {entry.name} are no longer as that edit left them; edit them directly",
        )
    return await _make(
        work,
        calendars,
        before,
        edit_of(entry.before),
        documents=entry.documents,
        reason=request.reason,
        stopped_too=request.stopped_too,
        undoes=entry.version,
    )


async def seed(work: UnitOfWork, seeded: Calendar, calendars: CalendarStore) -> None:
    """Enters `seeded` where there is no calendar, and sees to it that the journal tells of the first one.

    A house that was seeded before the journal did has it written down from the permanent log.
    """
    await journal.lock(work)
    if not await calendars.version(work):
        await publish(work, seeded, calendars)
        await journal.write(work, _first(seeded, work.now, datetime.now(UTC)))
    elif not await journal.has(work, FIRST):
        for event in await history(work, AGGREGATE):
            message = calendar_pb2.Calendar()
            if event.version == FIRST and event.data.Unpack(message):
                at, recorded = from_timestamp(event.occur_time), from_timestamp(event.record_time)
                await journal.write(work, _first(from_message(message), at, recorded))


def _first(calendar: Calendar, at: datetime, recorded: datetime) -> JournalEntry:
    """Made by nobody: where a day has a document, its document is the source."""
    named = (entry.document for entry in calendar.days.values() if entry.document)
    return JournalEntry(
        version=FIRST,
        editor="",
        editor_agency="",
        occurred_at=at,
        recorded_at=recorded,
        documents=tuple(dict.fromkeys(named)),
        reason="seed",
        stopped_too=False,
        before=dict.fromkeys(calendar.days),
        after=dict(calendar.days),
    )


async def publish(
    work: UnitOfWork,
    calendar: Calendar,
    calendars: CalendarStore,
    change: CalendarChange | None = None,
) -> calendar_pb2.Calendar:
    """Makes `calendar` the one in force and tells every service."""
    if not await calendars.replace(work, calendar, [change] if change else []):
        raise stale(AGGREGATE)
    message = to_message(calendar, await calendars.changes(work))
    work.record("CalendarChanged", AGGREGATE, calendar.version, message)
    work.audit("EditCalendar", AGGREGATE, {"version": str(calendar.version)})
    return message


async def state(work: UnitOfWork, calendars: CalendarStore) -> calendar_pb2.CalendarState:
    found, today = await calendars.read(work), local_date(work.now)
    return calendar_pb2.CalendarState(
        version=found.version,
        years=found.years,
        year_to_announce=found.missing_year(today) or 0,
        estimated_days=[to_date(day) for day in found.estimated_days() if day >= today],
    )


async def _make(
    work: UnitOfWork,
    calendars: CalendarStore,
    before: Calendar,
    edit: CalendarEdit,
    *,
    documents: Sequence[str],
    reason: str,
    stopped_too: bool,
    undoes: int | None = None,
) -> calendar_pb2.Calendar:
    """Applies the edit and writes it down with its reverse."""
    after = before.edited(edit, before.version + 1)
    reverse = before.reverse(edit)
    change = CalendarChange(
        after.version, calendar_edits.touched(edit), "; ".join(documents), stopped_too
    )
    message = await publish(work, after, calendars, change)
    entry = JournalEntry(
        version=after.version,
        editor=work.actor.subject,
        editor_agency=work.principal.agency if work.principal else "",
        occurred_at=work.now,
        recorded_at=datetime.now(UTC),
        documents=tuple(documents),
        reason=reason.strip(),
        stopped_too=stopped_too,
        before=days_of(reverse, before),
        after=days_of(edit, after),
        undoes=undoes,
    )
    await journal.write(work, entry)
    return message


def _refuse_stale(base_version: int, before: Calendar) -> None:
    if base_version and base_version != before.version:
        raise stale(AGGREGATE)
