"""The runs of a clock, from its ledger: one from its start, another from each time it was reopened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.kernel.limits.domain.clock import Clock, ClockState, LedgerEntry, LedgerKind

_BEGINS = (LedgerKind.STARTED, LedgerKind.REOPENED)


@dataclass(slots=True)
class Run:
    """`opened_at` is when it was recorded, `start` from when it counts; `end` is None while it runs.

    It ends with the act, not with the act's entry, and where the act lies before the start, with the
    start: a result can be older than the forwarding of what it answers.
    """

    generation: int
    opened_at: datetime
    start: datetime
    due_at: datetime
    act_at: datetime | None = None
    end: datetime | None = None
    void_reason: str = ""
    entries: list[LedgerEntry] = field(default_factory=list)

    def state(self, now: datetime) -> ClockState:
        """As Clock.state, at the end of this run."""
        if self.void_reason:
            return ClockState.VOID
        if self.act_at is not None:
            return ClockState.MET if self.act_at < self.due_at else ClockState.MET_LATE
        return ClockState.LATE if now >= self.due_at else ClockState.RUNNING


def runs_of(clock: Clock, ledger: Iterable[LedgerEntry]) -> list[Run]:
    """In their order; `ledger` is the whole one, in the order of its versions."""
    runs: list[Run] = []
    for entry in ledger:
        if entry.kind in _BEGINS:
            start = clock.started_at if entry.kind is LedgerKind.STARTED else entry.at
            runs.append(Run(entry.generation, entry.at, start, entry.to_due or clock.due_at))
        run = runs[-1]
        run.entries.append(entry)
        run.due_at = entry.to_due or run.due_at
        if entry.kind is LedgerKind.VOIDED:
            run.void_reason, run.end = entry.ground, max(run.start, entry.at)
        elif entry.act_at is not None:
            run.act_at, run.end = entry.act_at, max(run.start, entry.act_at)
    return runs
