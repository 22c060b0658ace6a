"""Sends legal traces to the OTLP receiver: past every sampler, until the receiver has taken them."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from services.kernel.limits.adapters import trace_store
from services.kernel.limits.adapters.trace_messages import to_spans
from services.kernel.limits.adapters.traces import Traces
from services.kernel.runtime import crashpoints, db, telemetry
from services.kernel.runtime.access import EVERYTHING
from services.kernel.runtime.service import Kernel
from services.kernel.runtime.unit_of_work import UnitOfWork

logger = logging.getLogger("dondoc.traces")

BATCH = 50  # traces
# Longer than an export may take, so that a second replica leaves a first one its time.
LEASE = timedelta(seconds=60)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class TraceSender:
    """One in each process. What is in the outbox is sent at least once, each time with the same ids."""

    def __init__(self, kernel: Kernel, traces: Traces) -> None:
        self._kernel, self._traces = kernel, traces
        self._resource = telemetry.resource_of(kernel.service)

    async def run(self) -> None:
        """Until cancelled; never gives up."""
        exporter = telemetry.span_exporter(self._kernel.settings)
        pause = FIRST_PAUSE
        try:
            while True:
                try:
                    sent = await self.send_waiting(exporter)
                    pause = FIRST_PAUSE
                except Exception as error:
                    # Whatever it is, the rows are there and the next round tries again.
                    logger.warning("traces are not sent", extra={"error": type(error).__name__})
                    sent, pause = 0, min(pause * 2, LONGEST_PAUSE)
                if sent < BATCH:
                    quiet = self._kernel.settings.poll_seconds if pause == FIRST_PAUSE else pause
                    await asyncio.sleep(quiet)
        finally:
            exporter.shutdown()

    async def send_waiting(self, exporter: SpanExporter) -> int:
        """One batch; how many traces were sent. No transaction is held while it is under way."""
        engine = self._kernel.engine
        async with db.transaction(engine) as connection:
            waiting = await trace_store.claim(connection, BATCH, LEASE)
        if not waiting:
            return 0
        spans, told = await self._read(list(waiting))
        result = SpanExportResult.SUCCESS
        if spans:
            result = await asyncio.to_thread(exporter.export, spans)
        crashpoints.reached("traces.after_export")
        positions = [position for name in told for position in waiting[name]]
        async with db.transaction(engine) as connection:
            if result is SpanExportResult.SUCCESS:
                await trace_store.forget(connection, positions)
            else:
                await trace_store.put_off(connection, positions, timedelta(seconds=FIRST_PAUSE))
        if result is not SpanExportResult.SUCCESS:
            raise ConnectionError("the receiver did not take them")
        return len(told)

    async def _read(self, names: list[str]) -> tuple[list[ReadableSpan], list[str]]:
        """Spans, and the subjects they are of, on one snapshot."""
        spans: list[ReadableSpan] = []
        told: list[str] = []
        async with self._kernel.engine.connect() as raw:
            connection = await raw.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                work = UnitOfWork(connection, await self._kernel.clock.now(connection))
                for name in names:
                    try:
                        trace = await self._traces.of(work, EVERYTHING, name)
                    except (KeyError, ValueError) as error:
                        # A profile that is no longer installed, say: it waits, the others go.
                        logger.error("no trace can be made", extra={"error": type(error).__name__})
                        continue
                    told.append(name)
                    if trace:
                        spans += to_spans(trace, self._resource)
        return spans, told
