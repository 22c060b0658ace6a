"""The canonical line of an event: what belongs to the facts, and nothing of the machine."""

from __future__ import annotations

import json

from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.type.v1.event_pb2 import Event
from google.protobuf.timestamp_pb2 import Timestamp

from cli.log import line_of


def event(recorded: int, trace: str, due: int = 5) -> Event:
    made = Event(
        id="9d3f0f4e-6f0e-5c58-9b8e-6b2f2f3c6900",
        type="ClockStarted",
        aggregate="tasks/1/clocks/2",
        version=1,
        occur_time=Timestamp(seconds=1),
        record_time=Timestamp(seconds=recorded),
        traceparent=trace,
        cause="the event before",
    )
    made.data.Pack(Clock(name="tasks/1/clocks/2", rule="R5.1e", due_time=Timestamp(seconds=due)))
    return made


def test_when_it_was_recorded_and_by_which_call_is_left_out() -> None:
    assert line_of(event(10, "00-a")) == line_of(event(99, "00-b"))


def test_what_happened_stays_readable_with_its_cause() -> None:
    content = json.loads(line_of(event(10, "00-a")))
    assert content["cause"] == "the event before"
    assert content["data"]["rule"] == "R5.1e"
    assert line_of(event(10, "00-a")) != line_of(event(10, "00-a", due=6))
