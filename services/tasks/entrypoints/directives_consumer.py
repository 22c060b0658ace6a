"""Reads the stream of `directives`: tasks to take over, agencies and calendar to copy."""

from __future__ import annotations

from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.events_pb2 import ClassifiedDirective
from dondoc.type.v1.event_pb2 import Event

from services.kernel.directory import copy
from services.kernel.limits.entrypoints import calendar_consumer
from services.kernel.runtime.protos import from_timestamp
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.application import forwarding
from services.tasks.application.limits import TaskClocks


async def keep(work: UnitOfWork, event: Event, clocks: TaskClocks) -> None:
    """Whatever the type: what counts is the state that the event carries."""
    for message in (Directive(), ClassifiedDirective()):
        if event.data.Unpack(message):
            occurred, by = from_timestamp(event.occur_time), event.actor.subject
            await forwarding.take_over(work, message, occurred, by, clocks)
            return
    await copy.keep(work, event)
    await calendar_consumer.keep(work, event, clocks.book)
