"""Envelopes of the permanent event log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dondoc.type.v1.event_pb2 import Actor, Event
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from opentelemetry import propagate

from services.kernel.runtime.ids import event_id
from services.kernel.runtime.protos import to_timestamp


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened to one aggregate, before it is written down."""

    type: str
    aggregate: str
    version: int
    occurred_at: datetime
    data: Message
    actor: Actor
    cause: str = ""

    @property
    def id(self) -> UUID:
        return event_id(self.aggregate, self.version)


def traceparent() -> str:
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent", "")


def to_row(fact: Fact) -> dict[str, Any]:
    """The row of event_log."""
    recorded_at = datetime.now(UTC)
    packed = AnyMessage()
    packed.Pack(fact.data, deterministic=True)
    event = Event(
        id=str(fact.id),
        type=fact.type,
        aggregate=fact.aggregate,
        version=fact.version,
        occur_time=to_timestamp(fact.occurred_at),
        record_time=to_timestamp(recorded_at),
        actor=fact.actor,
        traceparent=traceparent(),
        cause=fact.cause,
        data=packed,
    )
    return {
        "id": fact.id,
        "type": fact.type,
        "aggregate": fact.aggregate,
        "version": fact.version,
        "occurred_at": fact.occurred_at,
        "recorded_at": recorded_at,
        "event": event.SerializeToString(deterministic=True),
        "published_at": None,
    }
