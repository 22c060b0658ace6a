"""The legal life of a task or directive as a trace: a view of the clock ledger, not a record of its own.

The trace's id is the subject's own uuid and every span's id follows from what it tells of, so that a
trace that is made again, by whatever process, is the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from services.kernel.limits.domain.calendar import LOCAL, Calendar, local_date
from services.kernel.limits.domain.clock import Clock, ClockState, LedgerEntry
from services.kernel.limits.domain.rungs import Rung
from services.kernel.limits.domain.runs import Run, runs_of

Value = str | int | bool
Attributes = Mapping[str, Value]
_ROOT_BITS = 2**64 - 1

# All that may be told of a classified subject: ids, numbers, codes of the law and dates (khoản 2 Điều 5).
TOLD_OF_CLASSIFIED = frozenset(
    {
        "article", "calendar_version", "classified", "document", "due", "extension", "from_due",
        "generation", "granted_due", "ground", "issued", "name", "ordinal", "outcome", "profile",
        "profile_version", "requested_due", "revoked", "rule", "state", "stated_due", "void_reason",
        "working_days",
    }
)  # fmt: skip


class SpanKind(StrEnum):
    LIFE = "LIFE"
    ROUND = "ROUND"
    STATE = "STATE"
    CLOCK = "CLOCK"
    EXTENSION = "EXTENSION"


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened at one instant of a span."""

    at: datetime
    name: str
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a life that is no clock: a round, a stay in a state, an extension.

    `key` is unique in its life and gives the span its id. `subject` names the clocks that belong
    below it, where they have a subject of their own.
    """

    kind: SpanKind
    key: str
    name: str
    start: datetime
    end: datetime | None
    attributes: Attributes = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """What a service knows of a subject; `linked` names the lives that it belongs with."""

    name: str
    start: datetime
    end: datetime | None
    attributes: Attributes
    moments: Sequence[Moment] = ()
    stages: Sequence[Stage] = ()
    linked: Sequence[str] = ()
    classified: bool = False


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """A clock with all that is kept of it. `extendable`: requests for more time belong below it."""

    clock: Clock
    article: str
    ledger: Sequence[LedgerEntry]
    rungs: Sequence[Rung] = ()
    extendable: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Another life, by its root."""

    name: str
    trace_id: int
    span_id: int


@dataclass(frozen=True, slots=True)
class Span:
    """`end` is None while it runs; `due` and `outcome` are those of a clock, as they stood at its end."""

    kind: SpanKind
    id: int
    parent: int | None
    name: str
    start: datetime
    end: datetime | None
    attributes: Attributes
    moments: tuple[Moment, ...] = ()
    links: tuple[Link, ...] = ()
    due: datetime | None = None
    outcome: ClockState | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The root first, each span after its parent."""

    name: str
    id: int
    spans: tuple[Span, ...]

    @property
    def ended(self) -> tuple[Span, ...]:
        """A trace holds finished spans only: what runs is told when it ends."""
        return tuple(span for span in self.spans if span.end is not None)


def id_of(name: str) -> UUID:
    """`tasks/9a2c…` → the uuid in it, whose 16 bytes are the trace's id."""
    return UUID(name.split("/")[1])


def root_of(name: str) -> Link:
    """The root's id is the second half of the uuid: whoever knows the name can link to the trace."""
    subject = id_of(name).int
    return Link(name, subject, subject & _ROOT_BITS)


def trace_of(
    life: Life, records: Iterable[ClockRecord], calendar: Calendar, now: datetime
) -> Trace:
    root = root_of(life.name)
    spans = [_root(life, root), *_stages(life, root)]
    rounds = [span for span in spans if span.kind is SpanKind.ROUND]
    below = {s.subject: _span_id(life.name, s.key) for s in life.stages if s.subject}
    extendable: list[Span] = []
    for record in records:
        for run in runs_of(record.clock, record.ledger):
            parent = below.get(record.clock.subject) or _within(rounds, run.opened_at, root)
            span = _clock(record, run, parent, calendar, now)
            spans.append(span)
            if record.extendable:
                extendable.append(span)
    spans = [
        replace(span, parent=_extended(extendable, span, rounds, root))
        if span.kind is SpanKind.EXTENSION
        else span
        for span in spans
    ]
    if life.classified:
        spans = [_reduced(span) for span in spans]
    return Trace(life.name, root.trace_id, tuple(_in_order(spans)))


def stays(changes: Iterable[tuple[int, datetime, str]], end: datetime | None) -> list[Stage]:
    """Stays in states, from (version, at, state) of every change; the last one ends with the life."""
    found: list[Stage] = []
    for version, at, state in changes:
        if found and found[-1].name == state:
            continue
        if found:
            found[-1] = replace(found[-1], end=at)
        key = f"state {version}"
        found.append(Stage(SpanKind.STATE, key, state, at, None, {"state": state}))
    return [
        stage if stage.end else replace(stage, end=end)
        for stage in found
        if end is None or stage.start < end
    ]


