"""How the house is: health and relay of each service, its clock, and what waits."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import asyncpg
import grpc
from dondoc.calendar.v1.calendar_service_pb2 import GetCalendarStateRequest
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub
from dondoc.directory.v1.directory_service_pb2 import GetOfficersStateRequest, OfficersState
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.limits.v1.clock_control_service_pb2 import Time
from grpc_health.v1 import health_pb2, health_pb2_grpc
from rich.markup import escape

from cli import clock, officers
from cli.calendar.show import missing_year
from cli.client import House
from cli.errors import CliError
from cli.language import say
from cli.render import NOTHING, as_dict, instant, row, stdout, table
from services.kernel.runtime.protos import from_timestamp

ANSWER_SECONDS = 10.0
UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service. `health` and `relay` as gRPC health tells them ("SERVING" …), or UNREACHABLE;
    `unpublished`: events that wait for the relay; `dead_letters`: events that could not be applied.
    None: not known. The last four exist on the simulated clock only."""

    name: str
    address: str
    pid: int
    health: str
    relay: str
    unpublished: int | None
    dead_letters: int | None
    now: str = ""
    next_fire: str = ""
    due: int | None = None
    queued: int | None = None
    pending: int | None = None

    @property
    def healthy(self) -> bool:
        return self.health == "SERVING" and self.relay == "SERVING"


@dataclass(frozen=True, slots=True)
class HouseStatus:
    data: str
    clock: str
    issuer: str
    services: tuple[ServiceStatus, ...]
    # The year whose holidays are missing and due (from October on); 0: none, or not known.
    year_to_announce: int = 0
    officers: OfficersState | None = None  # None: `directives` does not answer

    @property
    def healthy(self) -> bool:
        return all(service.healthy for service in self.services)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] | None = None
        if self.officers is not None:
            age = officers.age_seconds(self.officers)
            told = {**as_dict(self.officers), "age_seconds": age}
        services = [asdict(service) for service in self.services]
        return {
            "data": self.data,
            "clock": self.clock,
            "issuer": self.issuer,
            "services": services,
            "year_to_announce": self.year_to_announce,
            "officers": told,
            "healthy": self.healthy,
        }


async def read(house: House) -> HouseStatus:
    """Asks every service at once; one that does not answer is told as such."""
    found, year, state = await asyncio.gather(
        asyncio.gather(*(_service(house, name) for name in house.services)),
        _missing(house),
        _officers(house),
    )
    at = house.found
    return HouseStatus(at.data, at.clock, at.issuer, tuple(found), year, state)


async def _missing(house: House) -> int:
    request = GetCalendarStateRequest()
    try:
        state = await house.call(CalendarServiceStub, "GetCalendarState", request, patience=0)
    except (grpc.aio.AioRpcError, CliError):
        return 0
    return int(state.year_to_announce)


async def _officers(house: House) -> OfficersState | None:
    request = GetOfficersStateRequest()
    try:
        state: OfficersState = await house.call(
            DirectoryServiceStub, "GetOfficersState", request, patience=0
        )
    except (grpc.aio.AioRpcError, CliError):
        return None
    return state


async def _service(house: House, name: str) -> ServiceStatus:
    running = house.found.services[name]
    health, relay = await asyncio.gather(_health(house, name, ""), _health(house, name, "relay"))
    unpublished, dead_letters = await _counts(running.dsn)
    told = ServiceStatus(
        name, running.address, running.pid, health, relay, unpublished, dead_letters
    )
    if house.found.clock == "real" or health == UNREACHABLE:
        return told
    try:
        time = await clock.time_of(house, name)
    except (grpc.aio.AioRpcError, CliError):
        return told
    return _with_time(told, time)


def _with_time(told: ServiceStatus, time: Time) -> ServiceStatus:
    following = from_timestamp(time.next_fire_time) if time.HasField("next_fire_time") else None
    values = {
        **asdict(told),
        "now": from_timestamp(time.time).isoformat(),
        "next_fire": following.isoformat() if following else "",
        "due": time.due_rungs,
        "queued": time.queued_deliveries,
        "pending": time.pending_events,
    }
    return ServiceStatus(**values)


async def _health(house: House, service: str, part: str) -> str:
    stub = health_pb2_grpc.HealthStub(house.channel(service))  # type: ignore[no-untyped-call]
    try:
        answer = await stub.Check(
            health_pb2.HealthCheckRequest(service=part), timeout=ANSWER_SECONDS
        )
    except grpc.aio.AioRpcError:
        return UNREACHABLE
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


async def _counts(dsn: str) -> tuple[int | None, int | None]:
    """What waits for the relay, and the dead letters; None when the database does not answer."""
    try:
        connection = await asyncpg.connect(dsn, ssl=False, timeout=ANSWER_SECONDS)
        try:
            unpublished = await connection.fetchval(
                "SELECT count(*) FROM event_log WHERE published_at IS NULL"
            )
            letters = await connection.fetchval("SELECT count(*) FROM dead_letter")
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return None, None
    return unpublished, letters


def show(found: HouseStatus) -> None:
    simulated = found.clock == "simulated"
    columns = [
        say("Dịch vụ", "Service"),
        say("Địa chỉ", "Address"),
        say("Tình trạng", "Health"),
        say("Phát sự kiện", "Relay"),
        say("chưa phát", "unpublished"),
        say("lỗi", "dead letters"),
    ]
    if simulated:
        columns += [say("chưa đọc", "pending"), say("đến hạn", "due"), say("chờ gửi", "queued")]
    shown = table("dondoc", *columns)
    for service in found.services:
        cells = [
            service.name,
            service.address,
            _state(service.health),
            _state(service.relay),
            _number(service.unpublished),
            _number(service.dead_letters),
        ]
        if simulated:
            cells += [_number(n) for n in (service.pending, service.due, service.queued)]
        row(shown, cells)
    stdout.print(shown)
    stdout.print(f"{say('Định danh', 'Issuer')}: {escape(found.issuer)}")
    if found.officers is not None:
        told = escape(officers.summary(found.officers))
        stdout.print(f"{say('Đầu mối', 'Officers')}: {told}")
    if simulated:
        nows = dict.fromkeys(_instant(service.now) for service in found.services)
        stdout.print(f"{say('Bây giờ', 'Now')}: {' / '.join(nows)}")
    stdout.print(
        f"{say('Đồng hồ', 'Clock')}: {found.clock} · {say('Dữ liệu', 'Data')}: {escape(found.data)}"
    )
    if found.year_to_announce:
        stdout.print(f"[yellow]{escape(missing_year(found.year_to_announce))}[/yellow]")


def _state(name: str) -> str:
    return {
        "SERVING": say("tốt", "well"),
        "NOT_SERVING": say("suy giảm", "degraded"),
        UNREACHABLE: say("không trả lời", "no answer"),
    }.get(name, name)


def _number(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _instant(iso: str) -> str:
    return instant(datetime.fromisoformat(iso)) if iso else NOTHING
