"""Events of other services, as their relays publish them, and a notify service that is fed with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directory.v1 import agency_pb2
from dondoc.limits.v1.clock_pb2 import Clock, Rung, RungFired, RungRevoked
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.tasks.v1 import events_pb2, task_pb2
from dondoc.type.v1 import document_pb2
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.message import Message
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kernel.runtime.ids import derived, event_id
from services.kernel.runtime.protos import to_date, to_timestamp, without_content
from services.notify.application.deliver import Deliverer
from tests.fixtures.eventually import PATIENCE_SECONDS
from tests.fixtures.house import OFFICE_SLUG, Room, token

NOW = datetime(2024, 3, 5, 2, 0, tzinfo=UTC)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)  # real time of the first event
LEAD, COORDINATING, MONITORING = "so-noi-vu", "so-tu-phap", "thanh-tra-tinh"
SECRET = "Câu mật không được lọt ra ngoài"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
# Far longer than a slow machine needs for a mail: no attempt is given up, and made a second time.
LONG_LEASE = {"uncertain_after_seconds": 240, "smtp_timeout_seconds": 60}
Work = Callable[[Deliverer], Coroutine[Any, Any, None]]
_ticks = count()


def event(
    type: str, aggregate: str, version: int, data: Message, occurred: datetime = NOW
) -> Event:
    made = Event(
        id=str(event_id(aggregate, version)),
        type=type,
        aggregate=aggregate,
        version=version,
        occur_time=to_timestamp(occurred),
        record_time=to_timestamp(RECORDED + timedelta(seconds=next(_ticks))),
        traceparent=TRACE,
    )
    made.data.Pack(data)
    return made


def agency_event(slug: str, version: int = 1, email: str | None = None, **fields: Any) -> Event:
    """With the officer's mailbox `<slug>@dondoc.example`, unless told otherwise."""
    address = f"{slug}@dondoc.example" if email is None else email
    office = slug == OFFICE_SLUG
    kind = agency_pb2.AGENCY_KIND_OFFICE if office else agency_pb2.AGENCY_KIND_DEPARTMENT
    agency = agency_pb2.Agency(
        name=f"agencies/{slug}", display_name=f"Cơ quan {slug}", kind=kind, **fields
    )
    if address:
        agency.officer.email = address
    return event("AgencyChanged", agency.name, version, agency)


def task_name(seed: object) -> str:
    return f"tasks/{derived('test task', seed)}"


def task(seed: object = 1, *, secrecy: int = document_pb2.SECRECY_NONE, **fields: Any) -> Any:
    header = task_pb2.DirectiveHeader(
        name=f"directives/{derived('test directive', seed)}",
        document_code="374/UBND-VXNV",
        issue_date=to_date(date(2024, 3, 1)),
        secrecy=secrecy,  # type: ignore[arg-type]
        abstract="V/v chuẩn bị lễ hội" if secrecy == document_pb2.SECRECY_NONE else SECRET,
    )
    made = task_pb2.Task(
        name=task_name(seed),
        directive=header,
        lead_agency=f"agencies/{LEAD}",
        coordinating_agencies=[f"agencies/{COORDINATING}"],
        monitoring_agency=f"agencies/{MONITORING}",
        content="Xây dựng kế hoạch" if secrecy == document_pb2.SECRECY_NONE else SECRET,
    )
    made.limit.due_date.CopyFrom(to_date(date(2024, 3, 29)))
    made.MergeFrom(task_pb2.Task(**fields))
    return made


def task_event(type: str, data: Any, version: int = 1) -> Event:
    """Of a classified task the twin without content, as `tasks` publishes it."""
    if data.directive.secrecy != document_pb2.SECRECY_NONE:
        data = without_content(data, events_pb2.ClassifiedTask())
    return event(type, data.name, version, data)


def directive(seed: object = 1, monitoring: str = MONITORING) -> Directive:
    return Directive(
        name=f"directives/{derived('test directive', seed)}",
        document_code="374/UBND-VXNV",
        issue_date=to_date(date(2024, 3, 1)),
        secrecy=document_pb2.SECRECY_NONE,
        abstract="V/v chuẩn bị lễ hội",
        monitoring_agency=f"agencies/{monitoring}" if monitoring else "",
    )


def rung_event(
    rung: str,
    subject: str,
    rule: str = "R5.1e",
    owed_by: str = LEAD,
    classified: bool = False,
    due: datetime = NOW,
    fired: datetime | None = None,
) -> Event:
    """`fired` is when the timer came to it, at once unless told otherwise."""
    clock = Clock(
        name=f"{subject}/clocks/{derived('test clock', subject, rule)}",
        subject=subject,
        rule=rule,
        article="điểm e khoản 1 Điều 5",
        profile="69/2019/QĐ-UBND",
        profile_version="1",
        owed_by=f"agencies/{owed_by}",
        last_day=to_date(date(2024, 3, 29)),
    )
    said = Rung(
        rung=rung,
        generation=1,
        fire_time=to_timestamp(due),
        fired_time=to_timestamp(fired or due),
    )
    data = RungFired(clock=clock, rung=said, classified=classified)
    return event("RungFired", f"{clock.name}/rungs/{rung}.1", 1, data, due)


def taken_back(fired: Event, version: int, at: datetime | None) -> Event:
    """The rung of the event `fired` is revoked at `at`; with None restored."""
    said = RungFired()
    fired.data.Unpack(said)
    data = RungRevoked(clock=said.clock, rung=said.rung)
    if at:
        data.rung.revoke_time.FromDatetime(at)
    return event("RungRevoked" if at else "RungRestored", fired.aggregate, version, data)


async def apply(room: Room, stream: str, *events: Event) -> None:
    """Straight to the consumer, as it comes from the stream."""
    consumer = next(c for c in room.running.consumers if c.stream == stream)
    for one in events:
        await consumer.apply(one)


async def enter_agencies(room: Room) -> None:
    slugs = (OFFICE_SLUG, LEAD, COORDINATING, MONITORING)
    await apply(room, "directives", *(agency_event(slug) for slug in slugs))


async def notices_of(room: Room, slug: str, **filters: Any) -> list[notice_pb2.Notice]:
    """Newest first."""
    role = "office" if slug == OFFICE_SLUG else "department"
    request = pb.ListNoticesRequest(**filters)
    response = await room.call(NotifyServiceStub, "ListNotices", request, token(slug, role))
    return list(response.notices)


async def told(room: Room) -> set[tuple[str, str]]:
    """(agency, kind) of everything in the inboxes."""
    found = set()
    for slug in (OFFICE_SLUG, LEAD, COORDINATING, MONITORING):
        for notice in await notices_of(room, slug):
            kind = notice_pb2.NoticeKind.Name(notice.kind).removeprefix("NOTICE_KIND_")
            found.add((slug, kind))
    return found


async def deliveries(room: Room, state: str = "UNSPECIFIED") -> list[notice_pb2.Delivery]:
    """Of e-mails, newest first."""
    request = pb.ListDeliveriesRequest(
        state=notice_pb2.DeliveryState.Value(f"DELIVERY_STATE_{state}"), page_size=500
    )
    response = await room.call(NotifyServiceStub, "ListDeliveries", request)
    return [d for d in response.deliveries if d.channel == notice_pb2.CHANNEL_EMAIL]


async def somebody_waits(engine: AsyncEngine) -> None:
    """Returns when a transaction of this database waits for a lock that another one holds."""
    waiting = text(
        """
        SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE NOT granted AND datname = current_database()
        """
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with engine.connect() as connection:
                if await connection.scalar(waiting):
                    return