def _span_id(name: str, key: str) -> int:
    return int.from_bytes(uuid5(id_of(name), key).bytes[:8])


def _root(life: Life, root: Link) -> Span:
    return Span(
        SpanKind.LIFE,
        root.span_id,
        None,
        life.name.split("/")[0].removesuffix("s"),
        life.start,
        life.end,
        {"name": life.name, **life.attributes, "classified": life.classified},
        tuple(life.moments),
        tuple(root_of(name) for name in life.linked),
    )


def _stages(life: Life, root: Link) -> Iterator[Span]:
    rounds: list[Span] = []
    # Rounds first: states look for theirs.
    for stage in sorted(life.stages, key=lambda s: s.kind is not SpanKind.ROUND):
        parent = root.span_id
        if stage.kind is SpanKind.STATE:
            parent = _within(rounds, stage.start, root)
        span = Span(
            stage.kind,
            _span_id(life.name, stage.key),
            parent,
            stage.name,
            stage.start,
            stage.end,
            stage.attributes,
        )
        if stage.kind is SpanKind.ROUND:
            rounds.append(span)
        yield span


def _within(spans: Iterable[Span], at: datetime, root: Link) -> int:
    """The last of the spans in which the instant lies; what a return begins is no part of its round."""
    holding = [s.id for s in spans if s.start <= at and (s.end is None or at < s.end)]
    return holding[-1] if holding else root.span_id


def _extended(extendable: Iterable[Span], asked: Span, rounds: Iterable[Span], root: Link) -> int:
    """The run of the clock that the request is about: the last that had begun."""
    begun = [span for span in extendable if span.start <= asked.start]
    return begun[-1].id if begun else _within(rounds, asked.start, root)


def _clock(record: ClockRecord, run: Run, parent: int, calendar: Calendar, now: datetime) -> Span:
    clock, outcome = record.clock, run.state(now)
    until = local_date(run.end or now)
    attributes: dict[str, Value] = {
        "rule": clock.rule,
        "article": record.article,
        "agency": clock.owed_by,
        "due": _local(run.due_at),
        "outcome": outcome.value,
        "working_days": max(calendar.working_days_between(local_date(run.start), until), 0),
        "generation": run.generation,
        "profile": clock.profile,
        "profile_version": clock.profile_version,
    }
    if run.generation == clock.generation:
        attributes["calendar_version"] = clock.calendar_version
        if clock.stated_due:
            attributes["stated_due"] = clock.stated_due.isoformat()
    if run.void_reason:
        attributes["void_reason"] = run.void_reason
    _, _, extension = clock.subject.partition("/extensions/")
    if extension:
        attributes["extension"] = int(extension)
    moments = [*_moves(run), *_rungs(record.rungs, run.generation)]
    return Span(
        SpanKind.CLOCK,
        int.from_bytes(uuid5(clock.id, f"run {run.generation}").bytes[:8]),
        parent,
        clock.rule,
        run.start,
        run.end,
        attributes,
        tuple(sorted(moments, key=lambda m: m.at)),
        due=run.due_at,
        outcome=outcome,
    )


def _moves(run: Run) -> Iterator[Moment]:
    for entry in run.entries:
        attributes: dict[str, Value] = {"ground": entry.ground}
        if entry.document:
            attributes["document"] = entry.document
        if entry.from_due:
            attributes["from_due"] = _local(entry.from_due)
        if entry.to_due:
            attributes["due"] = _local(entry.to_due)
        yield Moment(entry.at, entry.kind.lower(), attributes)


def _rungs(rungs: Iterable[Rung], generation: int) -> Iterator[Moment]:
    """What was said, also where it turned out untrue and was taken back."""
    for rung in rungs:
        if rung.generation == generation and rung.fired_at:
            revoked: Attributes = {"revoked": True} if rung.revoked_at else {}
            yield Moment(rung.fire_at, f"rung {rung.name}", revoked)


def _local(at: datetime) -> str:
    """As people of the law read it."""
    return at.astimezone(LOCAL).isoformat()


def _reduced(span: Span) -> Span:
    def told(attributes: Attributes) -> Attributes:
        return {k: v for k, v in attributes.items() if k in TOLD_OF_CLASSIFIED}

    return replace(
        span,
        attributes=told(span.attributes),
        moments=tuple(replace(m, attributes=told(m.attributes)) for m in span.moments),
    )


_RANK = {kind: rank for rank, kind in enumerate(SpanKind)}


def _in_order(spans: Sequence[Span]) -> Iterator[Span]:
    children: dict[int | None, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent, []).append(span)

    def below(parent: int | None) -> Iterator[Span]:
        for span in sorted(
            children.get(parent, ()), key=lambda s: (s.start, _RANK[s.kind], s.name, s.id)
        ):
            yield span
            yield from below(span.id)

    return below(None)
