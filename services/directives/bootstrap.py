"""Wires `directives`: the only place that does."""

from __future__ import annotations

from functools import partial

from services.directives.adapters.directive_life import life_of
from services.directives.adapters.tables import metadata
from services.directives.entrypoints import (
    calendar_seed,
    calendar_servicer,
    directive_servicer,
    directory_servicer,
    golive_servicer,
)
from services.directives.entrypoints.calendar_year_timer import CalendarYearTimer
from services.directives.entrypoints.officer_poller import HEALTH, OfficerPoller
from services.directives.settings import DirectivesSettings
from services.kernel.directory.copy import subtree
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import profiles_of
from services.kernel.limits.entrypoints import clock_control_servicer, deadline_servicer, observing
from services.kernel.limits.entrypoints.timers import RungTimer
from services.kernel.runtime.service import Definition, Kernel, Timer, Wiring


def wire(kernel: Kernel) -> Wiring:
    calendars = CalendarStore()
    profiles = profiles_of(kernel.settings)
    book = ClockBook(
        profiles, calendars, life_of=life_of, receiver=bool(kernel.settings.otlp_endpoint)
    )
    timers: list[Timer] = [
        RungTimer(kernel.engine, kernel.clock, book),
        CalendarYearTimer(kernel.engine, kernel.clock, calendars),
    ]
    assert isinstance(kernel.settings, DirectivesSettings)
    poller = OfficerPoller(kernel, kernel.settings) if kernel.settings.officers_url else None
    return Wiring(
        mounted=[
            directive_servicer.mounted(kernel, book),
            golive_servicer.mounted(kernel, book),
            directory_servicer.mounted(kernel, profiles),
            calendar_servicer.mounted(kernel, calendars),
            deadline_servicer.mounted(kernel, book),
            *clock_control_servicer.mounted(kernel, lambda: timers),
        ],
        timers=timers,
        workers=[*observing.workers(kernel, book), *([poller.run] if poller else [])],
        starters=[partial(calendar_seed.seed, kernel, calendars)],
        health={HEALTH: lambda: poller.healthy} if poller else {},
    )


DEFINITION = Definition(
    name="directives", metadata=metadata, wire=wire, subtree=subtree, settings=DirectivesSettings
)
