"""A trace as a picture in letters: a bar for each span over one common stretch of time.

█ before the end of the limit, ░ after it, ◆ the end of the limit, ▶ still running. Shapes and words tell
everything; colours only repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dondoc.limits.v1.trace_pb2 import (
    TRACE_SPAN_KIND_CLOCK,
    TRACE_SPAN_KIND_EXTENSION,
    TRACE_SPAN_KIND_LIFE,
    TRACE_SPAN_KIND_ROUND,
    Trace,
    TraceMoment,
    TraceSpan,
)

from cli.language import say
from cli.profiles.words import act
from services.kernel.runtime.protos import from_timestamp

IN_TIME, LATE, DUE, RUNNING = "█", "░", "◆", "▶"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the picture; `branch` draws its place in the tree."""

    branch: str
    span: TraceSpan
    bar: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that the picture covers; a column for each of `width` equal parts."""

    start: datetime
    end: datetime
    width: int

    def column(self, at: datetime) -> int:
        whole = (self.end - self.start).total_seconds() or 1.0
        share = (at - self.start).total_seconds() / whole
        return max(0, min(self.width - 1, int(share * self.width)))


def stretch_of(trace: Trace, width: int) -> Stretch:
    """From the first start to the last end, or limit, or to the moment of looking."""
    instants = [from_timestamp(span.start_time) for span in trace.spans]
    for span in trace.spans:
        for field in ("end_time", "due_time"):
            if span.HasField(field):
                instants.append(from_timestamp(getattr(span, field)))
        if not span.HasField("end_time"):
            instants.append(from_timestamp(trace.as_of_time))
    return Stretch(min(instants), max(instants), width)


def lines(trace: Trace, stretch: Stretch) -> Iterator[Line]:
    """Every span in the order of the trace, with its bar."""
    now = from_timestamp(trace.as_of_time)
    depth: dict[str, int] = {}
    for index, span in enumerate(trace.spans):
        level = depth.get(span.parent_span_id, -1) + 1
        depth[span.span_id] = level
        yield Line(_branch(trace, index, level, depth), span, bar(span, stretch, now))


def bar(span: TraceSpan, stretch: Stretch, now: datetime) -> str:
    running = not span.HasField("end_time")
    start = stretch.column(from_timestamp(span.start_time))
    end = stretch.column(now if running else from_timestamp(span.end_time))
    cells = [" "] * stretch.width
    due = stretch.column(from_timestamp(span.due_time)) if span.HasField("due_time") else None
    for column in range(start, max(start, end) + 1):
        cells[column] = IN_TIME if due is None or column <= due else LATE
    if running:
        cells[end] = RUNNING
    if due is not None:
        for column in range(end + 1, due):
            cells[column] = "·"
        cells[due] = DUE
    return "".join(cells)


def _branch(trace: Trace, index: int, level: int, depth: dict[str, int]) -> str:
    """`│ └ `: whether more follow on each level above is known from the spans that come after."""
    if not level:
        return ""
    levels = {**depth}
    open_levels: set[int] = set()
    last = True
    done = False
    for later in trace.spans[index + 1 :]:
        at = levels.setdefault(later.span_id, levels[later.parent_span_id] + 1)
        if at <= level and not done:
            last, done = at != level, True
        if at < level and at not in open_levels and all(at <= lower for lower in open_levels):
            open_levels.add(at)
    lead = "".join("│ " if depth_ in open_levels else "  " for depth_ in range(1, level))
    return lead + ("└ " if last else "├ ")


def title(span: TraceSpan) -> str:
    """What the span is, in the chosen language."""
    attributes = span.attributes
    agency = attributes.get("dondoc.agency", "")
    if span.kind == TRACE_SPAN_KIND_LIFE:
        what = say("Văn bản", "Directive") if span.name == "directive" else say("Nhiệm vụ", "Task")
        ordinal = attributes.get("dondoc.ordinal")
        code = attributes.get("dondoc.document", "")
        return f"{what} {code}" + (f" · {ordinal}" if ordinal else "")
    number = span.name.rpartition(" ")[2]
    if span.kind == TRACE_SPAN_KIND_ROUND:
        return _with(say(f"Lần chuyển {number}", f"Round {number}"), agency)
    if span.kind == TRACE_SPAN_KIND_EXTENSION:
        return say(f"Xin gia hạn lần {number}", f"Extension {number}")
    if span.kind == TRACE_SPAN_KIND_CLOCK:
        again = attributes.get("dondoc.generation", "1")
        name = f"{span.name} {attributes['dondoc.article']}"
        return _with(name + (f" ({again})" if again != "1" else ""), agency)
    return _state(span.name)


def outcome(span: TraceSpan) -> str:
    """In words; a voided clock with its reason."""
    words = {
        "MET": say("đúng hạn", "met"),
        "MET_LATE": say("trễ hạn", "met late"),
        "LATE": say("đang quá hạn", "late"),
        "RUNNING": say("đang chạy", "running"),
        "VOID": say("không tính: ", "void: ") + act(span.attributes.get("dondoc.void_reason", "")),
    }.get(span.outcome, "")
    if not words or span.outcome == "VOID":
        return words
    used = span.attributes["dondoc.working_days"]
    return f"{words}, {used} {say('ngày làm việc', 'working days')}"


def moment(told: TraceMoment) -> str:
    """`MOVED EXTENSION 7/UBND-TH`: what happened, with its ground and its document."""
    parts = [told.name]
    for key in ("ground", "document", "from_due", "due"):
        if value := told.attributes.get(f"dondoc.{key}"):
            parts.append(value)
    if "dondoc.revoked" in told.attributes:
        parts.append(say("(đã rút lại)", "(taken back)"))
    return " ".join(parts)


def _with(what: str, agency: str) -> str:
    return f"{what} · {agency}" if agency else what


def _state(state: str) -> str:
    return {
        "ENTERED": say("đã nhập", "entered"),
        "NO_TASK": say("không có nhiệm vụ", "no task"),
        "FORWARDED": say("đã chuyển", "forwarded"),
        "ACCEPTED": say("đã tiếp nhận", "accepted"),
        "RETURNED": say("chuyển lại", "returned"),
        "IN_PROGRESS": say("đang thực hiện", "in progress"),
        "REPORTED": say("đã báo cáo kết quả", "reported"),
        "CONFIRMED": say("đã xác nhận", "confirmed"),
        "CLOSED": say("đã kết thúc", "closed"),
        "WITHDRAWN": say("đã rút", "withdrawn"),
        "SUPERSEDED": say("đã được thay thế", "superseded"),
    }.get(state, state)
