"""The simulated clock of the whole house: set everywhere, fire everywhere, wait until all is quiet.

Time moves from one thing that is due to the next, never past it, so that everything happens at its
own moment and in the order of the flow of facts, whatever the machine's speed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from dondoc.limits.v1 import clock_control_service_pb2 as pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub

from cli.client import House
from cli.errors import USAGE, CliError
from cli.language import Words
from cli.render import instant
from embedded.supervisor import SERVICES
from embedded.users import IT_CENTER_USER
from services.kernel.runtime.protos import from_timestamp, to_timestamp

PATIENCE_SECONDS = 60.0  # without anything getting less
SHORTEST_PAUSE, LONGEST_PAUSE = 0.002, 0.05
# In the order in which facts flow; the services of one stage do not read each other.
STAGES = (("directives",), ("tasks",), ("inspections",), ("reporting", "notify"))
assert sorted(sum(STAGES, ())) == sorted(SERVICES)

Times = Mapping[str, pb.Time]


def refuse_real_clock(house: House) -> None:
    """Nobody sets the real clock. Raises CliError."""
    if house.found.clock == "real":
        raise CliError(
            Words(
                "Hệ thống này chạy theo đồng hồ thật, không chỉnh được. Để dùng đồng hồ mô phỏng: "
                "dondoc up --clock simulated --data <thư mục mới>",
                "This house runs on the real clock, which cannot be set. For a simulated one: "
                "dondoc up --clock simulated --data <new folder>",
            ),
            USAGE,
        )


async def _ask(house: House, service: str, method: str, request: object) -> pb.Time:
    answer = await house.call(
        ClockControlServiceStub,
        method,
        request,  # type: ignore[arg-type]
        user=IT_CENTER_USER,
        service=service,
    )
    assert isinstance(answer, pb.Time)
    return answer


async def _everywhere(house: House, method: str, request: object) -> dict[str, pb.Time]:
    answers = await asyncio.gather(
        *(_ask(house, service, method, request) for service in house.services)
    )
    return dict(zip(house.services, answers, strict=True))


async def time_of(house: House, service: str) -> pb.Time:
    """Now, what is due next, and what is under way, of one service. Raises AioRpcError."""
    return await _ask(house, service, "GetTime", pb.GetTimeRequest())


async def times(house: House) -> Times:
    """The same of each service. Raises CliError on the real clock."""
    refuse_real_clock(house)
    return await _everywhere(house, "GetTime", pb.GetTimeRequest())


async def now(house: House) -> datetime:
    """The simulated now, aware, UTC; of the service that is furthest."""
    return max(_now(time) for time in (await times(house)).values())


async def settle(house: House) -> Times:
    """Returns when nothing is unpublished, pending, due or queued anywhere.

    Raises CliError when nothing has moved for a minute, naming what is stuck.
    """
    refuse_real_clock(house)
    house.quiet = await _sweep(house, STAGES)
    return house.quiet


async def _sweep(house: House, stages: Sequence[Sequence[str]]) -> dict[str, pb.Time]:
    """Looks at the services in the order in which facts flow.

    Once a stage is quiet, nothing can come from it any more, so that no event slips through between
    two looks; and what happened upstream is known before the timers of a stage run.
    """
    found: dict[str, pb.Time] = {}
    for stage in stages:
        here = [service for service in stage if service in house.services]
        readings = await asyncio.gather(*(_quiet(house, service) for service in here))
        found |= dict(zip(here, readings, strict=True))
    return found


async def _quiet(house: House, service: str) -> pb.Time:
    """The reading of a service that has read everything, and after that has nothing under way."""
    patience = _Patience(service)
    if service not in STAGES[0]:  # the first one reads nobody
        while (reading := await time_of(house, service)).pending_events:
            await patience.wait(reading)
    while True:
        reading = await _ask(house, service, "RunTimers", pb.RunTimersRequest())
        if not any(_backlog(reading)):
            return reading
        while (reading := await time_of(house, service)).unpublished_events:
            await patience.wait(reading)
        if not any(_backlog(reading)):
            return reading
        await patience.wait(reading)


class _Patience:
    """Waits a little longer each time; CliError when nothing has moved for a minute."""

    def __init__(self, service: str) -> None:
        self._service, self._pause = service, SHORTEST_PAUSE
        self._seen, self._since = (-1, -1, -1, -1), time.monotonic()

    async def wait(self, reading: pb.Time) -> None:
        backlog = _backlog(reading)
        if backlog != self._seen:
            self._pause, self._seen, self._since = SHORTEST_PAUSE, backlog, time.monotonic()
        if time.monotonic() - self._since > PATIENCE_SECONDS:
            raise CliError(_stuck(self._service, reading))
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


async def advance(
    house: House, until: datetime, on_step: Callable[[datetime], None] = lambda moment: None
) -> Times:
    """Moves the house to `until` (aware), from one thing that is due to the next.

    Two phases at each step, so that no service acts on another's future: the time is set in all
    services, then timers run. Raises CliError on the real clock and for a moment in the past.
    """
    found = house.quiet or await settle(house)
    here = max(map(_now, found.values()))
    if until < here:
        raise CliError(
            Words(
                f"Đồng hồ mô phỏng chỉ đi tới: hiện là {instant(here)}.",
                f"The simulated clock only moves forward: it is {instant(here)} now.",
            ),
            USAGE,
        )
    while True:
        following = [_next(time) for time in found.values() if time.HasField("next_fire_time")]
        # At least where the furthest service is: an advance that was broken off left some behind.
        here = max(here, min([until, *following]))
        stamp = pb.SetTimeRequest(time=to_timestamp(here))
        house.quiet = None
        set_to = await _everywhere(house, "SetTime", stamp)
        found = set_to | await _sweep(house, _from_first_with_work(set_to))
        house.quiet = found
        on_step(here)
        if here >= until:
            return found


def _from_first_with_work(found: Times) -> Sequence[Sequence[str]]:
    """The stages from the first one on in which something is due or under way."""
    for index, stage in enumerate(STAGES):
        if any(any(_backlog(found[service])) for service in stage if service in found):
            return STAGES[index:]
    return ()


def _backlog(time: pb.Time) -> tuple[int, int, int, int]:
    return (
        time.unpublished_events,
        time.pending_events,
        time.due_rungs,
        time.queued_deliveries,
    )


def _now(time: pb.Time) -> datetime:
    return from_timestamp(time.time)


def _next(time: pb.Time) -> datetime:
    return from_timestamp(time.next_fire_time)


def _stuck(service: str, reading: pb.Time) -> Words:
    numbers = "unpublished {}, pending {}, due {}, queued {}".format(*_backlog(reading))
    return Words(
        f"{service} vẫn còn việc chưa xong sau {PATIENCE_SECONDS:g} giây ({numbers}); "
        "xem: dondoc status",
        f"{service} does not settle: nothing moved for {PATIENCE_SECONDS:g} s ({numbers}); "
        "see: dondoc status",
    )
