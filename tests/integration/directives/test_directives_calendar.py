"""The Office corrects the calendar at run time: journal, undoing, what is refused, the missing year."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import grpc
import pytest
from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as pb
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub

from services.directives.adapters import calendar_journal
from services.directives.application import calendar as handlers
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime import db
from services.kernel.runtime.errors import DondocError
from services.kernel.runtime.protos import from_date, from_timestamp, to_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from tests.fixtures.house import OFFICE_SLUG, token
from tests.integration.directives.directives_house import Intake, request_id

FRIDAY, SATURDAY = date(2024, 6, 7), date(2024, 6, 15)
OFFICER = token(OFFICE_SLUG, "office", "officer", subject="chuyên viên")


def day(
    when: date,
    kind: int = calendar_pb2.DAY_KIND_SWAP_OFF,
    document: str = "1/TB",
    status: int = calendar_pb2.DAY_STATUS_OFFICIAL,
) -> calendar_pb2.CalendarDay:
    return calendar_pb2.CalendarDay(
        day=to_date(when), kind=kind, title="Hoán đổi", document=document, status=status  # type: ignore[arg-type]
    )  # fmt: skip


SWAP = (day(FRIDAY), day(SATURDAY, calendar_pb2.DAY_KIND_SWAP_WORK))


class Desk:
    def __init__(self, intake: Intake) -> None:
        self.room, self.refused_as = intake.room, intake

    async def edit(self, *days: calendar_pb2.CalendarDay, **fields: Any) -> calendar_pb2.Calendar:
        request = pb.EditCalendarRequest(request_id=request_id(), days=days, **fields)
        return await self.call("EditCalendar", request)

    async def undo(self, version: int, **fields: Any) -> calendar_pb2.Calendar:
        given = {"reason": "nhập nhầm", "name": f"calendar/edits/{version}", **fields}
        return await self.call("UndoCalendarEdit", pb.UndoCalendarEditRequest(
            request_id=request_id(), **given))  # fmt: skip

    async def journal(self) -> dict[int, calendar_pb2.CalendarEdit]:
        listed = await self.call("ListCalendarEdits", pb.ListCalendarEditsRequest())
        return {edit.version: edit for edit in listed.edits}

    async def days(self) -> list[calendar_pb2.CalendarDay]:
        return list((await self.call("ListCalendarDays", pb.ListCalendarDaysRequest())).days)

    async def state(self) -> calendar_pb2.CalendarState:
        return await self.call("GetCalendarState", pb.GetCalendarStateRequest())

    async def call(self, method: str, request: Any) -> Any:
        return await self.room.call(CalendarServiceStub, method, request, OFFICER)


@pytest.fixture
def desk(intake: Intake) -> Desk:
    return Desk(intake)


def refused(error: grpc.aio.AioRpcError, reason: str) -> str:
    """The sentence, after a look at the reason."""
    assert reason in str(error.trailing_metadata()), error.details()
    return error.details() or ""


@pytest.mark.rule("R23.1")
async def test_an_edit_stands_in_the_journal_with_who_when_and_on_which_document(
    desk: Desk,
) -> None:
    made = await desk.edit(*SWAP, reason="theo thông báo")
    entry = (await desk.journal())[made.version]
    assert entry.name == f"calendar/edits/{made.version}"
    assert (entry.editor, entry.editor_agency) == ("chuyên viên", f"agencies/{OFFICE_SLUG}")
    assert from_timestamp(entry.occur_time) == datetime(2020, 7, 3, 9, tzinfo=LOCAL)
    assert list(entry.documents) == ["1/TB"]
    assert entry.reason == "theo thông báo"
    assert list(entry.days) == list(SWAP)
    ordinary = (calendar_pb2.DAY_KIND_WORKING, calendar_pb2.DAY_KIND_WEEKEND)
    assert tuple(before.kind for before in entry.days_before) == ordinary
    assert made.changes[-1].document == "1/TB"
    assert [from_date(d, "") for d in made.changes[-1].days] == [FRIDAY, SATURDAY]


async def test_an_estimate_needs_no_document_and_stays_one_until_it_is_decided(desk: Desk) -> None:
    before = (await desk.state()).version
    estimate = day(FRIDAY, document="", status=calendar_pb2.DAY_STATUS_ESTIMATED)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await desk.edit(day(FRIDAY, document=""), day(SATURDAY, document=" "))
    assert "days[0].document" in refused(caught.value, "INVALID_FIELD")
    assert "days[1].document" in (caught.value.details() or "")
    assert (await desk.state()).version == before
    await desk.edit(estimate)
    assert to_date(FRIDAY) in (await desk.state()).estimated_days
    await desk.edit(day(FRIDAY))
    assert to_date(FRIDAY) not in (await desk.state()).estimated_days


@pytest.mark.rule("R23.1")
async def test_undoing_an_edit_puts_its_days_back_and_is_an_edit_itself(desk: Desk) -> None:
    before = await desk.days()
    holiday = next(d for d in before if d.day.year == 2024)
    taken_back = calendar_pb2.CalendarDay(day=holiday.day, kind=calendar_pb2.DAY_KIND_WORKING)
    made = await desk.edit(*SWAP, taken_back)
    assert holiday not in made.days
    undone = await desk.undo(made.version)
    assert await desk.days() == before
    journal = await desk.journal()
    first, second = journal[made.version], journal[undone.version]
    assert (second.undoes, first.undone_by) == (first.name, second.name)
    assert (second.reason, list(second.documents)) == ("nhập nhầm", ["1/TB"])
    assert list(second.days) == list(first.days_before)
    # To have it again, the undoing is undone.
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await desk.undo(made.version)
    assert second.name in refused(caught.value, "ALREADY_UNDONE")
    again = await desk.undo(undone.version)
    assert list(again.days) == list(made.days)


@pytest.mark.rule("R23.1")
async def test_an_edit_under_later_ones_on_the_same_days_is_not_undone_and_they_are_named(
    desk: Desk,
) -> None:
    first = await desk.edit(*SWAP)
    elsewhere = await desk.edit(day(date(2024, 8, 1)))
    later = await desk.edit(day(FRIDAY, document="2/TB"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await desk.undo(first.version)
    said = refused(caught.value, "LATER_EDITS")
    assert f"calendar/edits/{later.version}" in said
    assert f"calendar/edits/{elsewhere.version}" not in said
    await desk.undo(later.version)
    await desk.undo(first.version)  # what was undone is in nobody's way
    assert day(FRIDAY) not in await desk.days()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await desk.undo(99)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_the_same_request_again_is_the_same_edit(desk: Desk) -> None:
    request = pb.EditCalendarRequest(request_id=request_id(), days=SWAP)
    first = await desk.call("EditCalendar", request)
    assert await desk.call("EditCalendar", request) == first
    assert list(await desk.journal()) == [first.version, 1]


async def test_to_move_stopped_clocks_a_reason_is_needed(desk: Desk) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await desk.edit(*SWAP, stopped_too=True)
    assert "reason" in refused(caught.value, "REASON_REQUIRED")
    made = await desk.edit(*SWAP, stopped_too=True, reason="tính lại")
    assert made.changes[-1].stopped_too
    assert (await desk.journal())[made.version].stopped_too


@pytest.mark.rule("R23.1")
@pytest.mark.parametrize("base", ["named", "whichever"])
async def test_of_two_edits_at_once_the_second_is_aborted_and_leaves_nothing(
    desk: Desk, base: str
) -> None:
    """Both have read the same version; the second waits for the first one's commit, then meets it."""
    seen = (await desk.state()).version
    base_version = seen if base == "named" else 0
    request = pb.EditCalendarRequest(base_version=base_version, days=SWAP)
    engine, store = desk.room.engine, CalendarStore()
    async with db.transaction(engine) as one:
        first = UnitOfWork(one, datetime(2020, 7, 3, 9, tzinfo=LOCAL))
        await handlers.edit(first, request, store)
        await first.flush()  # the version's row is held until this commits
        second = asyncio.create_task(
            desk.edit(day(FRIDAY, document="2/TB"), base_version=base_version)
        )
        await _waiting(desk, 1)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await second
    assert caught.value.code() is grpc.StatusCode.ABORTED
    assert [d.document for d in await desk.days() if d.day == to_date(FRIDAY)] == ["1/TB"]
    assert list(await desk.journal()) == [seen + 1, 1]


