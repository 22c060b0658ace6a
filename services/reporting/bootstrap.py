"""Wires `reporting`: the only place that does."""

from __future__ import annotations

from functools import partial

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
from services.kernel.runtime.service import Definition, Kernel, Timer, Wiring
from services.reporting.adapters.projection_store import forget
from services.reporting.adapters.tables import metadata
from services.reporting.application.reports import Reports
from services.reporting.entrypoints import reporting_servicer
from services.reporting.entrypoints.consumers import STREAMS, consumers
from services.reporting.entrypoints.report_timer import ReportTimer
from services.reporting.settings import ReportingSettings


def wire(kernel: Kernel) -> Wiring:
    profiles = profiles_of(kernel.settings)
    book = ClockBook(profiles, CalendarStore())
    settings = kernel.settings
    assert isinstance(settings, ReportingSettings)
    reports = Reports(book, settings.reports_from)
    # Reports first: the clocks that they start may have rungs that are due at once.
    timers: list[Timer] = [
        ReportTimer(kernel.engine, kernel.clock, reports),
        RungTimer(kernel.engine, kernel.clock, book),
    ]
    return Wiring(
        mounted=[
            reporting_servicer.mounted(kernel, reports),
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
    name="reporting",
    metadata=metadata,
    wire=wire,
    subtree=subtree,
    streams=STREAMS,
    settings=ReportingSettings,
    forget=forget,
)
