"""E-mails on their way to a real SMTP server: recorded before they are sent, sent once, seen when not."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import update

from embedded.smtp_sink import SmtpSink
from services.kernel.runtime import db
from services.kernel.runtime.service import Running, build
from services.notify.adapters import delivery_store
from services.notify.adapters.tables import delivery
from services.notify.application.deliver import Deliverer
from services.notify.bootstrap import DEFINITION
from tests.fixtures.eventually import eventually
from tests.fixtures.house import OFFICE_SLUG, Room, StartService, verifier
from tests.fixtures.ports import held_port
from tests.integration.notify.notify_facts import (
    LEAD,
    LONG_LEASE,
    TRACE,
    Work,
    agency_event,
    apply,
    deliveries,
    enter_agencies,
    task,
    task_event,
)


@pytest.fixture
def sink(smtp_sink: SmtpSink) -> SmtpSink:
    smtp_sink.clear()
    return smtp_sink


@pytest_asyncio.fixture
async def room(start_service: StartService, sink: SmtpSink) -> Room:
    """Looks often, and tries again at once."""
    started = await start_service(
        "notify",
        smtp_host="127.0.0.1",
        smtp_port=sink.port,
        smtp_from="thong-bao@dondoc.example",
        retry_base_seconds=0.02,
        delivery_poll_seconds=0.02,
        **LONG_LEASE,
    )
    await enter_agencies(started)
    return started


async def until(room: Room, **wanted: int) -> list[notice_pb2.Delivery]:
    """E-mails, as soon as that many of them are in each named state."""

    def holds(found: list[notice_pb2.Delivery]) -> bool:
        states = (notice_pb2.DeliveryState.Name(d.state) for d in found)
        return Counter(state.removeprefix("DELIVERY_STATE_") for state in states) == wanted

    return await eventually(lambda: deliveries(room), holds)


async def come_due(room: Room) -> None:
    """The next attempt of every mail that waits for one: its lease or its back-off is over."""
    waits = delivery.c.next_attempt_at.is_not(None)
    async with db.transaction(room.engine) as connection:
        await connection.execute(
            update(delivery).where(waits).values(next_attempt_at=delivery.c.queued_at)
        )


def confirmed(seed: object = 1) -> Any:
    """One e-mail, to the lead."""
    return task_event("TaskConfirmed", task(seed))


@pytest.mark.rule("R9.2d", "R11")
async def test_an_email_reaches_the_officer_with_words_and_an_id_of_its_own(
    room: Room, sink: SmtpSink
) -> None:
    await apply(room, "tasks", confirmed())
    (mail,) = await sink.wait_for(lambda mails: len(mails) == 1)
    (sent,) = await until(room, DELIVERED=1)
    assert mail.recipients == [f"{LEAD}@dondoc.example"]
    assert mail.message["From"] == "thong-bao@dondoc.example"
    assert mail.message["Subject"] == (
        "Kết quả thực hiện nhiệm vụ được xác nhận: Văn bản số 374/UBND-VXNV ngày 01/03/2024"
    )
    assert "Nội dung nhiệm vụ: Xây dựng kế hoạch" in mail.message.get_content()
    assert mail.message["Date"] is not None
    assert mail.message_id == sent.message_id
    assert sent.message_id.endswith("@dondoc.example>")
    assert (sent.attempts, sent.failure) == (1, "")
    assert sent.HasField("deliver_time")


async def test_a_mail_that_is_refused_for_now_is_sent_again_until_it_is_taken(
    room: Room, sink: SmtpSink
) -> None:
    sink.refuse_next(2)
    await apply(room, "tasks", confirmed())
    (sent,) = await until(room, DELIVERED=1)
    assert sent.attempts == 3
    assert [mail.message_id for mail in sink.received()] == [sent.message_id]


async def test_a_mail_without_answer_is_uncertain_and_goes_out_again_under_the_same_id(
    start_service: StartService, sink: SmtpSink
) -> None:
    room = await start_service(
        "notify", smtp_host="127.0.0.1", smtp_port=sink.port, retry_base_seconds=3600, **LONG_LEASE
    )
    await enter_agencies(room)
    sink.drop_next(1)
    await apply(room, "tasks", confirmed())
    # While the attempt is under way the mail is UNCERTAIN too, and has no failure yet.
    (uncertain,) = await eventually(
        lambda: until(room, UNCERTAIN=1), lambda found: bool(found[0].failure)
    )
    assert (uncertain.attempts, uncertain.failure) == (1, "NO_ANSWER")
    await come_due(room)
    (sent,) = await until(room, DELIVERED=1)
    assert sent.attempts == 2
    assert [mail.message_id for mail in sink.received()] == [sent.message_id] * 2
    first, second = (mail.path.read_bytes() for mail in sink.received())
    assert first == second


async def test_a_replica_that_dies_before_its_record_leaves_a_mail_that_is_sent_again(
    start_service: StartService, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kill itself is proved with processes; here the attempt ends without a record."""
    room = await start_service("notify", smtp_host="127.0.0.1", smtp_port=sink.port, **LONG_LEASE)
    await enter_agencies(room)
    died = asyncio.Event()

    def reached(name: str) -> None:
        if name == "notify.after_smtp_before_record" and not died.is_set():
            died.set()
            raise OSError("dies here")

    monkeypatch.setattr("services.notify.application.deliver.crashpoints.reached", reached)
    await apply(room, "tasks", confirmed())
    await died.wait()
    (left,) = await until(room, UNCERTAIN=1)
    assert (left.attempts, left.failure) == (1, "")
    await come_due(room)
    (sent,) = await until(room, DELIVERED=1)
    assert sent.attempts == 2
    assert [mail.message_id for mail in sink.received()] == [sent.message_id] * 2


