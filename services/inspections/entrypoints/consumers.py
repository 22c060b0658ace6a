"""Streams that are read, and what keeps their events. Types that are not known are left alone."""

from __future__ import annotations

from dondoc.tasks.v1.events_pb2 import ClassifiedTask
from dondoc.tasks.v1.task_pb2 import Task
from dondoc.type.v1.document_pb2 import Secrecy as SecrecyMessage
from dondoc.type.v1.event_pb2 import Event

from services.inspections.adapters import task_headers
from services.inspections.domain.inspection import Secrecy
from services.kernel.directory import copy
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.entrypoints import calendar_consumer
from services.kernel.runtime.classified import is_classified
from services.kernel.runtime.consumer import Handler
from services.kernel.runtime.unit_of_work import UnitOfWork

STREAMS = ("directives", "tasks")


async def from_tasks(work: UnitOfWork, event: Event) -> None:
    """Of a task its secrecy alone is kept."""
    for message in (Task(), ClassifiedTask()):
        if event.data.Unpack(message):
            level = _secrecy(message.directive.secrecy)
            await task_headers.keep(work, message.name, event.version, level)


def _secrecy(number: int) -> Secrecy:
    """A level that is not known here counts as the highest: a fact is never refused."""
    if not is_classified(number):
        return Secrecy.NONE
    known = SecrecyMessage.DESCRIPTOR.values_by_number.get(number)
    return Secrecy(known.name.removeprefix("SECRECY_")) if known else Secrecy.TOP_SECRET


def consumers(book: ClockBook) -> dict[str, Handler]:
    """Of `directives` the directory, and the calendar by which the clocks of `book` count."""

    async def from_directives(work: UnitOfWork, event: Event) -> None:
        await copy.keep(work, event)
        await calendar_consumer.keep(work, event, book)

    return dict(zip(STREAMS, (from_directives, from_tasks), strict=True))
