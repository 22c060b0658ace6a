"""Figures and clocks counted from the event logs alone, by code of its own.

Nothing of the services is used, no interval and no SQL of theirs: each task and each clock is what its newest
event says.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import asyncpg
from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.message import Message

UTC_PLUS_7 = timezone(timedelta(hours=7))
TASK = "R5.1e"
NOT_STARTED = {
    task_pb2.TASK_STATE_FORWARDED, task_pb2.TASK_STATE_ACCEPTED, task_pb2.TASK_STATE_RETURNED,
}  # fmt: skip
DONE = {
    task_pb2.TASK_STATE_REPORTED, task_pb2.TASK_STATE_CONFIRMED, task_pb2.TASK_STATE_CLOSED,
}  # fmt: skip

Table = dict[Any, Counter[str]]


@dataclass
class Recount:
    """`figures`: agency → column; `clocks`: (rule, agency) → state. `events`: how many were read."""

    figures: Table = field(default_factory=lambda: defaultdict(Counter))
    clocks: Table = field(default_factory=lambda: defaultdict(Counter))
    events: int = 0


async def recount(dsns: Sequence[str], as_of: datetime) -> Recount:
    """As of a moment: what was known by then."""
    found, moment = Recount(), as_of.timestamp()
    newest: dict[str, tuple[int, Message]] = {}
    for dsn in dsns:
        async for event in _events(dsn, as_of):
            found.events += 1
            for message in (task_pb2.Task(), ClassifiedTask(), Clock()):
                if event.data.Is(message.DESCRIPTOR):
                    if newest.get(event.aggregate, (0,))[0] < event.version:
                        event.data.Unpack(message)
                        newest[event.aggregate] = event.version, message
                    break
    messages = [message for _, message in newest.values()]
    ends: dict[str, tuple[float, float]] = {}
    for clock in messages:
        if isinstance(clock, Clock):
            found.clocks[clock.rule, clock.owed_by][_state(clock, moment)] += 1
            if clock.rule == TASK:
                ends[clock.subject] = max(
                    ends.get(clock.subject, (0.0, 0.0)),
                    (_seconds(clock.start_time), _seconds(clock.due_time)),
                )
    for task in messages:
        if not isinstance(task, Clock) and task.state != task_pb2.TASK_STATE_WITHDRAWN:
            due = ends[task.name][1] if task.limit.HasField("due_date") else None
            found.figures[task.lead_agency].update(_columns(task, due, moment))
    return found


async def _events(dsn: str, as_of: datetime) -> AsyncIterator[Event]:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            query = "SELECT event FROM event_log WHERE occurred_at <= $1"
            async for row in connection.cursor(query, as_of.astimezone(UTC), prefetch=2000):
                yield Event.FromString(row[0])
    finally:
        await connection.close()


def _state(clock: Clock, moment: float) -> str:
    if clock.void_reason:
        return "voided"
    if not clock.HasField("act_time"):
        return "late" if _seconds(clock.due_time) <= moment else "running"
    return "met" if _seconds(clock.act_time) < _seconds(clock.due_time) else "met_late"


def _columns(task: Any, due: float | None, moment: float) -> list[str]:
    if task.state in DONE:
        day = task.done_date
        act = datetime(day.year, day.month, day.day, tzinfo=UTC_PLUS_7).timestamp()
        waiting = ["awaiting_confirmation"] if task.state == task_pb2.TASK_STATE_REPORTED else []
        return ["total", "done", f"done_{_in_time(act, due)}", *waiting]
    if task.state == task_pb2.TASK_STATE_RETURNED:
        # 69/2019/QĐ-UBND does not count it as incomplete.
        return ["total", "returned", "returned_apart"]
    begun = "not_started" if task.state in NOT_STARTED else "in_progress"
    return ["total", "open", f"open_{_in_time(moment, due)}", begun]


def _in_time(moment: float, due: float | None) -> str:
    if due is None:
        return "no_limit"
    return "overdue" if moment >= due else "within_limit"


def _seconds(stamp: Any) -> float:
    return float(stamp.seconds) + stamp.nanos / 1e9
