"""Each rung fires once, whatever is killed and however long everything stood still."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import grpc
import pytest
from dondoc.directives.v1 import directive_pb2, directive_service_pb2
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.notify.v1 import notice_pb2, notify_service_pb2
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.tasks.v1 import task_pb2, task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2
from sqlalchemy import select

from embedded.smtp_sink import SmtpSink
from services.kernel.limits.adapters.tables import rung
from services.kernel.runtime.protos import to_date, to_timestamp
from services.kernel.runtime.tables import event_log
from tests.e2e.test_crashes import replace_replicas, rows, settle
from tests.fixtures.eventually import PATIENCE_SECONDS
from tests.fixtures.house import token
from tests.fixtures.processes import Process, Street
from tests.fixtures.province import Province
from tests.fixtures.quarter import enter_directory, forward, office, set_clock
from tests.fixtures.world import NOW, RELATIONS, directive, new_id

LEAD = RELATIONS["lead"]
# Each mail is counted: none is sent again because the machine was slow.
PATIENT = {"DONDOC_SMTP_TIMEOUT_SECONDS": "120", "DONDOC_UNCERTAIN_AFTER_SECONDS": "600"}
POINTS = ["timer.after_claim", "timer.before_commit", "timer.after_commit"]


def due_on(number: int, day: date) -> directive_pb2.Directive:
    made = directive(str(number))
    made.items[0].limit.due_date.CopyFrom(to_date(day))
    return made


async def begin(street: Street, *services: str) -> None:
    for service in services:
        await street.start(service, **(PATIENT if service == "notify" else {}))
    await set_clock(street)
    await enter_directory(street)


async def fired(street: Street) -> list[tuple[object, ...]]:
    query = """SELECT aggregate, occurred_at, position FROM event_log
               WHERE type = 'RungFired' ORDER BY position"""
    return await rows(street, "tasks", query)


async def run_timers(street: Street, *replicas: Process) -> None:
    """On all of them at the same moment; one that is killed by it does not answer."""

    async def run(address: str) -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            metadata = [("authorization", f"Bearer {office(street)}")]
            try:
                await ClockControlServiceStub(channel).RunTimers(
                    clock_pb.RunTimersRequest(), metadata=metadata, timeout=PATIENCE_SECONDS
                )
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.UNAVAILABLE

    await asyncio.gather(*(run(p.address) for p in replicas if p.alive and p.address))


@pytest.mark.timeout(600)
async def test_two_replicas_fire_each_rung_once_though_one_is_killed(street: Street) -> None:
    await begin(street, "directives", "tasks", "notify")
    # Their steps come one day after the other.
    for number, day in enumerate((18, 19, 20, 21, 22, 25)):
        await forward(street, due_on(500 + number, date(2024, 3, day)))
    await settle(street)
    now = NOW
    for point in POINTS:
        armed = await replace_replicas(street, "tasks", point)
        while armed.alive:
            now += timedelta(days=1)
            assert now < datetime(2024, 5, 1, tzinfo=UTC), f"{point} was never reached"
            stamp = clock_pb.SetTimeRequest(time=to_timestamp(now))
            for service in street.processes:
                await street.call(
                    service, ClockControlServiceStub, "SetTime", stamp, office(street)
                )
            # One of two that come at the same moment has the turn: every other day it is the armed one.
            if now.day % 2:
                await run_timers(street, armed)
            await run_timers(street, *street.processes["tasks"])
        await armed.wait_killed()
        await street.start("tasks")
        await settle(street)
    now = max(now, datetime(2024, 4, 10, tzinfo=UTC))
    await set_clock(street, now)
    await settle(street)

    # Every rung that is due has fired, once in the log; nothing that is not due has.
    events = [str(aggregate) for aggregate, _, _ in await fired(street)]
    assert max(Counter(events).values()) == 1
    query = """SELECT count(*) FILTER (WHERE fired_at IS NOT NULL),
                      count(*) FILTER (WHERE fire_at <= :now) FROM rung"""
    ((said, due_by_now),) = await rows(street, "tasks", query, now=now)
    assert said == due_by_now == len(events) > 18

    # Each was told once, by itself or in one digest, to each who is to hear it.
    told = await rows(
        street,
        "notify",
        """SELECT event, agency FROM notice WHERE event IS NOT NULL
           UNION ALL SELECT event, agency FROM digest_entry""",
    )
    assert max(Counter(told).values()) == 1
    ids = {
        i
        for (i,) in await rows(street, "tasks", "SELECT id FROM event_log WHERE type = 'RungFired'")
    }
    assert {event for event, agency in told if agency == LEAD} >= ids
    mails = Counter(mail.message_id for mail in street.sink.received())
    assert max(mails.values()) == 1


async def forward_in(province: Province, number: int, due: date) -> str:
    """The task of a directive that is entered and forwarded now."""
    room = province.rooms["directives"]
    enter = directive_service_pb2.EnterDirectiveRequest(
        request_id=new_id(), directive=due_on(number, due)
    )
    entered = await room.call(DirectiveServiceStub, "EnterDirective", enter)
    request = directive_service_pb2.ForwardDirectiveRequest(request_id=new_id(), name=entered.name)
    forwarded = await room.call(DirectiveServiceStub, "ForwardDirective", request)
    return str(forwarded.items[0].tasks[0])


async def test_weeks_of_standstill_are_caught_up_in_order_and_told_in_one_mail_each(
    province: Province, smtp_sink: SmtpSink
) -> None:
    await province.begin(NOW)
    for number in range(8):
        await forward_in(province, 600 + number, date(2024, 3, 15 + number))
    await province.settle()
    smtp_sink.clear()

    # No timer runs for more than six weeks.
    back = NOW + timedelta(days=44)
    await province.set_clock(back)
    assert smtp_sink.received() == []
    await province.set_clock(back + timedelta(minutes=6))

    # In the order in which they were due, each with the time at which it was.
    async with province.rooms["tasks"].engine.connect() as connection:
        fired = select(event_log.c.occurred_at).where(event_log.c.type == "RungFired")
        occurred = list(await connection.scalars(fired.order_by(event_log.c.position)))
        said = list(await connection.execute(select(rung).where(rung.c.fired_at.is_not(None))))
    assert len(occurred) == 8 * 6  # of each task five steps, and the update that is missing
    assert occurred == sorted(row.fire_at for row in said)
    assert {row.fired_at for row in said} == {back}

    # One mail to each officer, with the latest standing of each task and limit.
    mails = smtp_sink.received()
    assert max(Counter(mail.recipients[0] for mail in mails).values()) == 1
    (to_lead,) = [mail for mail in mails if mail.recipients == [f"{LEAD}@dondoc.example"]]
    words = to_lead.message.get_content()
    assert words.count("Nhiệm vụ quá hạn:") == 8
    assert words.count("Chưa cập nhật tình hình") == 8
    assert "sắp đến hạn" not in words


@pytest.mark.rule("R6.1d")
async def test_an_extension_takes_back_overdue_in_figures_and_inbox(province: Province) -> None:
    await province.begin(NOW)
    task = await forward_in(province, 700, date(2024, 3, 15))
    await province.settle()
    lead, tasks = token(LEAD, "department", "officer"), province.rooms["tasks"]
    document = document_pb2.DocumentRef(number="1", symbol="CV", date=to_date(NOW.date()))
    asked = task_service_pb2.RequestExtensionRequest(
        request_id=new_id(), name=task, requested_due_date=to_date(date(2024, 4, 12)),
        reason=task_pb2.EXTENSION_REASON_RESOURCES, request_document=document,
    )  # fmt: skip
    await tasks.call(TaskServiceStub, "RequestExtension", asked, lead)
    overdue = datetime(2024, 3, 15, 17, tzinfo=UTC)  # 00:00 of the 16th in Ho Chi Minh City
    await province.set_clock(overdue)

    async def notice() -> notice_pb2.Notice:
        request = notify_service_pb2.ListNoticesRequest(kind=notice_pb2.NOTICE_KIND_OVERDUE)
        room = province.rooms["notify"]
        (found,) = (await room.call(NotifyServiceStub, "ListNotices", request, lead)).notices
        assert isinstance(found, notice_pb2.Notice)
        return found

    assert not (await notice()).HasField("withdraw_time")
    assert (await province.figures(overdue))["open_overdue"] == 1

    answered_at = overdue + timedelta(hours=9)
    await province.set_clock(answered_at)
    answer = task_service_pb2.AnswerExtensionRequest(
        request_id=new_id(), name=f"{task}/extensions/1", granted=True,
        granted_due_date=to_date(date(2024, 4, 12)),
        answer_document=document_pb2.DocumentRef(
            number="9", symbol="UBND-TH", date=to_date(date(2024, 3, 15))
        ),
    )  # fmt: skip
    await tasks.call(TaskServiceStub, "AnswerExtension", answer)
    await province.settle()
    told = await notice()
    assert told.HasField("withdraw_time")
    assert told.title.startswith("Không còn hiệu lực: ")
    assert (await province.figures(answered_at))["open_overdue"] == 0
    # As of the hours before the answer it was overdue, and stays so.
    assert (await province.figures(overdue))["open_overdue"] == 1
