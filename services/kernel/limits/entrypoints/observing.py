"""What an operator watches: legal traces and metrics, where an OTLP receiver is set."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.limits.entrypoints.metrics import LimitMetrics
from services.kernel.limits.entrypoints.trace_sender import TraceSender
from services.kernel.runtime.service import Kernel


def workers(kernel: Kernel, book: ClockBook) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """Without a receiver nothing is queued, nothing is read, and nobody works."""
    if not kernel.settings.otlp_endpoint:
        return []
    return [TraceSender(kernel, book.traces).run, LimitMetrics(kernel, book).run]
