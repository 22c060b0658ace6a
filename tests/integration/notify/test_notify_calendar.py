"""What the calendar tells: one digest to each officer for an edit, and the year that is missing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dondoc.calendar.v1.calendar_pb2 import MissingYear
from dondoc.limits.v1.clock_pb2 import Clock, LedgerEntry
from dondoc.notify.v1 import notice_pb2
from dondoc.type.v1 import document_pb2
from dondoc.type.v1.event_pb2 import Event

from embedded.smtp_sink import SmtpSink
from services.kernel.limits.domain.calendar import end_of
from services.kernel.runtime.ids import derived
from services.kernel.runtime.protos import to_date, to_timestamp
from tests.fixtures.house import OFFICE_SLUG, Room, StartService
from tests.integration.notify.notify_facts import (
    COORDINATING,
    LEAD,
    NOW,
    SECRET,
    apply,
    deliveries,
    enter_agencies,
    event,
    notices_of,
    task,
    task_event,
)

AFTER = timedelta(minutes=5)
BEFORE, LATER = date(2024, 3, 29), date(2024, 4, 1)
DIGEST = notice_pb2.NOTICE_KIND_CALENDAR_DIGEST


@pytest.fixture
async def room(start_service: StartService, smtp_sink: SmtpSink) -> Room:
    smtp_sink.clear()
    started = await start_service("notify", smtp_host="127.0.0.1", smtp_port=smtp_sink.port)
    await enter_agencies(started)
    await started.set_clock(NOW)
    return started


def moved(
    subject: str,
    *,
    calendar: int = 11,
    owed_by: str = LEAD,
    ground: str = "CALENDAR",
    days: tuple[date, date] = (BEFORE, LATER),
    version: int = 2,
) -> Event:
    before, after = days
    entry = LedgerEntry(
        kind="MOVED",
        ground=ground,
        document="1/TB",
        from_due_time=to_timestamp(end_of(before)),
        to_due_time=to_timestamp(end_of(after)),
    )
    clock = Clock(
        name=f"{subject}/clocks/{derived('test clock', subject)}",
        subject=subject,
        article="điểm e khoản 1 Điều 5",
        owed_by=f"agencies/{owed_by}",
        last_day=to_date(after),
        calendar_version=calendar,
        ledger=[entry],
    )
    return event("ClockMoved", clock.name, version, clock)


async def digests(room: Room, slug: str) -> list[notice_pb2.Notice]:
    return await notices_of(room, slug, kind=DIGEST)


@pytest.mark.rule("R2.4", "R9.2d")
async def test_an_edit_is_told_to_each_officer_in_one_digest_with_the_days_before_and_after(
    room: Room, smtp_sink: SmtpSink
) -> None:
    tasks = [task(seed) for seed in range(4)]
    await apply(room, "tasks", *(task_event("TaskAccepted", one) for one in tasks))
    await apply(room, "tasks", *(moved(one.name) for one in tasks[:3]))
    await apply(room, "tasks", moved(tasks[3].name, owed_by=COORDINATING))
    await apply(room, "tasks", moved(tasks[3].name, ground="EXTENSION", version=3))
    assert await deliveries(room) == []
    await room.set_clock(NOW + AFTER)
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == 2)
    assert {mail.recipients[0] for mail in mails} == {
        f"{slug}@dondoc.example" for slug in (LEAD, COORDINATING)
    }
    (told,) = await digests(room, LEAD)
    assert "3 thời hạn" in told.title
    assert told.body.count("Ngày cuối cùng trước đây: 29/03/2024") == 3
    assert told.body.count("Ngày cuối cùng của thời hạn: 01/04/2024") == 3
    (other,) = await digests(room, COORDINATING)
    assert "1 thời hạn" in other.title


@pytest.mark.rule("R2.4")
async def test_its_undoing_is_told_likewise(room: Room) -> None:
    one = task(1)
    await apply(room, "tasks", task_event("TaskAccepted", one), moved(one.name))
    await room.set_clock(NOW + AFTER)
    back = moved(one.name, calendar=12, days=(LATER, BEFORE), version=3)
    await apply(room, "tasks", back)
    await room.set_clock(NOW + 2 * AFTER)
    newest, first = await digests(room, LEAD)
    assert "Ngày cuối cùng của thời hạn: 01/04/2024" in first.body
    assert "Ngày cuối cùng trước đây: 01/04/2024" in newest.body
    assert "Ngày cuối cùng của thời hạn: 29/03/2024" in newest.body


@pytest.mark.rule("R5.2a", "R5.2g")
async def test_of_a_classified_task_number_and_date_are_told(room: Room) -> None:
    secret = task("secret", secrecy=document_pb2.SECRECY_SECRET)
    await apply(room, "tasks", task_event("TaskAccepted", secret), moved(secret.name))
    await room.set_clock(NOW + AFTER)
    (told,) = await digests(room, LEAD)
    headline = "Thời hạn thay đổi theo lịch làm việc"
    assert told.body.split("\n\n")[1] == f"1. {headline}: Văn bản số 374/UBND-VXNV ngày 01/03/2024."
    assert SECRET not in told.body


async def test_a_move_that_comes_before_its_task_is_told_when_that_comes(room: Room) -> None:
    one = task(1)
    await apply(room, "tasks", moved(one.name))
    await room.set_clock(NOW + AFTER)
    assert await digests(room, LEAD) == []
    await apply(room, "tasks", task_event("TaskAccepted", one))
    await room.set_clock(NOW + 3 * AFTER)
    assert len(await digests(room, LEAD)) == 1


@pytest.mark.rule("R9.2d")
async def test_the_office_is_told_once_that_the_next_year_is_missing(
    room: Room, smtp_sink: SmtpSink
) -> None:
    missing = event("CalendarYearMissing", "calendar/years/2028", 1, MissingYear(year=2028))
    await apply(room, "directives", missing, missing)
    (told,) = await notices_of(room, OFFICE_SLUG)
    assert told.kind == notice_pb2.NOTICE_KIND_CALENDAR_MISSING
    assert (told.subject, told.title) == ("", "Lịch làm việc năm sau chưa được nhập")
    assert "năm 2028" in told.body
    assert await notices_of(room, LEAD) == []
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == 1)
    assert "2028" in mails[0].message.get_content()
