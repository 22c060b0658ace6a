"""What stands in a profile and could never have an effect: a mistake of its writer, so it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.kernel.limits.domain.profile import (
    Act,
    Alternative,
    Duty,
    Ladder,
    LimitRule,
    Period,
    Practice,
)


def of_limit(rule: LimitRule) -> Iterator[tuple[str, str]]:
    """(key, complaint) for each entry of a limit that nothing would follow from."""
    stops = {*rule.stop, *rule.stop_from_due}
    for act in rule.stop_from_due:
        if act in rule.stop:
            yield "stop_from_due", f"{act} stops it on any day already"
    for act in rule.void:
        if act in stops:
            yield "void", f"{act} cannot both stop and void it"
    if rule.start in {*stops, *rule.void}:
        yield "start", f"{rule.start} would end it as it starts"
    if (rule.start is Act.PERIOD_BEGINS) != (rule.period is not None):
        told = "starts with a period, so it needs one" if rule.period is None else "has a period"
        yield "start", f"{told}: PERIOD_BEGINS and period go together"
    if rule.alternatives and rule.duty is not Duty.INTAKE:
        yield "alternatives", f"other lengths apply to {Duty.INTAKE} alone, never to {rule.duty}"
    for alternative in _same_as_the_rest(rule):
        yield "alternatives", f"{alternative.fact} gives the length that applies without it"
    if rule.period and _repeats(rule.period):
        yield "period", "two dates of its period are the same"


def of_ladder(ladder: Ladder, rules: Iterable[LimitRule]) -> Iterator[tuple[str, str]]:
    """(key, complaint) for a ladder that no limit climbs, or that says two things at one moment."""
    if all(rule.ladder != ladder.name for rule in rules):
        yield "name", f"no limit uses the ladder {ladder.name}"
    moments = [(step.direction, step.length, step.unit) for step in ladder.steps]
    if len(set(moments)) < len(moments):
        yield "steps", f"two steps of the ladder {ladder.name} fall on the same moment"


def of_practice(practice: Practice, rules: Iterable[LimitRule]) -> Iterator[tuple[str, str]]:
    """(key, complaint) where tracking tasks without limit and its limit do not go together."""
    limited = any(rule.duty is Duty.PERIODIC_UPDATE for rule in rules)
    if limited != practice.tasks_without_limit_tracked:
        told = "is never applied" if limited else "is missing"
        yield "tasks_without_limit_tracked", f"the limit on {Duty.PERIODIC_UPDATE} {told}"


def _same_as_the_rest(rule: LimitRule) -> Iterator[Alternative]:
    """Those after which no other length follows, with the rule's own length."""
    for alternative in reversed(rule.alternatives):
        if (alternative.length, alternative.unit) != (rule.length, rule.unit):
            return
        yield alternative


def _repeats(period: Period) -> bool:
    days = [(entry.month, entry.day) for entry in period.dates]
    return len(set(days)) < len(days)
