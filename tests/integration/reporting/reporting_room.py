"""A running `reporting` on its simulated clock, and the ways in which events reach it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime, time
from functools import partial

import nats.errors
import pytest_asyncio
from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_date, to_timestamp
from tests.builders import agency_changed
from tests.fixtures.eventually import eventually
from tests.fixtures.house import Room, StartService

NOW = datetime(2024, 12, 31, 12, tzinfo=LOCAL)
NAMES = {
    "so-y-te": "Sở Y tế", "so-noi-vu": "Sở Nội vụ", "ban-thi-dua": "Ban Thi đua",
    "so-cong-thuong": "Sở Công Thương",
}  # fmt: skip


def at(month: int, day: int, hour: int = 9) -> datetime:
    """In 2024, in Asia/Ho_Chi_Minh."""
    return datetime.combine(date(2024, month, day), time(hour), LOCAL)


def agencies() -> list[Event]:
    """Ban Thi đua is below Sở Nội vụ."""
    return [
        agency_changed(slug, name, parent="so-noi-vu" if slug == "ban-thi-dua" else "")
        for slug, name in NAMES.items()
    ]


@pytest_asyncio.fixture
async def room(start_service: StartService) -> Room:
    """At noon of 31 December 2024, with four agencies."""
    room = await start_service("reporting")
    await room.set_clock(NOW)
    await apply(room, "directives", agencies())
    return room


async def apply(room: Room, stream: str, events: Iterable[Event]) -> None:
    """As the consumer of `stream` does after it has fetched them."""
    consumer = next(c for c in room.running.consumers if c.stream == stream)
    for event in events:
        await consumer.apply(event)


async def publish(room: Room, stream: str, events: Iterable[Event]) -> str:
    """Through NATS; returns the position of the last one."""
    bus = room.running.kernel.bus
    await bus.connect()
    await _answered(lambda: bus.ensure_stream(stream))
    last = ""
    for event in events:
        publish = partial(
            bus.jetstream.publish,
            f"{stream}.{event.type}",
            event.SerializeToString(),
            headers={"Nats-Msg-Id": event.id},
        )
        await _answered(publish)
        last = f"{stream}:{event.id}"
    return last


async def _answered(ask: Callable[[], Awaitable[object]]) -> None:
    """As the relay does, again while NATS is slow to answer: what it hears twice it keeps once."""

    async def answered() -> bool:
        try:
            await ask()
        except nats.errors.TimeoutError:
            return False
        return True

    await eventually(answered)


async def figures(
    room: Room,
    as_of: datetime | None = None,
    who: str | None = None,
    *,
    from_date: date | None = None,
    to_date_: date | None = None,
    agency: str = "",
    real_only: bool = False,
    after: str = "",
) -> pb.Figures:
    request = pb.GetFiguresRequest(
        as_of_time=to_timestamp(as_of), from_date=to_date(from_date), to_date=to_date(to_date_),
        agency=agency, real_only=real_only,
    )  # fmt: skip
    return await room.call(ReportingServiceStub, "GetFigures", request, who, after=after)


def numbers(row: pb.FiguresRow) -> dict[str, int]:
    """The columns that are not zero, without names and shares."""
    return {
        field.name: value
        for field, value in row.ListFields()
        if isinstance(value, int) and not isinstance(value, bool)
    }
