"""Traces, and logs that carry their ids. Neither ever holds a value of a request."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from opentelemetry import trace
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from services.kernel.runtime.settings import Settings

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object a line. Of an exception only type and place: its text may hold what was sent."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage() if record.name.startswith("dondoc") else str(record.msg),
        }
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = format(context.trace_id, "032x")
            line["span_id"] = format(context.span_id, "016x")
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str)


def start_logging(service: str, level: str) -> None:
    """Our own loggers at `level`, those of libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("dondoc").setLevel(level)


def resource_of(service: str) -> Resource:
    """By which all that a service sends is known."""
    return Resource.create({"service.name": f"dondoc-{service}"})


def start_tracing(service: str, settings: Settings) -> TracerProvider:
    """Spans get ids in any case; they are exported when an OTLP endpoint is set."""
    provider = TracerProvider(
        resource=resource_of(service),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
    )
    if settings.otlp_endpoint:
        provider.add_span_processor(
            BatchSpanProcessor(span_exporter(settings), schedule_delay_millis=500)
        )
    trace.set_tracer_provider(provider)
    return provider


def link_to_life(name: str) -> None:
    """Links the span under way to the legal trace of the task or directive that `name` is or begins with.

    Its trace id is the uuid in the name, its root the uuid's second half (limits/domain/trace.py).
    """
    collection, _, rest = name.partition("/")
    span = trace.get_current_span()
    if collection not in ("tasks", "directives") or not isinstance(span, ReadableSpan):
        return
    try:
        subject = UUID(rest[:36]).int
    except ValueError:
        return
    sampled = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    root = trace.SpanContext(subject, subject & (2**64 - 1), is_remote=True, trace_flags=sampled)
    if all(link.context.trace_id != subject for link in span.links):
        trace.get_current_span().add_link(root)


def span_exporter(settings: Settings) -> SpanExporter:
    """Speaks to the receiver by the protocol that is set."""
    if settings.otlp_protocol == "http":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter as HttpExporter,
        )

        return HttpExporter(endpoint=settings.otlp_endpoint.rstrip("/") + "/v1/traces")
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
        OTLPSpanExporter as GrpcExporter,
    )

    return GrpcExporter(
        endpoint=settings.otlp_endpoint, insecure=settings.otlp_endpoint.startswith("http://")
    )


def metric_exporter(settings: Settings) -> MetricExporter:
    """Speaks to the receiver by the protocol that is set."""
    if settings.otlp_protocol == "http":
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import (
            OTLPMetricExporter as HttpExporter,
        )

        return HttpExporter(endpoint=settings.otlp_endpoint.rstrip("/") + "/v1/metrics")
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (
        OTLPMetricExporter as GrpcExporter,
    )

    return GrpcExporter(
        endpoint=settings.otlp_endpoint, insecure=settings.otlp_endpoint.startswith("http://")
    )
