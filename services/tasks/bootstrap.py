"""Wires `tasks`: the only place that does."""

from __future__ import annotations

from functools import partial

from services.kernel.directory.copy import subtree
from services.kernel.limits.adapters.calendar_store import CalendarStore
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.profile_files import profiles_of
from services.kernel.limits.entrypoints import clock_control_servicer, deadline_servicer, observing
from services.kernel.limits.entrypoints.timers import RungTimer
from services.kernel.runtime.service import Definition, Kernel, Timer, Wiring
from services.tasks.adapters.tables import metadata
from services.tasks.adapters.task_life import life_of
from services.tasks.application.desk import Desk
from services.tasks.entrypoints import directives_consumer, golive_servicer, task_servicer
from services.tasks.entrypoints.period_timer import PeriodTimer


def wire(kernel: Kernel) -> Wiring:
    profiles = profiles_of(kernel.settings)
    book = ClockBook(
        profiles, CalendarStore(), life_of=life_of, receiver=bool(kernel.settings.otlp_endpoint)
    )
    desk = Desk(book)
    # Periods first: the clocks that they start may have rungs that are due at once.
    timers: list[Timer] = [
        PeriodTimer(kernel.engine, kernel.clock, desk.clocks),
        RungTimer(kernel.engine, kernel.clock, book),
    ]
    return Wiring(
        mounted=[
            task_servicer.mounted(kernel, desk),
            golive_servicer.mounted(kernel, desk),
            deadline_servicer.mounted(kernel, book, desk.clocks.origin_of),
            *clock_control_servicer.mounted(kernel, lambda: timers),
        ],
        consumers={"directives": partial(directives_consumer.keep, clocks=desk.clocks)},
        timers=timers,
        workers=observing.workers(kernel, book),
    )


DEFINITION = Definition(
    name="tasks", metadata=metadata, wire=wire, subtree=subtree, streams=["directives"]
)