async def test_two_replicas_send_each_mail_once(
    start_service: StartService, sink: SmtpSink
) -> None:
    room = await start_service("notify", smtp_host="127.0.0.1", smtp_port=sink.port, **LONG_LEASE)
    await enter_agencies(room)
    kernel = build(DEFINITION, room.running.kernel.settings, verifier())
    other = Running(kernel, DEFINITION)
    await other.start()
    try:
        await apply(room, "tasks", *(confirmed(seed) for seed in range(60)))
        sent = await until(room, DELIVERED=60)
    finally:
        await other.stop()
    assert {d.attempts for d in sent} == {1}
    mails = Counter(mail.message_id for mail in sink.received())
    assert mails == Counter({d.message_id: 1 for d in sent})


async def test_a_mail_server_that_is_away_is_waited_for(
    start_service: StartService, tmp_path: Any
) -> None:
    with held_port() as port:
        room = await start_service(
            "notify", smtp_host="127.0.0.1", smtp_port=port, retry_base_seconds=3600, **LONG_LEASE
        )
        await enter_agencies(room)
        await apply(room, "tasks", confirmed(1), confirmed(2))
        failed = await until(room, FAILED=2)
        assert {d.failure for d in failed} == {"CONNECT"}
        with SmtpSink(tmp_path, port) as back:
            await come_due(room)
            await until(room, DELIVERED=2)
            assert len(back.received()) == 2


async def test_an_address_that_is_none_stays_visible_and_is_sent_after_it_was_mended(
    room: Room, sink: SmtpSink
) -> None:
    await apply(room, "directives", agency_event(LEAD, 2, "không phải@địa chỉ"))
    await apply(room, "tasks", confirmed())
    (stuck,) = await until(room, UNDELIVERABLE=1)
    assert stuck.failure == "WRONG_ADDRESS"
    await apply(room, "directives", agency_event(LEAD, 3, "moi@dondoc.example"))
    request = pb.RetryDeliveryRequest(request_id=str(uuid.uuid4()), name=stuck.name)
    queued = await room.call(NotifyServiceStub, "RetryDelivery", request)
    assert queued.state == notice_pb2.DELIVERY_STATE_QUEUED
    assert await room.call(NotifyServiceStub, "RetryDelivery", request) == queued
    (sent,) = await until(room, DELIVERED=1)
    (mail,) = sink.received()
    assert mail.recipients == ["moi@dondoc.example"]
    assert mail.message_id == stuck.message_id == sent.message_id


async def test_what_was_delivered_is_not_sent_again_on_request(room: Room, sink: SmtpSink) -> None:
    await apply(room, "tasks", confirmed())
    (sent,) = await until(room, DELIVERED=1)
    inbox = sent.name.replace("/email", "/inbox")
    for name in (sent.name, inbox):
        request = pb.RetryDeliveryRequest(request_id=str(uuid.uuid4()), name=name)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await room.call(NotifyServiceStub, "RetryDelivery", request)
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    unknown = pb.RetryDeliveryRequest(
        request_id=str(uuid.uuid4()), name=f"notices/{uuid.uuid4()}/deliveries/email"
    )
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await room.call(NotifyServiceStub, "RetryDelivery", unknown)
    assert missing.value.code() is grpc.StatusCode.NOT_FOUND
    assert len(sink.received()) == 1


