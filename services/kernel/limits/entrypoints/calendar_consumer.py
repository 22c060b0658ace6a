"""Follows the calendar of `directives`."""

from __future__ import annotations

from dondoc.calendar.v1 import calendar_pb2
from dondoc.type.v1.event_pb2 import Event

from services.kernel.limits.adapters.calendar_store import changes_of, from_message
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.runtime.unit_of_work import UnitOfWork


async def keep(work: UnitOfWork, event: Event, book: ClockBook) -> None:
    """Takes a newer calendar over. Clocks are re-dated by the sweep of RungTimer, in small steps."""
    message = calendar_pb2.Calendar()
    if event.data.Unpack(message):
        await book.calendars.replace(work, from_message(message), changes_of(message))
