"""Metrics of limits: gauges over what the database says, read as the figures of GetCompliance are.

OpenTelemetry asks for observed values on a thread of its own. So a worker of the loop reads them first,
with the engine that belongs to the loop, and then has them collected: what is sent is what was read.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from services.kernel.limits.adapters import clock_store, compliance_store
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.adapters.compliance_store import Question
from services.kernel.limits.domain.compliance import Tally, by_rule_and_agency
from services.kernel.limits.entrypoints.compliance import soon_until
from services.kernel.runtime import relay, telemetry
from services.kernel.runtime.access import EVERYTHING
from services.kernel.runtime.service import Kernel
from services.kernel.runtime.unit_of_work import UnitOfWork

logger = logging.getLogger("dondoc.metrics")

STATES = ("met", "met_late", "late", "running", "void")


@dataclass(frozen=True, slots=True)
class Reading:
    """Ages are in seconds; that of events is on real time, as the relay is, the lag on legal time."""

    clocks: dict[tuple[str, str], Tally]
    unpublished_age: float
    timer_lag: float


class LimitMetrics:
    """One in each process. Replicas tell the same: take the greatest, never the sum."""

    def __init__(self, kernel: Kernel, book: ClockBook) -> None:
        self._kernel, self._book = kernel, book
        self._reading = Reading({}, 0.0, 0.0)

    async def run(self) -> None:
        """Until cancelled. What cannot be read is not sent: a gap is seen, an old value is believed."""
        settings = self._kernel.settings
        reader = PeriodicExportingMetricReader(
            telemetry.metric_exporter(settings), export_interval_millis=math.inf
        )
        provider = MeterProvider([reader], resource=telemetry.resource_of(self._kernel.service))
        self._instruments(provider.get_meter("dondoc.limits"))
        try:
            while True:
                try:
                    self._reading = await self.read()
                    await asyncio.to_thread(reader.collect)
                except Exception as error:
                    # Database or receiver away, whatever it is: the next round reads again.
                    logger.warning("no metrics", extra={"error": type(error).__name__})
                await asyncio.sleep(settings.metrics_seconds)
        finally:
            provider.shutdown()

    async def read(self) -> Reading:
        """One statement for each figure, on one snapshot."""
        kernel = self._kernel
        async with kernel.engine.connect() as raw:
            connection = await raw.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                now = await kernel.clock.now(connection)
                work = UnitOfWork(connection, now)
                calendar = await self._book.calendars.read(work)
                soon = soon_until(now, calendar, kernel.settings.due_soon_days)
                counted = await compliance_store.counted(work, EVERYTHING, Question(now, soon))
                oldest = await relay.oldest_unpublished(connection)
                due = await clock_store.next_fire_at(connection)
        return Reading(
            by_rule_and_agency(counted), _since(oldest, datetime.now(UTC)), _since(due, now)
        )

    def _instruments(self, meter: Meter) -> None:
        meter.create_observable_gauge(
            "dondoc.clocks", [self._clocks], "{clock}", "Clocks by rule, agency and state"
        )
        meter.create_observable_gauge(
            "dondoc.clocks.due_soon", [self._due_soon], "{clock}",
            f"Running clocks that end within {self._kernel.settings.due_soon_days} working days",
        )  # fmt: skip
        meter.create_observable_gauge(
            "dondoc.events.unpublished.age", [self._age], "s",
            "Age of the event that has waited longest for the relay; real time",
        )  # fmt: skip
        meter.create_observable_gauge(
            "dondoc.timer.lag", [self._lag], "s",
            "How long the oldest rung that is due has not fired; time of the law",
        )  # fmt: skip

    def _clocks(self, options: CallbackOptions) -> Iterable[Observation]:
        for (rule, agency), tally in self._reading.clocks.items():
            for state in STATES:
                attributes = {"rule": rule, "agency": agency, "state": state}
                yield Observation(getattr(tally, state), attributes)

    def _due_soon(self, options: CallbackOptions) -> Iterable[Observation]:
        for (rule, agency), tally in self._reading.clocks.items():
            yield Observation(tally.due_soon, {"rule": rule, "agency": agency})

    def _age(self, options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(self._reading.unpublished_age)

    def _lag(self, options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(self._reading.timer_lag)


def _since(instant: datetime | None, now: datetime) -> float:
    """0 for nothing, and for what is to come."""
    return max((now - instant).total_seconds(), 0.0) if instant else 0.0
