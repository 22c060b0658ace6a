"""The pace of the demonstration: like `cli.clock.advance`, but downstream services may lag a week.

Time moves from one thing that is due to the next, one day of due things at a time. What starts and
fires clocks (directives, tasks, reporting) is quiet before each step, since there the order of things
matters. Inspections and notify only record what happened, with the times that the events carry, and
so do the figures: they read along, and are waited for once a week and at the end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta

from dondoc.limits.v1 import clock_control_service_pb2 as pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub

from cli import clock
from cli.client import House
from cli.errors import CliError
from cli.language import Words
from cli.render import HO_CHI_MINH
from embedded.users import IT_CENTER_USER
from services.kernel.runtime.protos import from_timestamp, to_timestamp

# Those with timers of the law, and what they must be done with before time moves: the relay of the
# first has to be, so that the second knows what it has to read; the clocks of reports depend on neither.
TIMED = {"directives": "unpublished_events", "tasks": "pending_events", "reporting": "due_rungs"}
LONGEST_LAG = timedelta(days=7)
PATIENCE_SECONDS, PAUSE_SECONDS = 60.0, 0.01

OnMove = Callable[[datetime], None]
OnSettled = Callable[[datetime], Awaitable[int]]


class PlayClock:
    """Moves one house; `on_move` is told each moment.

    `on_settled` acts when all have caught up, and returns how much it did.
    """

    def __init__(self, house: House, on_move: OnMove, on_settled: OnSettled | None = None) -> None:
        self._house, self._on_move, self._on_settled = house, on_move, on_settled
        self._now = self._settled = datetime.min.replace(tzinfo=HO_CHI_MINH)

    async def now(self) -> datetime:
        if self._now.year == 1:
            self._now = self._settled = await clock.now(self._house)
        return self._now

    async def to(self, moment: datetime) -> None:
        """Moves to `moment`; nothing when that has passed already."""
        while moment > await self.now():
            following = await self._quiet()
            # What is due on the day of the moment itself fires on arrival: nothing lies between.
            same_day = following and following.astimezone(HO_CHI_MINH).date() >= moment.date()
            step = moment if following is None or same_day else max(following, self._now)
            idle = await self._set(min(step, moment))
            if idle and self._now == moment:
                break
        else:
            await self._quiet()
        if self._now - self._settled > LONGEST_LAG:
            await self.settle()

    async def settle(self) -> None:
        """Brings every service to now, and waits until it has read and sent everything."""
        await self._tell(self._house.services, await self.now())
        await clock.settle(self._house)
        if self._on_settled and await self._on_settled(self._now):
            await clock.settle(self._house)
        self._settled = self._now

    async def _set(self, moment: datetime) -> bool:
        """True when nothing is due there, which is so on most days."""
        readings = await self._tell(TIMED, moment)
        self._now = moment
        self._on_move(moment)
        return not any(
            reading.due_rungs or getattr(reading, waits_for)
            for waits_for, reading in zip(TIMED.values(), readings, strict=True)
        )

    async def _tell(self, services: Iterable[str], moment: datetime) -> Sequence[pb.Time]:
        self._house.quiet = None  # what was known of the backlog is old
        request = pb.SetTimeRequest(time=to_timestamp(moment))
        return await asyncio.gather(
            *(self._ask(service, "SetTime", request) for service in services)
        )

    async def _quiet(self) -> datetime | None:
        """When the timed services have nothing to do any more: what is due next in them."""
        following = []
        for service in TIMED:
            reading = await self._fired(service)
            if reading.HasField("next_fire_time"):
                following.append(from_timestamp(reading.next_fire_time))
        return min(following, default=None)

    async def _fired(self, service: str) -> pb.Time:
        """Waits until the service has read everything, and fired what is due."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            reading = await self._ask(service, "RunTimers", pb.RunTimersRequest())
            if not getattr(reading, TIMED[service]) and not reading.due_rungs:
                return reading
            if time.monotonic() > deadline:
                raise CliError(
                    Words(
                        f"{service} chưa xong việc sau {PATIENCE_SECONDS:g} giây; xem: dondoc status",
                        f"{service} does not settle in {PATIENCE_SECONDS:g} s; see: dondoc status",
                    )
                )
            await asyncio.sleep(PAUSE_SECONDS)

    async def _ask(self, service: str, method: str, request: object) -> pb.Time:
        answer = await self._house.call(
            ClockControlServiceStub,
            method,
            request,  # type: ignore[arg-type]
            user=IT_CENTER_USER,
            service=service,
        )
        assert isinstance(answer, pb.Time)
        return answer
