"""Streams that are read, and what keeps their events. Types that are not known are left alone."""

from __future__ import annotations

from dondoc.type.v1.event_pb2 import Event

from services.kernel.directory import copy
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.entrypoints import calendar_consumer
from services.kernel.runtime.consumer import Handler
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.application.projection import Rules, keep_clock, keep_task

# The own stream too: clocks of reports come into the figures as those of tasks do.
STREAMS = ("directives", "tasks", "reporting")


def consumers(book: ClockBook) -> dict[str, Handler]:
    rules = Rules(book.profiles)

    async def from_directives(work: UnitOfWork, event: Event) -> None:
        await copy.keep(work, event)
        await calendar_consumer.keep(work, event, book)
        await keep_clock(work, event, rules)

    async def from_tasks(work: UnitOfWork, event: Event) -> None:
        await keep_task(work, event, rules)
        await keep_clock(work, event, rules)

    async def from_itself(work: UnitOfWork, event: Event) -> None:
        await keep_clock(work, event, rules)

    return dict(zip(STREAMS, (from_directives, from_tasks, from_itself), strict=True))
