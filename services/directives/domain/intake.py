"""The limit that applies to the Office itself (khoản 1 Điều 7): what decides between its lengths.

The facts are derived from the directive. Which of them make the limit longer, and how long, is the
regulation profile's to say.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.directives.domain.directive import Directive
from services.kernel.limits.domain.calendar import end_of, start_of
from services.kernel.limits.domain.duedate import intake_limit
from services.kernel.limits.domain.profile import Fact, LimitRule, Unit

# As the API names the grounds.
GROUNDS = {Fact.SEVERAL_OPINIONS: "OPINIONS_ASKED"}


def facts_of(directive: Directive) -> frozenset[Fact]:
    """Several tasks, several agencies, several opinions; for other provinces the urgency too."""
    concerned = {slug for item in directive.items for slug in (*item.leads, *item.coordinating)}
    facts = {
        Fact.SEVERAL_TASKS: len(directive.assignments()) > 1,
        Fact.SEVERAL_AGENCIES: len(concerned) > 1,
        Fact.SEVERAL_OPINIONS: len(directive.consulted) > 1,
        Fact.URGENT: directive.urgency == Fact.URGENT,
        Fact.VERY_URGENT: directive.urgency == Fact.VERY_URGENT,
        Fact.EXPRESS: directive.urgency == Fact.EXPRESS,
    }
    return frozenset(fact for fact, holds in facts.items() if holds)


def ground_of(rule: LimitRule, facts: Collection[Fact]) -> str:
    """The ground that the clock keeps: the first one of the profile that holds, else ""."""
    return intake_limit(rule, facts).ground


def grounds_of(rule: LimitRule, facts: Collection[Fact]) -> tuple[str, ...]:
    """Each ground that gives the length that applies, as the API names them."""
    length = intake_limit(rule, facts)
    named = [Fact(ground) for ground in (length.ground, *length.also) if ground]
    return tuple(GROUNDS.get(fact, str(fact)) for fact in named)


def starts_at(directive: Directive, rule: LimitRule, ground: str) -> datetime:
    """What the length of this ground counts from.

    In days: 00:00 of the day of issue, which itself is not counted (khoản 2 Điều 147 BLDS). In hours:
    the instant of issue (khoản 1); by analogy, where only the day is known, the end of that day.
    """
    unit = (rule.alternative(ground) or rule).unit
    if unit is not Unit.HOURS:
        return start_of(directive.issue_date)
    return directive.issued_at or end_of(directive.issue_date)
