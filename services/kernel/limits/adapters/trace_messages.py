"""Traces as messages and as spans of OpenTelemetry: both tell the same."""

from __future__ import annotations

from datetime import datetime

from dondoc.limits.v1 import trace_pb2 as pb
from opentelemetry import trace as api
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from services.kernel.limits.domain.clock import ClockState
from services.kernel.limits.domain.trace import Attributes, Span, Trace, Value
from services.kernel.runtime.protos import to_timestamp

SCOPE = InstrumentationScope("dondoc.legal")
_SAMPLED = api.TraceFlags(api.TraceFlags.SAMPLED)
_BREACHED = (ClockState.LATE, ClockState.MET_LATE)


def to_message(trace: Trace, now: datetime) -> pb.Trace:
    return pb.Trace(
        name=trace.name,
        trace_id=api.format_trace_id(trace.id),
        as_of_time=to_timestamp(now),
        spans=[_message(span) for span in trace.spans],
    )


def to_spans(trace: Trace, resource: Resource) -> list[ReadableSpan]:
    """Finished spans with ids of their own making: no sampler and no processor ever sees them."""
    return [_span(trace, span, resource) for span in trace.ended]


def _message(span: Span) -> pb.TraceSpan:
    return pb.TraceSpan(
        span_id=api.format_span_id(span.id),
        parent_span_id=api.format_span_id(span.parent) if span.parent else "",
        kind=pb.TraceSpanKind.Value(f"TRACE_SPAN_KIND_{span.kind}"),
        name=span.name,
        start_time=to_timestamp(span.start),
        end_time=to_timestamp(span.end),
        due_time=to_timestamp(span.due),
        outcome=span.outcome or "",
        attributes={key: _written(value) for key, value in _named(span.attributes).items()},
        moments=[
            pb.TraceMoment(
                time=to_timestamp(moment.at),
                name=moment.name,
                attributes={k: _written(v) for k, v in _named(moment.attributes).items()},
            )
            for moment in span.moments
        ],
        links=[
            pb.TraceLink(
                name=link.name,
                trace_id=api.format_trace_id(link.trace_id),
                span_id=api.format_span_id(link.span_id),
            )
            for link in span.links
        ],
    )


def _span(trace: Trace, span: Span, resource: Resource) -> ReadableSpan:
    # A limit that was not kept is an error of somebody's, and looks like one to whoever searches.
    status = api.StatusCode.ERROR if span.outcome in _BREACHED else api.StatusCode.UNSET
    return ReadableSpan(
        name=span.name,
        context=_context(trace.id, span.id),
        parent=_context(trace.id, span.parent) if span.parent else None,
        resource=resource,
        attributes=_named(span.attributes),
        events=[
            Event(moment.name, _named(moment.attributes), _nanoseconds(moment.at))
            for moment in span.moments
        ],
        links=[api.Link(_context(link.trace_id, link.span_id)) for link in span.links],
        status=api.Status(status),
        start_time=_nanoseconds(span.start),
        end_time=_nanoseconds(span.end) if span.end else None,
        instrumentation_scope=SCOPE,
    )


def _context(trace_id: int, span_id: int) -> api.SpanContext:
    return api.SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED)


def _named(attributes: Attributes) -> dict[str, Value]:
    return {f"dondoc.{key}": value for key, value in attributes.items()}


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nanoseconds(at: datetime) -> int:
    stamp = to_timestamp(at)
    assert stamp is not None
    return stamp.ToNanoseconds()