async def test_after_its_timers_ran_a_service_on_the_simulated_clock_has_nothing_queued(
    start_service: StartService, sink: SmtpSink, resting_worker: Work
) -> None:
    room = await start_service("notify", smtp_host="127.0.0.1", smtp_port=sink.port, **LONG_LEASE)
    await enter_agencies(room)
    await apply(room, "tasks", *(confirmed(seed) for seed in range(20)))
    told = await room.call(ClockControlServiceStub, "GetTime", clock_pb.GetTimeRequest())
    assert told.queued_deliveries == 20
    told = await room.call(ClockControlServiceStub, "RunTimers", clock_pb.RunTimersRequest())
    assert told.queued_deliveries == 0
    assert not told.HasField("next_fire_time")
    assert len(sink.received()) == 20


async def test_a_stopping_service_sends_what_it_began_and_gives_the_rest_back(
    room: Room, sink: SmtpSink
) -> None:
    await apply(room, "tasks", *(confirmed(seed) for seed in range(80)))
    await sink.wait_for(lambda mails: len(mails) >= 3)
    await room.running.stop()
    kernel = build(DEFINITION, room.running.kernel.settings, verifier())
    async with kernel.engine.connect() as connection:
        found = await connection.exec_driver_sql(
            "SELECT state, attempts, count(*) FROM delivery WHERE channel = 'EMAIL' GROUP BY 1, 2"
        )
        left = {(state, attempts): number for state, attempts, number in found}
    await kernel.engine.dispose()
    assert set(left) <= {("DELIVERED", 1), ("QUEUED", 0)}
    assert left["DELIVERED", 1] == len(sink.received())


async def test_a_mail_under_way_is_recorded_however_often_its_worker_is_asked_to_stop(
    resting_worker: Work,
    room: Room,
    sink: SmtpSink,
    monkeypatch: pytest.MonkeyPatch,
    deliverer: Deliverer,
) -> None:
    sent, may_record = asyncio.Event(), asyncio.Event()
    record = delivery_store.record

    async def held(*arguments: Any) -> None:
        sent.set()
        await may_record.wait()
        await record(*arguments)

    monkeypatch.setattr(delivery_store, "record", held)
    await apply(room, "tasks", confirmed())
    working = asyncio.create_task(resting_worker(deliverer))
    await sent.wait()
    for _ in range(3):
        working.cancel()
        await until(room, UNCERTAIN=1)  # time enough to hear it
    may_record.set()
    await asyncio.wait([working])
    assert working.cancelled()
    (recorded,) = await until(room, DELIVERED=1)
    assert [mail.message_id for mail in sink.received()] == [recorded.message_id]


@pytest_asyncio.fixture
async def spans() -> AsyncIterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    processor = SimpleSpanProcessor(exporter)
    provider.add_span_processor(processor)
    yield exporter
    processor.shutdown()


async def test_the_conversation_is_a_span_in_the_trace_of_the_event(
    room: Room, sink: SmtpSink, spans: InMemorySpanExporter
) -> None:
    await apply(room, "tasks", confirmed())
    (sent,) = await until(room, DELIVERED=1)

    async def mails() -> list[ReadableSpan]:
        return [s for s in spans.get_finished_spans() if s.name == "send mail"]

    (span,) = await eventually(mails)  # it ends after the record that was seen
    assert span.context is not None
    assert format(span.context.trace_id, "032x") == TRACE.split("-")[1]
    assert (span.attributes or {})["messaging.message.id"] == sent.message_id
    assert "Xây dựng" not in span.to_json()


async def test_an_agency_without_an_officer_is_told_in_its_inbox_alone(
    room: Room, sink: SmtpSink
) -> None:
    await apply(room, "directives", agency_event(LEAD, 2, ""))
    await apply(room, "tasks", confirmed(), task_event("TaskReturned", task(2)))
    (mail,) = await sink.wait_for(lambda mails: len(mails) == 1)
    assert mail.recipients == [f"{OFFICE_SLUG}@dondoc.example"]
    found = await until(room, DELIVERED=1, UNDELIVERABLE=1)
    (lacking,) = [d for d in found if d.state == notice_pb2.DELIVERY_STATE_UNDELIVERABLE]
    assert (lacking.agency, lacking.failure) == (f"agencies/{LEAD}", "NO_ADDRESS")
