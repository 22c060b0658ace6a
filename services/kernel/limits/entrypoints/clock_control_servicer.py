"""ClockControlService: exists only on the simulated clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dondoc.limits.v1 import clock_control_service_pb2 as pb
from dondoc.limits.v1 import clock_control_service_pb2_grpc

from services.kernel.runtime import db, relay
from services.kernel.runtime.clock import SimulatedClock
from services.kernel.runtime.protos import from_timestamp, to_timestamp
from services.kernel.runtime.service import Kernel, Mounted, Timer


class ClockControlServicer(clock_control_service_pb2_grpc.ClockControlServiceServicer):
    """`timers` is asked late, since a bootstrap makes its timers after this."""

    def __init__(self, kernel: Kernel, timers: Callable[[], Sequence[Timer]]) -> None:
        assert isinstance(kernel.clock, SimulatedClock)
        self._kernel, self._clock, self._timers = kernel, kernel.clock, timers

    async def GetTime(self, request: Any, context: Any) -> pb.Time:
        kernel = self._kernel
        # First: what is read after it, what is due next, is then known with all of their effects.
        pending = [await kernel.bus.pending(stream, kernel.service) for stream in kernel.readers]
        backlog: dict[str, int] = {"due_rungs": 0, "queued_deliveries": 0}
        async with db.connection(kernel.engine) as connection:
            now = await self._clock.now(connection)
            following = []
            for timer in self._timers():
                next_at = await timer.next_at(connection)
                if next_at:
                    following.append(next_at)
                backlog[timer.counts] += await timer.backlog(connection, now)
            unpublished = await relay.unpublished(connection)
        return pb.Time(
            time=to_timestamp(now),
            next_fire_time=to_timestamp(min(following, default=None)),
            unpublished_events=unpublished,
            pending_events=sum(pending),
            **backlog,
        )

    async def SetTime(self, request: Any, context: Any) -> pb.Time:
        async with db.transaction(self._kernel.engine) as connection:
            await self._clock.set(connection, from_timestamp(request.time))
        return await self.GetTime(pb.GetTimeRequest(), context)

    async def RunTimers(self, request: Any, context: Any) -> pb.Time:
        for timer in self._timers():
            if await timer.run():
                self._kernel.relay.wake.set()
        return await self.GetTime(pb.GetTimeRequest(), context)


def mounted(kernel: Kernel, timers: Callable[[], Sequence[Timer]]) -> list[Mounted]:
    """Empty on the real clock: there is nothing to set."""
    if not kernel.clock.simulated:
        return []
    return [
        Mounted(
            pb.DESCRIPTOR.services_by_name["ClockControlService"],
            ClockControlServicer(kernel, timers),
            clock_control_service_pb2_grpc.add_ClockControlServiceServicer_to_server,
        )
    ]
