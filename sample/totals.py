"""What the figures must come to, counted from the script alone.

This is a second, simpler telling of the rules, on purpose: no code of the services is used, so that
both agreeing means something.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta

from sample import workdays
from sample.acts import Life, Script, What


@dataclass
class Row:
    """One agency as lead, in the columns of ReportingService.GetFigures."""

    total: int = 0
    done: int = 0
    done_within_limit: int = 0
    done_overdue: int = 0
    done_no_limit: int = 0
    open: int = 0
    open_within_limit: int = 0
    open_overdue: int = 0
    open_no_limit: int = 0
    in_progress: int = 0
    not_started: int = 0
    awaiting_confirmation: int = 0
    returned: int = 0
    returned_apart: int = 0

    def add(self, other: Row) -> None:
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name) + getattr(other, column.name))


@dataclass
class Totals:
    """`breaches`: clocks by rule that ended late or run late; `refusals`: by the reason given."""

    agencies: dict[str, Row] = field(default_factory=dict)
    breaches: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    directives: int = 0
    forwarded: int = 0
    inspections: int = 0

    @property
    def total(self) -> Row:
        total = Row()
        for row in self.agencies.values():
            total.add(row)
        return total


@dataclass
class _Task:
    """Where a task stands after some of its acts."""

    lead: str
    due: date | None
    begun: bool = False
    done: date | None = None
    confirmed: bool = False
    returned: bool = False
    # When the entry that điểm a khoản 2 Điều 7 asks for was made.
    updated: date | None = None
    updates: list[date] = field(default_factory=list)

    @property
    def last_day(self) -> date | None:
        return workdays.working_on_or_after(self.due) if self.due else None


def expected_totals(
    script: Script, as_of: datetime | None = None, period: tuple[date, date] | None = None
) -> Totals:
    """The totals at `as_of`, else at the end, of what the script has done until then.

    `period`: tasks forwarded from the first to the second day alone; limits and directives are all told.
    """
    as_of = as_of or script.end
    totals = Totals(inspections=sum(act.at <= as_of for act in script.inspections))
    for intake in script.intakes:
        totals.directives += intake.acts[0].at <= as_of
        forwarded = intake.acts[-1].at <= as_of
        totals.forwarded += forwarded
        until = intake.forwarded if forwarded else as_of.date()
        totals.breaches["R7.1"] += intake.acts[0].at <= as_of and until > intake.last_day
    forwarded_keys = {i.directive.key for i in script.intakes if i.acts[-1].at <= as_of}
    for life in script.lives:
        if life.task.directive in forwarded_keys:
            told = not period or period[0] <= life.forwarded <= period[1]
            _count(life, as_of, totals, told)
    totals.breaches += Counter()  # drops what is 0
    return totals


def _count(life: Life, as_of: datetime, totals: Totals, told: bool) -> None:
    task = _standing(life, as_of, totals.refusals)
    totals.outcomes[life.outcome] += 1
    today, last = as_of.date(), task.last_day
    late = last is not None and (task.done or today) > last
    row = Row(total=1, returned=int(task.returned))
    if task.done:
        row.done = 1
        row.awaiting_confirmation = int(not task.confirmed)
        row.done_no_limit = int(last is None)
        row.done_overdue = int(late)
        row.done_within_limit = int(last is not None and not late)
    elif task.returned:
        # The regulation does not count it as incomplete: it is with the Office.
        row.returned_apart = 1
    else:
        row.open = 1
        row.in_progress, row.not_started = int(task.begun), int(not task.begun)
        row.open_no_limit = int(last is None)
        row.open_overdue = int(late)
        row.open_within_limit = int(last is not None and not late)
    if told:
        totals.agencies.setdefault(task.lead, Row()).add(row)
    # The clocks of a returned task are void until it is forwarded again.
    if last and not task.returned:
        totals.breaches["R5.1e"] += late
        totals.breaches["R7.2a"] += (task.updated or today) > workdays.after(last, 3)
    elif not life.item.with_limit:
        totals.breaches["R7.2b"] += _quarters_missed(life.forwarded, task, today)


def _standing(life: Life, as_of: datetime, refusals: Counter[str]) -> _Task:
    task = _Task(life.task.lead, life.item.due)
    for act in life.acts:
        day = act.at.date()
        if act.at > as_of:
            break
        if act.refusal:
            refusals[act.refusal] += 1
        elif act.what is What.RETURN:
            task.returned = True
        elif act.what is What.REFORWARD:
            task.returned, task.lead = False, act.other
        elif act.what is What.PROGRESS:
            task.begun = True
            task.updates.append(day)
            if task.last_day and day >= task.last_day:
                task.updated = task.updated or day
        elif act.what in (What.REPORT, What.ON_BEHALF):
            task.begun, task.done = True, act.day
            task.updated = task.updated or day
            task.updates.append(day)
        elif act.what is What.SEND_BACK:
            task.done = task.updated = None
        elif act.what is What.CONFIRM:
            task.confirmed = True
        elif act.what is What.ANSWER and act.granted:
            task.due = act.day
    return task


def _quarters_missed(forwarded: date, task: _Task, today: date) -> int:
    """Quarters after that of the forwarding, ended before today, without an entry in time."""
    missed, first = 0, date(forwarded.year, forwarded.month, 1)
    while first <= today:
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        if first.month not in (1, 4, 7, 10) or first <= forwarded:
            first = following
            continue
        last = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
        last -= timedelta(days=1)
        # A task that was done owes nothing any more.
        owed = not (task.done and task.updates[-1] < first)
        if owed and last < today:
            missed += not any(first <= day <= last for day in task.updates)
        first = following
    return missed
