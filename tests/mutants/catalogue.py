"""The mutants: for each rule of the profile one small mistake after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.kernel.limits.domain.profile import (
    Act,
    Cadence,
    CountsFrom,
    Direction,
    LimitRule,
    Period,
    Profile,
    Roll,
    Unit,
    YearlyDate,
)

REGULATION = "69/2019/QĐ-UBND"
_DAYS = {Unit.WORKING_DAYS: Unit.CALENDAR_DAYS, Unit.CALENDAR_DAYS: Unit.WORKING_DAYS}
_LONGER = {Cadence.MONTH: Cadence.QUARTER, Cadence.QUARTER: Cadence.HALF_YEAR}
_SHORTER = {Cadence.QUARTER: Cadence.MONTH}
_LEAP = 2024


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of the profile, or of the source of `module` where `old` stands exactly once."""

    rule: str
    name: str
    change: Callable[[Profile], Profile] | None = None
    module: str = ""
    old: str = ""
    new: str = ""

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.name}"


def all_mutants(profile: Profile) -> list[Mutant]:
    """Those of each rule, in the order of the profile."""
    found: list[Mutant] = []
    for rule in profile.limits:
        found += of_profile(profile, rule)
        found += of_count(rule)
        found += [mutant for mutant in GUARDS if mutant.rule == rule.id]
    known = {rule.id for rule in profile.limits}
    return found + [mutant for mutant in GUARDS if mutant.rule not in known]


def of_profile(profile: Profile, rule: LimitRule) -> Iterator[Mutant]:
    """Mistakes in what the file says about a rule."""
    for name, mutated in _of_rule(rule):
        yield Mutant(rule.id, name, _instead(rule.id, mutated))
    if rule.id == "R6.1d":
        for origin in profile.extensions.locked_origins:
            yield Mutant(rule.id, f"{origin} does not lock", _without_origin(origin))


def of_count(rule: LimitRule) -> Iterator[Mutant]:
    """The count begins a day early, so that the first day is counted, or a day late."""
    back = rule.direction is Direction.BEFORE
    for name, shift in (
        ("first day counted", 1 if back else -1),
        ("begins a day late", -1 if back else 1),
    ):
        yield Mutant(
            rule.id,
            name,
            module="services.kernel.limits.domain.duedate",
            old="end = _counted(rule.direction, day, length,",
            new=f"end = _counted(rule.direction, day + {shift} * _DAY * (rule.id == {rule.id!r}), length,",
        )


def _of_rule(rule: LimitRule) -> Iterator[tuple[str, LimitRule]]:
    if rule.length:
        for length in (rule.length - 1, rule.length + 1):
            yield f"{rule.length} → {length} days", replace(rule, length=length)
        yield f"{rule.unit} → {_DAYS[rule.unit]}", replace(rule, unit=_DAYS[rule.unit])
    for index, other in enumerate(rule.alternatives):
        for length in (other.length - 1, other.length + 1):
            changed = replace(other, length=length)
            others = (*rule.alternatives[:index], changed, *rule.alternatives[index + 1 :])
            yield f"{other.fact}: {other.length} → {length}", replace(rule, alternatives=others)
        rest = (*rule.alternatives[:index], *rule.alternatives[index + 1 :])
        yield f"{other.fact} is no ground", replace(rule, alternatives=rest)
    rolls = rule.roll is Roll.NEXT_WORKING_DAY
    name, roll = ("roll removed", Roll.NONE) if rolls else ("roll added", Roll.NEXT_WORKING_DAY)
    yield name, replace(rule, roll=roll)
    if rule.cap:
        yield "cap removed", replace(rule, cap=None)
    if rule.counts_from is CountsFrom.LEGAL_END:
        stated = replace(rule, counts_from=CountsFrom.STATED_DUE)
        yield "counts from the stated date", stated
    for act in rule.stop:
        yield f"{act} does not stop it", replace(rule, stop=_without(rule.stop, act))
    for act in rule.stop_from_due:
        never = replace(rule, stop_from_due=_without(rule.stop_from_due, act))
        yield f"{act} never stops it", never
        yield f"{act} stops it on any day", replace(never, stop=(*rule.stop, act))
    for act in rule.void:
        yield f"{act} does not void it", replace(rule, void=_without(rule.void, act))
    for name, period in _of_period(rule.period):
        yield name, replace(rule, period=period)


def _of_period(period: Period | None) -> Iterator[tuple[str, Period]]:
    if period is None:
        return
    for other in (_LONGER.get(period.cadence), _SHORTER.get(period.cadence)):
        if other:
            yield f"each {period.cadence} → each {other}", Period(other)
    if period.anchor:
        yield "anchor a day later", replace(period, anchor=period.anchor + timedelta(days=1))
        yield "every 3 weeks", replace(period, weeks=period.weeks + 1)
    for index, entry in enumerate(period.dates):
        for days in (-1, 1):
            day = date(_LEAP, entry.month, entry.day) + timedelta(days=days)
            moved = YearlyDate(entry.label, day.month, day.day)
            dates = (*period.dates[:index], moved, *period.dates[index + 1 :])
            name = f"{entry.day}/{entry.month} → {day.day}/{day.month}"
            yield name, replace(period, dates=dates)


def _instead(rule_id: str, mutated: LimitRule) -> Callable[[Profile], Profile]:
    def change(profile: Profile) -> Profile:
        limits = tuple(mutated if rule.id == rule_id else rule for rule in profile.limits)
        return replace(profile, limits=limits)

    return change


def _without_origin(origin: object) -> Callable[[Profile], Profile]:
    def change(profile: Profile) -> Profile:
        rest = tuple(o for o in profile.extensions.locked_origins if o is not origin)
        return replace(profile, extensions=replace(profile.extensions, locked_origins=rest))

    return change


