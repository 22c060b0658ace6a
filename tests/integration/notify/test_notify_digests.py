"""Digests: one notice and one e-mail to each agency for what one cause would send as a storm."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.notify.v1 import notice_pb2
from dondoc.type.v1 import document_pb2
from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import select, update

from embedded.smtp_sink import SmtpSink
from services.kernel.runtime import db
from services.kernel.runtime.protos import from_timestamp
from services.notify.adapters.tables import digest, digest_entry
from services.notify.bootstrap import DEFINITION
from services.notify.entrypoints.digest_timer import DigestTimer
from tests.fixtures.eventually import eventually
from tests.fixtures.house import OFFICE_SLUG, Room, StartService
from tests.integration.notify.notify_facts import (
    COORDINATING,
    LEAD,
    MONITORING,
    NOW,
    SECRET,
    apply,
    deliveries,
    enter_agencies,
    notices_of,
    rung_event,
    somebody_waits,
    taken_back,
    task,
    task_event,
)

AFTER = timedelta(minutes=5)
BACK = NOW + timedelta(days=21)  # when the house runs again


@pytest.fixture
async def room(start_service: StartService, smtp_sink: SmtpSink) -> Room:
    smtp_sink.clear()
    started = await start_service("notify", smtp_host="127.0.0.1", smtp_port=smtp_sink.port)
    await enter_agencies(started)
    await started.set_clock(BACK)
    return started


def missed(
    seed: object, rung: str, days: int, rule: str = "R5.1e", fired: datetime = BACK
) -> Event:
    """Due `days` after NOW, fired when the house was back."""
    due = NOW + timedelta(days=days)
    return rung_event(rung, task(seed).name, rule, due=due, fired=fired)


async def known(room: Room, *seeds: object) -> None:
    await apply(room, "tasks", *(task_event("TaskAccepted", task(seed)) for seed in seeds))


async def digests_of(room: Room, slug: str) -> list[notice_pb2.Notice]:
    return await notices_of(room, slug, kind=notice_pb2.NOTICE_KIND_MISSED_DIGEST)


@pytest.mark.rule("R2.4", "R9.2d")
async def test_what_was_missed_is_told_to_each_agency_in_one_notice_and_one_mail(
    room: Room, smtp_sink: SmtpSink
) -> None:
    await known(room, *range(6))
    for seed in range(6):
        await apply(room, "tasks", missed(seed, "due_soon", 1), missed(seed, "overdue", 4))
    await apply(room, "tasks", missed(0, "update_missing", 9, "R7.2a"))
    assert await notices_of(room, LEAD) == await deliveries(room) == []

    await room.set_clock(BACK + AFTER)
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == 3)
    assert sorted(mail.recipients[0] for mail in mails) == sorted(
        f"{slug}@dondoc.example" for slug in (LEAD, MONITORING, OFFICE_SLUG)
    )
    (told,) = await notices_of(room, LEAD)
    assert told.kind == notice_pb2.NOTICE_KIND_MISSED_DIGEST
    assert (told.subject, told.event) == ("", "")
    assert from_timestamp(told.occur_time) == BACK + AFTER
    # Of each limit the latest standing: the tasks are overdue, no longer due soon.
    assert "7 việc" in told.title
    assert told.body.count("Nhiệm vụ quá hạn: Văn bản số 374/UBND-VXNV ngày 01/03/2024.") == 6
    assert told.body.count("Chưa cập nhật tình hình") == 1
    assert "sắp đến hạn" not in told.body
    assert "Nội dung nhiệm vụ: Xây dựng kế hoạch" in told.body
    # What the sink has is not on record at once.
    found = await eventually(lambda: deliveries(room, "DELIVERED"), lambda found: len(found) == 3)
    assert {mail.message_id for mail in mails} == {one.message_id for one in found}


async def test_what_fires_on_its_own_day_is_told_at_once_and_by_itself(room: Room) -> None:
    await known(room, 1)
    evening = datetime.fromisoformat("2024-03-05T16:59:00+00:00")  # 23:59 in Ho Chi Minh City
    late = rung_event("overdue", task(1).name, due=NOW, fired=evening)
    await apply(room, "tasks", late)
    (told,) = await notices_of(room, LEAD)
    assert told.kind == notice_pb2.NOTICE_KIND_OVERDUE


async def test_a_straggler_makes_a_further_digest_and_nothing_is_told_twice(
    room: Room, smtp_sink: SmtpSink
) -> None:
    await known(room, 1, 2)
    first, straggler = missed(1, "due_soon", 1), missed(2, "due_soon", 2)
    await apply(room, "tasks", first)
    await room.set_clock(BACK + AFTER)
    await apply(room, "tasks", straggler)
    await room.set_clock(BACK + 2 * AFTER)
    # A replay forgets what was read: the same events come as if they were new.
    async with db.transaction(room.engine) as connection:
        await connection.exec_driver_sql("DELETE FROM inbox")
    await apply(room, "tasks", straggler, first)
    await room.set_clock(BACK + 10 * AFTER)
    assert ["1 việc" in told.title for told in await digests_of(room, LEAD)] == [True, True]
    mails = await smtp_sink.wait_for(lambda mails: len(mails) == 2)
    assert len({mail.message_id for mail in mails}) == 2


async def test_a_digest_is_told_once_by_two_replicas_and_survives_a_restart(
    room: Room, start_service: StartService
) -> None:
    await known(room, 1)
    await apply(room, "tasks", missed(1, "overdue", 1))
    async with db.transaction(room.engine) as connection:
        await connection.exec_driver_sql(
            f"UPDATE simulated_clock SET now = '{(BACK + AFTER).isoformat()}'"
        )
    # As after a restart: timers of another process, on what lies in the database.
    wirings = [DEFINITION.wire(room.running.kernel) for _ in range(2)]
    timers = [t for wiring in wirings for t in wiring.timers if isinstance(t, DigestTimer)]
    assert sum(await asyncio.gather(*(timer.run() for timer in timers))) == 2
    assert len(await digests_of(room, LEAD)) == len(await digests_of(room, MONITORING)) == 1
    assert await digests_of(room, COORDINATING) == []


async def test_the_simulated_clock_stops_at_a_digest_and_waits_for_it(room: Room) -> None:
    await known(room, 1)
    await apply(room, "tasks", missed(1, "due_soon", 1))

    async def time() -> clock_pb.Time:
        told = await room.call(ClockControlServiceStub, "GetTime", clock_pb.GetTimeRequest())
        assert isinstance(told, clock_pb.Time)
        return told

    assert from_timestamp((await time()).next_fire_time) == BACK + AFTER
    stamp = (await time()).next_fire_time
    await room.call(ClockControlServiceStub, "SetTime", clock_pb.SetTimeRequest(time=stamp))
    assert (await time()).queued_deliveries == 1
    await room.call(ClockControlServiceStub, "RunTimers", clock_pb.RunTimersRequest())
    after = await time()
    assert not after.HasField("next_fire_time")
    assert len(await digests_of(room, LEAD)) == 1


@pytest.mark.rule("R5.2a", "R5.2g")
async def test_a_digest_tells_number_and_date_of_a_classified_directive_only(
    room: Room, smtp_sink: SmtpSink
) -> None:
    secret = task("secret", secrecy=document_pb2.SECRECY_SECRET)
    await apply(room, "tasks", task_event("TaskForwarded", secret))
    await smtp_sink.wait_for(lambda mails: len(mails) == 2)
    smtp_sink.clear()
    fired = rung_event("overdue", secret.name, classified=True, due=NOW, fired=BACK)
    await apply(room, "tasks", fired)
    await room.set_clock(BACK + AFTER)
    (told,) = await digests_of(room, LEAD)
    listed = told.body.split("\n\n")[1]
    assert listed == "1. Nhiệm vụ quá hạn: Văn bản số 374/UBND-VXNV ngày 01/03/2024."
    for mail in await smtp_sink.wait_for(lambda mails: len(mails) == 2):
        assert SECRET not in f"{mail.message['Subject']}\n{mail.message.get_content()}"
    async with room.engine.connect() as connection:
        assert (await connection.execute(select(digest_entry.c.words).distinct())).all() == [
            (None,)
        ]
    for values in ({"words": SECRET}, {"document_code": SECRET}):
        with pytest.raises(db.StorageError) as refused:
            async with db.transaction(room.engine) as connection:
                await connection.execute(update(digest_entry).values(values))
        assert refused.value.sqlstate == db.CHECK_VIOLATION
        assert SECRET not in str(refused.value)


async def test_an_entry_that_meets_the_telling_begins_a_further_digest(room: Room) -> None:
    """The timer holds the digest while an entry arrives: it waits, then is told by the next one."""
    await known(room, 1, 2)
    await apply(room, "tasks", missed(1, "due_soon", 1))
    async with room.engine.begin() as telling:
        await telling.execute(update(digest).values(told_at=BACK))
        arriving = asyncio.create_task(apply(room, "tasks", missed(2, "due_soon", 2)))
        await somebody_waits(room.engine)
        assert not arriving.done()
    await arriving
    async with room.engine.connect() as connection:
        found = (await connection.execute(select(digest.c.told_at, digest.c.key))).all()
    assert sorted((told is None, key) for told, key in found) == [
        (False, "2024-03-26"), (True, "2024-03-26"),
    ]  # fmt: skip


async def test_what_was_taken_back_before_the_telling_is_not_told(
    room: Room, smtp_sink: SmtpSink
) -> None:
    await known(room, 1, 2)
    first, second = missed(1, "overdue", 1), missed(2, "overdue", 1)
    # In the order of the stream, and overtaken.
    await apply(
        room, "tasks", first, taken_back(first, 2, BACK), taken_back(second, 2, BACK), second
    )
    await room.set_clock(BACK + AFTER)
    assert await notices_of(room, LEAD) == await deliveries(room) == smtp_sink.received() == []


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize("overtaken", [False, True])
async def test_a_notice_that_is_not_true_any_more_is_marked_and_leaves_the_unread_ones(
    room: Room, overtaken: bool
) -> None:
    await known(room, 1)
    fired = rung_event("overdue", task(1).name)
    revoked, restored = taken_back(fired, 2, BACK), taken_back(fired, 3, None)
    await apply(room, "tasks", *((revoked, fired) if overtaken else (fired, revoked)))
    (told,) = await notices_of(room, LEAD)
    assert from_timestamp(told.withdraw_time) == BACK
    assert told.title.startswith("Không còn hiệu lực: Nhiệm vụ quá hạn: ")
    assert await notices_of(room, LEAD, unread_only=True) == []

    again = taken_back(fired, 4, BACK)
    await apply(room, "tasks", again, restored)  # the older one comes last
    (told,) = await notices_of(room, LEAD)
    assert told.HasField("withdraw_time")
    await apply(room, "tasks", taken_back(fired, 5, None))
    (told,) = await notices_of(room, LEAD, unread_only=True)
    assert not told.HasField("withdraw_time")
    assert told.title.startswith("Nhiệm vụ quá hạn: ")
