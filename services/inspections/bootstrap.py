"""Wires `inspections`: the only place that does."""

from __future__ import annotations

from functools import partial

from services.inspections.adapters.tables import metadata
from services.inspections.entrypoints import inspection_servicer
from services.inspections.entrypoints.consumers import STREAMS, consumers
from services.kernel.directory.copy import subtree
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import profiles_of
from services.kernel.limits.entrypoints import (
    calendar_consumer,
    clock_control_servicer,
    deadline_servicer,
    observing,
)
from services.kernel.limits.entrypoints.timers import RungTimer
from services.kernel.runtime.service import Definition, Kernel, Wiring


def wire(kernel: Kernel) -> Wiring:
    profiles = profiles_of(kernel.settings)
    book = ClockBook(profiles, CalendarStore())
    timers = [RungTimer(kernel.engine, kernel.clock, book)]
    return Wiring(
        mounted=[
            inspection_servicer.mounted(kernel),
            deadline_servicer.mounted(kernel, book),
            *clock_control_servicer.mounted(kernel, lambda: timers),
        ],
        consumers=consumers(book),
        timers=timers,
        workers=[
            partial(calendar_consumer.catch_up, kernel, book),
            *observing.workers(kernel, book),
        ],
    )


DEFINITION = Definition(
    name="inspections",
    metadata=metadata,
    wire=wire,
    subtree=subtree,
    streams=STREAMS,
)