def _without(acts: tuple[Act, ...], act: Act) -> tuple[Act, ...]:
    return tuple(other for other in acts if other is not act)


_DUEDATE = "services.kernel.limits.domain.duedate"
_ASKING = "services.kernel.limits.domain.asking"
_PERIODS = "services.kernel.limits.domain.periods"
_PROFILE = "services.kernel.limits.domain.profile"
_CLOCK = "services.kernel.limits.domain.clock"
_CALENDAR = "services.kernel.limits.domain.calendar"
_GUARDS = "services.tasks.domain.guards"
_INTAKE = "services.directives.domain.intake"

# Mistakes in the code that applies the rules.
GUARDS = (
    Mutant("R7.1", "the last ground that holds is the one", module=_DUEDATE,
           old="chosen, *others = holding", new="*others, chosen = holding"),
    Mutant("R7.1", "one task is several", module=_INTAKE,
           old="len(directive.assignments()) > 1", new="len(directive.assignments()) > 0"),
    Mutant("R7.1", "one agency is several", module=_INTAKE,
           old="len(concerned) > 1", new="len(concerned) > 0"),
    Mutant("R7.1", "one opinion is several", module=_INTAKE,
           old="len(directive.consulted) > 1", new="len(directive.consulted) > 0"),
    Mutant("R5.1e", "a due date rolls back", module=_DUEDATE,
           old="return calendar.next_working_day(stated_due) if roll",
           new="return calendar.previous_working_day(stated_due) if roll"),
    Mutant("R7.2a", "an entry before the due day stops it", module=_PROFILE,
           old="legal_end is not None and on >= legal_end", new="legal_end is not None"),
    Mutant("R7.2a", "an entry of the due day does not stop it", module=_PROFILE,
           old="and on >= legal_end", new="and on > legal_end"),
    Mutant("R7.2b", "the first update is for the quarter of forwarding", module=_PERIODS,
           old="return span_of(period, span_of(period, day).last_day + _DAY)",
           new="return span_of(period, day)"),
    Mutant("R7.2b", "a quarter ends with the first day of the next", module=_PERIODS,
           old="following - _DAY, label", new="following, label"),
    Mutant("R12.1dd", "a month ends with the first day of the next", module=_PERIODS,
           old="following - _DAY, label", new="following, label"),
    Mutant("R22.1", "the date itself is in time", module=_PERIODS,
           old="(date(year, entry.month, entry.day) - _DAY,", new="(date(year, entry.month, entry.day),"),
    Mutant("R22.2", "the date itself is in time", module=_PERIODS,
           old="(date(year, entry.month, entry.day) - _DAY,", new="(date(year, entry.month, entry.day),"),
    Mutant("R6.2c", "a request on the last day is too late", module=_GUARDS,
           old="if last is None or facts.today <= last:", new="if last is None or facts.today < last:"),
    Mutant("R6.2c", "a late request is taken", module=_GUARDS,
           old="if last is None or facts.today <= last:", new="if last is None or facts.today:"),
    Mutant("R6.2c", "too short although it could be asked on the first day", module=_GUARDS,
           old="if last < local_date(task.limited_since):",
           new="if last <= local_date(task.round.forwarded_at):"),
    Mutant("R6.2c", "told as too short a day too early", module=_ASKING,
           old="if back.last_day < forwarded_on:", new="if back.last_day <= forwarded_on:"),
    Mutant("R6.2c", "told as over on the last day", module=_ASKING,
           old="if back.last_day < today", new="if back.last_day <= today"),
    Mutant("R6.1d", "may end before the receipt", module=_DUEDATE,
           old="latest = max(before_due, local_date(_given(rule, started_at)))", new="latest = before_due"),
    Mutant("R6.1d", "may end on the due date itself", module=_DUEDATE,
           old="profile.due_roll(), calendar) - _DAY", new="profile.due_roll(), calendar)"),
    Mutant("R6.1d", "bounded by the stated date, not the moved one", module=_DUEDATE,
           old="before_due = legal_end(stated_due, profile.due_roll(), calendar) - _DAY",
           new="before_due = stated_due - _DAY"),
    Mutant("R6.1d", "a locked time can be extended", module=_GUARDS,
           old="if facts.profile and task.origin in", new="if False and task.origin in"),
    Mutant("R6.1d", "the origin of the directive is forgotten", module="services.tasks.domain.task",
           old="return own if own != UNSPECIFIED else self.header.origin", new="return own"),
    Mutant("R6.1d", "a locked time is told as open", module=_ASKING,
           old="if above and is_locked(", new="if False and is_locked("),
    Mutant("R6.1d", "an extension may shorten", module=_CLOCK,
           old="if not longer or to.due_at < self.due_at:", new="if False:"),
    Mutant("R6.2a", "a return may be voided without a reason", module=_CLOCK,
           old="if not cause.ground:", new="if False:"),
    Mutant("R6.2a", "a void clock still counts", module=_CLOCK,
           old="if self.void_reason:\n            return ClockState.VOID", new="pass"),
    Mutant("R5.1g", "an act at the first late instant is in time", module=_CLOCK,
           old="if self.act_at < self.due_at else", new="if self.act_at <= self.due_at else"),
    Mutant("R5.1g", "lateness goes by the entry, not by the act", module=_CLOCK,
           old="if self.act_at < self.due_at else", new="if self.stopped_at < self.due_at else"),
    Mutant("R5.1g", "not late at the first late instant", module=_CLOCK,
           old="if now >= self.due_at else", new="if now > self.due_at else"),
    Mutant("R5.1g", "a day ends when it begins", module=_CALENDAR,
           old="return start_of(day + timedelta(days=1))", new="return start_of(day)"),
)  # fmt: skip
