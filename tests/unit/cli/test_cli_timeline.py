"""A trace in letters: bars, ends of limits, the tree, and words in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from dondoc.limits.v1 import compliance_pb2
from dondoc.limits.v1 import trace_pb2 as pb

from cli import language
from cli.language import Language
from cli.sla import timeline
from cli.sla.compliance import share
from services.kernel.runtime.protos import to_timestamp

BEGIN = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = language.current
    language.current = Language.EN
    yield
    language.current = before


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def span(
    id: str,
    parent: str,
    start: float,
    end: float | None = None,
    due: float | None = None,
    **more: object,
) -> pb.TraceSpan:
    return pb.TraceSpan(
        span_id=id,
        parent_span_id=parent,
        name=id,
        start_time=to_timestamp(day(start)),
        end_time=to_timestamp(None if end is None else day(end)),
        due_time=to_timestamp(None if due is None else day(due)),
        **more,  # type: ignore[arg-type]
    )


def drawn(one: pb.TraceSpan, now: float = 9.5) -> str:
    return timeline.bar(one, timeline.Stretch(day(0), day(10), 10), day(now))


def test_a_bar_shows_the_act_before_or_after_the_end_of_the_limit() -> None:
    assert drawn(span("met", "", 1, 3.5, 6.5)) == " ███··◆   "
    assert drawn(span("late", "", 1, 7.5, 4.5)) == " ███◆░░░  "
    assert drawn(span("round", "", 2, 5.5)) == "  ████    "


def test_what_runs_is_drawn_up_to_now() -> None:
    assert drawn(span("running", "", 1, None, 8.5), now=4.5) == " ███▶···◆ "
    assert drawn(span("late", "", 1, None, 3.5), now=6.5) == " ██◆░░▶   "


def test_the_tree_shows_what_is_below_what() -> None:
    trace = pb.Trace(
        as_of_time=to_timestamp(day(10)),
        spans=[
            span("task", "", 0, 10), span("r1", "task", 0, 2), span("a", "r1", 0, 1),
            span("b", "r1", 1, 2), span("r2", "task", 2, 9), span("c", "r2", 3, 4),
            span("d", "c", 3, 4), span("e", "r2", 5, 6),
        ],
    )  # fmt: skip
    stretch = timeline.stretch_of(trace, 10)
    assert (stretch.start, stretch.end) == (day(0), day(10))
    assert [line.branch + line.span.name for line in timeline.lines(trace, stretch)] == [
        "task",
        "├ r1",
        "│ ├ a",
        "│ └ b",
        "└ r2",
        "  ├ c",
        "  │ └ d",
        "  └ e",
    ]


def test_an_outcome_is_told_in_words_and_a_voided_clock_with_its_reason() -> None:
    met = span("R5.1e", "", 0, outcome="MET_LATE", attributes={"dondoc.working_days": "12"})
    void = span("R5.1e", "", 0, outcome="VOID", attributes={"dondoc.void_reason": "TASK_RETURNED"})
    assert timeline.outcome(met) == "met late, 12 working days"
    assert timeline.outcome(void) == "void: task returned"
    language.current = Language.VI
    assert timeline.outcome(met) == "trễ hạn, 12 ngày làm việc"
    assert timeline.outcome(void) == "không tính: nhiệm vụ được chuyển lại"


def test_a_share_is_never_told_without_its_denominator() -> None:
    assert share(compliance_pb2.ComplianceShare(numerator=6, denominator=7)) == "85.7 % (6/7)"
    assert share(compliance_pb2.ComplianceShare()) == "– (0/0)"
    language.current = Language.VI
    assert share(compliance_pb2.ComplianceShare(numerator=6, denominator=7)) == "85,7 % (6/7)"
