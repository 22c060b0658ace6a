"""The same figures counted another way: from the events known at a moment, each task by its newest state.

It shares nothing with the service: no intervals, no SQL, no history; only what an event says a task is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.type.v1.event_pb2 import Event

NOT_STARTED = {
    task_pb2.TASK_STATE_FORWARDED, task_pb2.TASK_STATE_ACCEPTED, task_pb2.TASK_STATE_RETURNED,
}  # fmt: skip
DONE = {
    task_pb2.TASK_STATE_REPORTED, task_pb2.TASK_STATE_CONFIRMED, task_pb2.TASK_STATE_CLOSED,
}  # fmt: skip
UTC_PLUS_7 = timezone(timedelta(hours=7))


def recount(events: Iterable[Event], as_of: datetime) -> dict[str, Counter[str]]:
    """Agency → column → number; columns without a task are left out."""
    moment = as_of.timestamp()
    newest: dict[str, Event] = {}
    for event in events:
        before = newest.get(event.aggregate)
        if _seconds(event.occur_time) <= moment and (not before or before.version < event.version):
            newest[event.aggregate] = event
    tasks, clocks = [], []
    for event in newest.values():
        for message, found in (
            (task_pb2.Task(), tasks),
            (ClassifiedTask(), tasks),
            (Clock(), clocks),
        ):
            if event.data.Unpack(message):
                found.append(message)
    table: dict[str, Counter[str]] = {}
    for task in tasks:
        if task.state != task_pb2.TASK_STATE_WITHDRAWN:
            row = table.setdefault(task.lead_agency, Counter())
            row.update(_columns(task, _due(task, clocks), moment))
    return table


def _columns(task: Any, due: float | None, moment: float) -> list[str]:
    columns = ["total"]
    if task.state in DONE:
        day = task.done_date
        act = datetime(day.year, day.month, day.day, tzinfo=UTC_PLUS_7).timestamp()
        columns += ["done", f"done_{_in_time(act, due)}"]
        if task.state == task_pb2.TASK_STATE_REPORTED:
            columns.append("awaiting_confirmation")
        return columns
    if task.state == task_pb2.TASK_STATE_RETURNED:
        # 69/2019/QĐ-UBND does not count it as incomplete.
        return [*columns, "returned", "returned_apart"]
    columns += ["open", f"open_{_in_time(moment, due)}"]
    columns.append("not_started" if task.state in NOT_STARTED else "in_progress")
    return columns


def _in_time(moment: float, due: float | None) -> str:
    if due is None:
        return "no_limit"
    return "overdue" if moment >= due else "within_limit"


def _due(task: Any, clocks: list[Any]) -> float | None:
    """By the clock of the last round; that of a returned task was voided with its round."""
    if not task.limit.HasField("due_date"):
        return None
    own = [clock for clock in clocks if clock.subject == task.name and clock.rule == "R5.1e"]
    return _seconds(max(own, key=lambda clock: _seconds(clock.start_time)).due_time)


def _seconds(stamp: Any) -> float:
    return float(stamp.seconds) + stamp.nanos / 1e9