async def _waiting(desk: Desk, count: int) -> None:
    """Until that many transactions of this database wait for another one's row."""
    asked = """
        SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE NOT granted AND datname = current_database()
    """
    while (await desk.refused_as.rows(asked))[0][0] < count:
        await asyncio.sleep(0)


async def test_a_version_that_is_no_longer_the_newest_is_aborted(desk: Desk) -> None:
    made = await desk.edit(*SWAP)
    for again in (
        desk.edit(day(date(2024, 8, 1)), base_version=made.version - 1),
        desk.undo(made.version, base_version=made.version - 1),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await again
        assert caught.value.code() is grpc.StatusCode.ABORTED


async def test_days_that_somebody_changed_past_the_journal_are_not_undone(desk: Desk) -> None:
    """An older replica beside this one writes no journal; what it did is not thrown away."""
    made = await desk.edit(*SWAP)
    async with db.transaction(desk.room.engine) as connection:
        work = UnitOfWork(connection, datetime(2020, 7, 3, 9, tzinfo=LOCAL))
        store = CalendarStore()
        found = await store.read(work)
        without = {when: entry for when, entry in found.days.items() if when != FRIDAY}
        await handlers.publish(work, type(found)(found.version + 1, without), store)
        await work.flush()
        entry = await calendar_journal.get(work, made.version)
        assert entry is not None
        request = pb.UndoCalendarEditRequest(name=entry.name, reason="nhầm")
        with pytest.raises(DondocError) as caught:
            await handlers.undo(work, request, CalendarStore())
    assert caught.value.reason == "DAYS_DIFFER"


@pytest.mark.rule("R23.1")
async def test_the_missing_year_is_told_once_on_the_first_of_october(desk: Desk) -> None:
    told = "SELECT occurred_at, event FROM event_log WHERE type = 'CalendarYearMissing'"
    await desk.room.set_clock(datetime(2027, 9, 30, 23, tzinfo=LOCAL))
    assert (await desk.state()).year_to_announce == 0
    assert await desk.refused_as.rows(told) == []
    october = datetime(2027, 10, 1, tzinfo=LOCAL)
    timers = desk.room.running.wiring.timers
    async with desk.room.engine.connect() as connection:
        assert october in [await timer.next_at(connection) for timer in timers]
    await desk.room.set_clock(datetime(2027, 10, 4, 8, tzinfo=LOCAL))
    await desk.room.set_clock(datetime(2027, 10, 5, 8, tzinfo=LOCAL))
    assert (await desk.state()).year_to_announce == 2028
    assert [row.occurred_at for row in await desk.refused_as.rows(told)] == [october]
    tet = day(date(2028, 1, 26), calendar_pb2.DAY_KIND_HOLIDAY)
    await desk.edit(tet)
    state = await desk.state()
    assert (state.year_to_announce, state.years[-1]) == (0, 2028)
    async with desk.room.engine.connect() as connection:
        following = datetime(2028, 10, 1, tzinfo=LOCAL)
        assert following in [await timer.next_at(connection) for timer in timers]
