"""Follows the calendar of `directives`."""

from __future__ import annotations

import asyncio
import logging

import nats.errors
from dondoc.calendar.v1 import calendar_pb2
from dondoc.type.v1.event_pb2 import Event
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from services.kernel.limits.adapters.calendar_store import changes_of, from_message
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.runtime import db
from services.kernel.runtime.service import Kernel
from services.kernel.runtime.tables import inbox
from services.kernel.runtime.unit_of_work import UnitOfWork

logger = logging.getLogger("dondoc.calendar")

STREAM, TYPE = "directives", "CalendarChanged"
RETRY_SECONDS = 0.5


async def keep(work: UnitOfWork, event: Event, book: ClockBook) -> None:
    """Takes a newer calendar over. Clocks are re-dated by the sweep of RungTimer, in small steps."""
    message = calendar_pb2.Calendar()
    if event.data.Unpack(message):
        await book.calendars.replace(work, from_message(message), changes_of(message))


async def catch_up(kernel: Kernel, book: ClockBook) -> None:
    """A service that read the stream before it counted by the calendar has read past it: it takes the newest
    one from there, instead of counting weekends alone until the next edit."""
    while True:
        try:
            if await _read_past(kernel, book):
                data = await kernel.bus.last(STREAM, TYPE)
                if data is not None:
                    await _take(kernel, book, Event.FromString(data))
            return
        except (nats.errors.Error, OSError, DBAPIError, db.StorageError) as error:
            logger.debug("waiting for the calendar", extra={"error": type(error).__name__})
            await asyncio.sleep(RETRY_SECONDS)


async def _read_past(kernel: Kernel, book: ClockBook) -> bool:
    async with db.transaction(kernel.engine) as connection:
        work = UnitOfWork(connection, await kernel.clock.now(connection))
        if await book.calendars.version(work):
            return False
        read = select(inbox.c.event_id).where(inbox.c.stream == STREAM).limit(1)
        return (await work.execute(read)).first() is not None


async def _take(kernel: Kernel, book: ClockBook, event: Event) -> None:
    async with db.transaction(kernel.engine) as connection:
        now = await kernel.clock.now(connection)
        work = UnitOfWork(connection, now, cause=event.id, salt=kernel.salt)
        await keep(work, event, book)
        await work.flush()
