"""The lives of tasks: for each outcome, when it is possible and what is done on which day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from sample import agencies, workdays
from sample.acts import Act, Life, Outcome, Refusal, TaskKey, What, at
from sample.documents import Item, Origin
from sample.workdays import DAY, after, before, between

QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class Given:
    """A task as it is forwarded. `last` is the last good day, None without a date.

    `until` is the last day of the play.
    """

    task: TaskKey
    item: Item
    forwarded: date
    until: date

    @property
    def last(self) -> date | None:
        return self.item.last_day

    @property
    def accepted(self) -> date:
        return after(self.forwarded, 1)

    @property
    def last_to_ask(self) -> date:
        """Điểm c khoản 2 Điều 6: at least 3 working days before the limit ends."""
        assert self.last
        return before(self.last, 3)

    @property
    def locked(self) -> bool:
        return self.item.origin is not Origin.PROVINCE


class Writer:
    """Writes the acts of one life; counts how often each thing is done."""

    def __init__(self, given: Given, random: Random) -> None:
        self.given, self.random = given, random
        self.lead = given.task.lead
        self.acts: list[Act] = []

    def lead_does(self, what: What, on: date, /, **named: object) -> None:
        self._do(self.lead, what, on, named)

    def office_does(self, what: What, on: date, /, **named: object) -> None:
        self._do(agencies.OFFICE, what, on, named)

    def _do(self, who: str, what: What, on: date, named: dict[str, object]) -> None:
        n = 1 + sum(act.what is what for act in self.acts)
        act = Act(at(on), who, what, self.given.task.directive, self.given.task, n)
        self.acts.append(replace(act, **named))  # type: ignore[arg-type]

    def some_day(self, first: date, last: date) -> date:
        """A working day from first to last; `first` when there is none later."""
        return self.random.choice(between(first, last) or [first])

    def perhaps_progress(self, first: date, last: date, chance: float = 0.4) -> None:
        if between(first, last) and self.random.random() < chance:
            self.lead_does(What.PROGRESS, self.some_day(first, last))

    def report(self, entered: date, done: date | None = None) -> None:
        self.lead_does(What.REPORT, entered, day=done or entered)
        self.settle(entered)

    def settle(self, entered: date) -> None:
        """The Office confirms most results and closes most of what it confirmed."""
        if self.random.random() < 0.85:
            confirmed = after(entered, self.random.randint(1, 5))
            self.office_does(What.CONFIRM, confirmed)
            if self.random.random() < 0.6:
                self.office_does(What.CLOSE, after(confirmed, self.random.randint(1, 8)))

    def ask(self, day: date, refusal: Refusal | None = None) -> date:
        """Asks for more time; returns the due date that is asked for."""
        assert self.given.last
        asked = self.given.last + timedelta(days=self.random.randint(7, 21))
        self.lead_does(What.ASK, day, day=asked, reason="WAITING_FOR_OTHERS", refusal=refusal)
        return asked


Write = Callable[[Writer, Given, date], None]


def _on_time(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    reported = write.some_day(max(given.accepted, before(last, 6)), last)
    write.perhaps_progress(after(given.accepted, 1), before(reported, 1))
    write.report(reported)


def _entered_after_due(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    write.report(after(max(last, given.accepted), write.random.randint(1, 2)), done=last)


def _late(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    write.perhaps_progress(after(given.accepted, 1), before(last, 2))
    write.report(after(max(last, given.accepted), write.random.randint(1, 12)))


def _late_open(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    write.lead_does(What.PROGRESS, after(last, write.random.randint(1, 3)))


def _update_missing(write: Writer, given: Given, last: date) -> None:
    if write.random.random() < 0.6:
        write.lead_does(What.ACCEPT, given.accepted)
        write.perhaps_progress(after(given.accepted, 1), before(last, 2))


def _extended(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    asked = write.some_day(given.accepted, given.last_to_ask)
    granted = write.ask(asked)
    answered = after(asked, 1)
    write.office_does(What.ANSWER, answered, granted=True, day=granted)
    write.report(write.some_day(after(last, 1), workdays.working_on_or_after(granted)))


def _extension_refused(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    asked = write.some_day(given.accepted, given.last_to_ask)
    write.ask(asked)
    write.office_does(What.ANSWER, after(asked, 1), granted=False)
    if write.random.random() < 0.5:
        write.report(after(last, write.random.randint(1, 4)))
    else:
        write.report(last)


def _asked_too_late(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    write.ask(_too_late(write, given, last), Refusal.ASKED_TOO_LATE)
    write.report(after(last, write.random.randint(1, 6)))


def _admitted_late(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    asked = _too_late(write, given, before(last, 1))
    due = write.ask(asked, Refusal.ASKED_TOO_LATE)
    write.office_does(What.ADMIT, asked, day=due, received=asked, reason="FORCE_MAJEURE")
    write.office_does(What.ANSWER, asked, granted=True, day=due)
    write.report(write.some_day(after(last, 1), workdays.working_on_or_after(due)))


def _too_late(write: Writer, given: Given, last: date) -> date:
    return write.some_day(max(given.accepted, after(given.last_to_ask, 1)), last)


def _locked_origin(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    asked = write.some_day(given.accepted, given.last_to_ask)
    write.ask(asked, Refusal.LOCKED_ORIGIN)
    write.report(write.some_day(after(asked, 1), last))


def _reforwarded(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.RETURN, given.accepted, reason="OUTSIDE_COMPETENCE")
    passed_on = after(given.accepted, 1)
    others = set(given.item.leads) | {write.lead}
    heirs = [name for name in agencies.of_kind("department") if name not in others]
    heir = write.random.choice(heirs)
    write.office_does(What.REFORWARD, passed_on, other=heir)
    write.lead = heir
    write.lead_does(What.ACCEPT, after(passed_on, 1))
    write.report(write.some_day(after(passed_on, 2), last))


def _sent_back(write: Writer, given: Given, last: date) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    first = write.some_day(given.accepted, before(last, 4))
    write.lead_does(What.REPORT, first, day=first)
    write.office_does(What.SEND_BACK, after(first, 1), reason="INCOMPLETE")
    write.lead_does(What.PROGRESS, after(first, 2))
    write.report(write.some_day(after(first, 3), last))


def _on_behalf(write: Writer, given: Given, last: date) -> None:
    """The written report comes a day after the result, and is entered within 3 working days."""
    late = write.random.random() < 0.2
    done = after(last, write.random.randint(1, 5)) if late else last
    done = max(done, given.forwarded)
    received = after(done, 1)
    entered = after(received, write.random.randint(1, 3))
    write.office_does(What.ON_BEHALF, entered, day=done, received=received)
    write.settle(entered)


def _without_limit(write: Writer, given: Given, done_after: int | None, updates: bool) -> None:
    write.lead_does(What.ACCEPT, given.accepted)
    done = after(given.accepted, done_after) if done_after else given.until
    for first, last in quarters_after(given.forwarded, given.until):
        if updates and last < done:
            write.lead_does(What.PROGRESS, write.some_day(first + timedelta(days=20), last))
    if done_after:
        write.report(done)


def quarters_after(day: date, until: date) -> list[tuple[date, date]]:
    """The quarters that begin after the day: the first update is for the next one."""
    starts = [
        date(year, month, 1) for year in range(day.year, until.year + 2) for month in QUARTERS
    ]
    quarters = [(first, end - DAY) for first, end in pairwise(starts)]
    return [quarter for quarter in quarters if day < quarter[0] <= until]


_DATED: dict[Outcome, Write] = {
    Outcome.ON_TIME: _on_time,
    Outcome.ENTERED_AFTER_DUE: _entered_after_due,
    Outcome.LATE: _late,
    Outcome.LATE_OPEN: _late_open,
    Outcome.UPDATE_MISSING: _update_missing,
    Outcome.EXTENDED: _extended,
    Outcome.EXTENSION_REFUSED: _extension_refused,
    Outcome.ASKED_TOO_LATE: _asked_too_late,
    Outcome.ADMITTED_LATE: _admitted_late,
    Outcome.LOCKED_ORIGIN: _locked_origin,
    Outcome.REFORWARDED: _reforwarded,
    Outcome.SENT_BACK: _sent_back,
    Outcome.ON_BEHALF: _on_behalf,
}


def possible(given: Given) -> frozenset[Outcome]:
    """The outcomes that the task's limit, origin and lead leave room for."""
    unconnected = given.task.lead in agencies.UNCONNECTED
    if unconnected:
        return frozenset({Outcome.ON_BEHALF})
    if given.last is None:
        if given.item.with_limit:
            return frozenset({Outcome.IN_WORDS})
        return frozenset(
            {
                Outcome.WITHOUT_LIMIT_DONE,
                Outcome.WITHOUT_LIMIT_UPDATED,
                Outcome.WITHOUT_LIMIT_SILENT,
            }
        )
    return frozenset(_possible_before(given, given.last))


