"""The one mapping of other services' events to what is counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dondoc.limits.v1.clock_pb2 import Clock
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from google.protobuf.message import Message

from services.kernel.directory.copy import slug
from services.kernel.runtime.protos import from_timestamp, optional_date
from services.reporting.domain.standing import Amended, DueClock, Granted, History, Result, Round


def history_of(
    message: ClassifiedTask, occurred_at: datetime, clocks: tuple[DueClock, ...]
) -> History:
    """`occurred_at` of the event: of a withdrawn task it is when that was recorded, its last act."""
    withdrawn = message.state == task_pb2.TASK_STATE_WITHDRAWN
    results = []
    for result in message.results:
        done_on = optional_date(result, "done_date")
        entered_at = _instant(result, "enter_time")
        if done_on and entered_at:
            results.append(Result(done_on, entered_at, _instant(result, "send_back_time")))
    granted = []
    for extension in message.extensions:
        due_date = optional_date(extension, "granted_due_date")
        answered_at = _instant(extension, "answer_time")
        if due_date and answered_at:
            granted.append(Granted(due_date, answered_at))
    return History(
        rounds=tuple(
            Round(
                lead=slug(found.lead_agency),
                forwarded_at=from_timestamp(found.forward_time),
                due_date=optional_date(found, "due_date"),
                returned_at=_instant(found, "return_time"),
            )
            for found in message.rounds
        ),
        progress_at=tuple(from_timestamp(found.enter_time) for found in message.progress_entries),
        results=tuple(results),
        granted=tuple(granted),
        amended=tuple(
            Amended(optional_date(found, "due_date"), from_timestamp(found.enter_time))
            for found in message.amendments
        ),
        confirmed_at=_instant(message, "confirm_time"),
        withdrawn_at=occurred_at if withdrawn else None,
        clocks=clocks,
    )


def clock_row(message: Clock, version: int, occurred_at: datetime) -> dict[str, Any]:
    """The row of clock_version."""
    return {
        "clock": message.name,
        "version": version,
        "occurred_at": occurred_at,
        "subject": message.subject,
        "rule": message.rule,
        "article": message.article,
        "owed_by": slug(message.owed_by),
        "started_at": from_timestamp(message.start_time),
        "due_at": from_timestamp(message.due_time),
        "act_at": _instant(message, "act_time"),
        "voided": bool(message.void_reason),
    }


def _instant(message: Message, field: str) -> datetime | None:
    return from_timestamp(getattr(message, field)) if message.HasField(field) else None
