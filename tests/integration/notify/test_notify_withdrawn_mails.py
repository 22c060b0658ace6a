"""A mail whose notice is taken back before it went out is not sent; restored, it is sent once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.type.v1.event_pb2 import Event

from embedded.smtp_sink import SmtpSink
from services.kernel.runtime import db
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.notify.adapters import delivery_store, withdrawal_store
from services.notify.adapters.event_reading import taken_back_of
from services.notify.application.deliver import Deliverer
from tests.fixtures.house import Room, StartService
from tests.integration.notify.notify_facts import (
    LEAD,
    LONG_LEASE,
    NOW,
    Work,
    agency_event,
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

AT = NOW + timedelta(days=1)


@pytest.fixture
async def room(start_service: StartService, smtp_sink: SmtpSink, resting_worker: Work) -> Room:
    smtp_sink.clear()
    started = await start_service(
        "notify", smtp_host="127.0.0.1", smtp_port=smtp_sink.port, **LONG_LEASE
    )
    await enter_agencies(started)
    await apply(started, "tasks", task_event("TaskAccepted", task()))
    return started


def due_soon() -> Event:
    """One mail, to the lead."""
    return rung_event("due_soon", task().name)


async def state(room: Room) -> str:
    """Of the one mail there is."""
    (one,) = await deliveries(room)
    return notice_pb2.DeliveryState.Name(one.state).removeprefix("DELIVERY_STATE_")


async def post(room: Room) -> int:
    """Sends what is to be sent now; what is left then."""
    request = clock_pb.RunTimersRequest()
    told: clock_pb.Time = await room.call(ClockControlServiceStub, "RunTimers", request)
    return told.queued_deliveries


@pytest.mark.rule("R6.1d")
@pytest.mark.parametrize("overtaken", [False, True])
async def test_a_queued_mail_of_a_withdrawn_notice_is_not_sent_until_that_is_restored(
    room: Room, smtp_sink: SmtpSink, overtaken: bool
) -> None:
    fired = due_soon()
    revoked = taken_back(fired, 2, AT)
    await apply(room, "tasks", *((revoked, fired) if overtaken else (fired, revoked)))
    assert await state(room) == "WITHDRAWN"
    assert await post(room) == 0
    assert smtp_sink.received() == []
    assert len(await deliveries(room, "WITHDRAWN")) == 1
    assert await deliveries(room, "QUEUED") == []

    await apply(room, "tasks", taken_back(fired, 3, None))
    assert await state(room) == "QUEUED"
    assert await deliveries(room, "WITHDRAWN") == []
    assert await post(room) == 0
    assert await state(room) == "DELIVERED"
    assert len(smtp_sink.received()) == 1
    # A mail that was sent stays sent.
    await apply(room, "tasks", taken_back(fired, 4, AT))
    assert await state(room) == "DELIVERED"


async def test_a_mail_that_failed_is_not_tried_again_while_its_notice_is_withdrawn(
    room: Room, smtp_sink: SmtpSink
) -> None:
    fired = due_soon()
    await apply(room, "tasks", fired)
    smtp_sink.refuse_next(1)
    await post(room)
    await apply(room, "tasks", taken_back(fired, 2, AT))
    assert await state(room) == "WITHDRAWN"
    (one,) = await deliveries(room)
    request = pb.RetryDeliveryRequest(request_id=str(uuid.uuid4()), name=one.name)
    with pytest.raises(grpc.aio.AioRpcError, match="once it is restored") as refused:
        await room.call(NotifyServiceStub, "RetryDelivery", request)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert smtp_sink.received() == []
    await apply(room, "tasks", taken_back(fired, 3, None))
    request = pb.RetryDeliveryRequest(request_id=str(uuid.uuid4()), name=one.name)
    await room.call(NotifyServiceStub, "RetryDelivery", request)
    await post(room)
    (sent,) = await deliveries(room)
    assert (sent.state, sent.attempts) == (notice_pb2.DELIVERY_STATE_DELIVERED, 2)
    assert len(smtp_sink.received()) == 1


async def test_an_officer_who_is_named_later_gets_no_mail_of_a_withdrawn_notice(
    room: Room, smtp_sink: SmtpSink
) -> None:
    named = agency_event(LEAD, 3)  # recorded before the reminder, read after it
    await apply(room, "directives", agency_event(LEAD, 2, ""))
    fired = due_soon()
    await apply(room, "tasks", fired, taken_back(fired, 2, AT))
    assert await state(room) == "UNDELIVERABLE"
    await apply(room, "directives", named)
    assert await state(room) == "WITHDRAWN"
    await post(room)
    assert smtp_sink.received() == []


async def test_who_takes_back_first_holds_the_mail_against_every_worker(
    room: Room, smtp_sink: SmtpSink, deliverer: Deliverer
) -> None:
    fired = due_soon()
    await apply(room, "tasks", fired)
    back = taken_back_of(taken_back(fired, 2, AT))
    assert back
    async with db.transaction(room.engine) as connection:
        await withdrawal_store.keep(UnitOfWork(connection, AT), back.event, 2, back.at)
        assert await deliverer.run() == 0
    assert await deliverer.run() == 0
    assert await state(room) == "WITHDRAWN"
    await apply(room, "tasks", taken_back(fired, 3, None))
    assert await deliverer.run() == 1
    assert len(smtp_sink.received()) == 1


@pytest.mark.parametrize("refused", [False, True])
async def test_a_worker_that_claimed_first_makes_its_attempt_and_no_other(
    room: Room,
    smtp_sink: SmtpSink,
    deliverer: Deliverer,
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    fired = due_soon()
    await apply(room, "tasks", fired)
    if refused:
        smtp_sink.refuse_next(1)
    withdrawing: list[asyncio.Task[None]] = []
    monkeypatch.setattr(delivery_store, "claim", _claim_while_withdrawing(room, fired, withdrawing))
    assert await deliverer.run() == 1
    await withdrawing[0]
    (notice,) = await notices_of(room, LEAD)
    assert notice.HasField("withdraw_time")
    assert await state(room) == ("WITHDRAWN" if refused else "DELIVERED")
    assert len(smtp_sink.received()) == (0 if refused else 1)
    await apply(room, "tasks", taken_back(fired, 3, None))
    assert await deliverer.run() == (1 if refused else 0)
    assert await state(room) == "DELIVERED"
    assert len(smtp_sink.received()) == 1


def _claim_while_withdrawing(
    room: Room, fired: Event, withdrawing: list[asyncio.Task[None]]
) -> Callable[..., Any]:
    """The first claim is committed when the withdrawal already waits for the row it holds; the next
    one comes when the withdrawal is done, which would else wait for the row of that one too."""
    claim = delivery_store.claim

    async def claimed(*arguments: Any) -> list[Any]:
        if withdrawing:
            await withdrawing[0]
        rows = await claim(*arguments)
        if rows and not withdrawing:
            withdrawing.append(asyncio.create_task(apply(room, "tasks", taken_back(fired, 2, AT))))
            await somebody_waits(room.engine)
        return rows

    return claimed