def _possible_before(given: Given, last: date) -> Iterable[Outcome]:
    first = given.accepted
    yield Outcome.LATE
    if last < given.forwarded:
        return
    yield Outcome.ENTERED_AFTER_DUE
    if first > last:
        return
    yield from (Outcome.ON_TIME, Outcome.LATE_OPEN, Outcome.UPDATE_MISSING)
    if after(first, 5) <= last:
        yield Outcome.SENT_BACK
        # Of a group's members none could take another's share: each has its own.
        if not given.item.group:
            yield Outcome.REFORWARDED
    if first <= given.last_to_ask:
        if given.locked:
            yield Outcome.LOCKED_ORIGIN
        else:
            yield from (
                Outcome.EXTENDED,
                Outcome.EXTENSION_REFUSED,
                Outcome.ASKED_TOO_LATE,
                Outcome.ADMITTED_LATE,
            )


def life(given: Given, outcome: Outcome, random: Random) -> Life:
    """The life of a task with this outcome. What would lie after the end of the play is left out."""
    write = Writer(given, random)
    if given.last is not None:
        _DATED[outcome](write, given, given.last)
    elif outcome is Outcome.ON_BEHALF:
        _on_behalf(write, given, after(given.forwarded, random.randint(15, 40)))
    elif outcome is Outcome.IN_WORDS:
        _without_limit(write, given, random.randint(10, 40), updates=False)
    elif outcome is Outcome.WITHOUT_LIMIT_DONE:
        _without_limit(write, given, random.randint(20, 120), updates=True)
    else:
        _without_limit(write, given, None, updates=outcome is Outcome.WITHOUT_LIMIT_UPDATED)
    acts = tuple(act for act in write.acts if act.at.date() <= given.until)
    return Life(given.task, given.item, given.forwarded, outcome, acts)
