"""How one task stood at an instant, from its history and from the clocks of its due date.

The figures ask one question, "how did it stand then?"; `standing_at` is its only answer, and the
intervals of the projection are that answer between two acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.kernel.limits.domain.calendar import end_of, start_of


class Progress(StrEnum):
    """Điểm g khoản 1 Điều 5."""

    NOT_STARTED = "NOT_STARTED"  # chưa thực hiện
    IN_PROGRESS = "IN_PROGRESS"  # đang thực hiện
    DONE = "DONE"  # đã thực hiện


@dataclass(frozen=True, slots=True)
class Round:
    """One forwarding to one lead, with the due date that was stated then."""

    lead: str
    forwarded_at: datetime
    due_date: date | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`done_on` is the day of the act; it is known from `entered_at` on."""

    done_on: date
    entered_at: datetime
    sent_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """An extension that was granted (điểm d khoản 1 Điều 6)."""

    due_date: date
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Amended:
    """A due date that a document set or changed; None: it took the date away."""

    due_date: date | None
    amended_at: datetime


@dataclass(frozen=True, slots=True)
class DueClock:
    """One version of a clock of the task's due date; the task has one clock for each round."""

    clock: str
    version: int
    occurred_at: datetime
    started_at: datetime
    due_at: datetime
    voided: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """All acts on one task, each list in the order of the acts. Instants know their zone."""

    rounds: tuple[Round, ...]
    progress_at: tuple[datetime, ...] = ()
    results: tuple[Result, ...] = ()
    granted: tuple[Granted, ...] = ()
    amended: tuple[Amended, ...] = ()
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    clocks: tuple[DueClock, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """`agency` leads the task; `due_at` is the first late instant, None without a limit.

    `act_at` is set with DONE alone: 00:00 of the day of the act, by which lateness goes.
    """

    agency: str
    forwarded_at: datetime
    progress: Progress
    act_at: datetime | None
    confirmed: bool
    returned: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Interval:
    """From `begin` until just before `end`; None means until further notice."""

    begin: datetime
    end: datetime | None
    standing: Standing


def standing_at(history: History, instant: datetime) -> Standing | None:
    """None before the first forwarding and from a withdrawal on: such a task is not counted."""
    rounds = [found for found in history.rounds if found.forwarded_at <= instant]
    if not rounds or (history.withdrawn_at and history.withdrawn_at <= instant):
        return None
    current = rounds[-1]

    def of_this_round(at: datetime) -> bool:
        # What an earlier lead did does not start the work of the present one.
        return current.forwarded_at <= at <= instant

    results = [found for found in history.results if of_this_round(found.entered_at)]
    last = results[-1] if results else None
    done = bool(last and not (last.sent_back_at and last.sent_back_at <= instant))
    begun = bool(results) or any(of_this_round(at) for at in history.progress_at)
    changes: list[tuple[datetime, date | None]] = [
        *((found.answered_at, found.due_date) for found in history.granted),
        *((found.amended_at, found.due_date) for found in history.amended),
    ]
    changes = sorted(
        (found for found in changes if of_this_round(found[0])), key=lambda found: found[0]
    )
    confirmed_at = history.confirmed_at
    return Standing(
        agency=current.lead,
        forwarded_at=current.forwarded_at,
        progress=(
            Progress.DONE if done else Progress.IN_PROGRESS if begun else Progress.NOT_STARTED
        ),
        act_at=start_of(last.done_on) if done and last else None,
        confirmed=done and confirmed_at is not None and confirmed_at <= instant,
        returned=current.returned_at is not None and current.returned_at <= instant,
        due_at=_due_at(history.clocks, changes[-1][1] if changes else current.due_date, instant),
    )


def _due_at(
    clocks: tuple[DueClock, ...], stated: date | None, instant: datetime
) -> datetime | None:
    newest: dict[str, DueClock] = {}
    for found in clocks:
        known = newest.get(found.clock)
        if found.occurred_at <= instant and (known is None or known.version < found.version):
            newest[found.clock] = found
    # Of several rounds, the clock of the last; a voided one only where there is no other.
    last = max(newest.values(), key=lambda c: (not c.voided, c.started_at, c.clock), default=None)
    if last and not last.voided:
        return last.due_at
    if stated is None:
        return None
    # The voided clock speaks on while its task is with the Office after a return. Without any (a
    # directive older than every profile) the stated date itself does.
    return last.due_at if last else end_of(stated)


def intervals(history: History) -> tuple[Interval, ...]:
    """One for each way the task stood; neighbours differ, and none overlaps another."""
    found: list[Interval] = []
    instants = sorted(_instants(history))
    for begin, end in zip(instants, [*instants[1:], None], strict=True):
        standing = standing_at(history, begin)
        if standing is None:
            continue
        if found and found[-1].end == begin and found[-1].standing == standing:
            begin = found.pop().begin
        found.append(Interval(begin, end, standing))
    return tuple(found)


def _instants(history: History) -> set[datetime]:
    acts = {found.forwarded_at for found in history.rounds}
    acts |= {found.returned_at for found in history.rounds if found.returned_at}
    acts |= set(history.progress_at)
    acts |= {found.entered_at for found in history.results}
    acts |= {found.sent_back_at for found in history.results if found.sent_back_at}
    acts |= {found.answered_at for found in history.granted}
    acts |= {found.amended_at for found in history.amended}
    acts |= {found.occurred_at for found in history.clocks}
    return acts | {at for at in (history.confirmed_at, history.withdrawn_at) if at}
