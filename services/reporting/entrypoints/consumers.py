"""Streams that are read, and what keeps their events. Types that are not known are left alone."""

from __future__ import annotations

from dondoc.type.v1.event_pb2 import Event

from services.kernel.directory import copy
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.application.projection import keep_clock, keep_task


async def from_directives(work: UnitOfWork, event: Event) -> None:
    await copy.keep(work, event)
    await keep_clock(work, event)


async def from_tasks(work: UnitOfWork, event: Event) -> None:
    await keep_task(work, event)
    await keep_clock(work, event)


CONSUMERS = {"directives": from_directives, "tasks": from_tasks}
