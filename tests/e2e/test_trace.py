"""One Forward is one trace, through five processes and the mail server."""

from __future__ import annotations

from tests.fixtures.otlp import Receiver, Span
from tests.fixtures.processes import Street
from tests.fixtures.quarter import enter_directory, forward, set_clock
from tests.fixtures.world import SERVICES, directive

FORWARD = "dondoc.directives.v1.DirectiveService/ForwardDirective"


def of_forward(spans: list[Span]) -> list[Span]:
    """Spans of the trace in which the directive was forwarded."""
    traces = {span.trace_id for span in spans if span.name == FORWARD}
    return [span for span in spans if span.trace_id in traces]


async def test_one_forward_is_one_trace(street: Street, otlp: Receiver) -> None:
    street.environment["DONDOC_OTLP_ENDPOINT"] = otlp.endpoint
    for service in SERVICES:
        await street.start(service)
    await set_clock(street)
    await enter_directory(street)
    otlp.spans.clear()
    await forward(street, directive("1"))
    wanted = {
        ("dondoc-directives", FORWARD),
        ("dondoc-directives", "insert event_log"),
        ("dondoc-directives", "publish DirectiveForwarded"),
        ("dondoc-tasks", "process DirectiveForwarded"),
        ("dondoc-tasks", "insert event_log"),
        ("dondoc-tasks", "publish TaskForwarded"),
        ("dondoc-inspections", "process TaskForwarded"),
        ("dondoc-reporting", "process TaskForwarded"),
        ("dondoc-notify", "process TaskForwarded"),
    }

    def complete(spans: list[Span]) -> bool:
        return wanted <= {(span.service, span.name) for span in of_forward(spans)}

    await otlp.wait_for(complete)
    trace = of_forward(otlp.spans)
    assert len({span.trace_id for span in trace}) == 1
    # One that was sent again, since the answer came late, is the same span.
    sent = {(span.span_id, span.service, span.name, span.start, span.end) for span in trace}
    assert len({span.span_id for span in trace}) == len(sent)
