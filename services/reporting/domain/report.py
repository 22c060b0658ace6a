"""What bodies owe by period because the regulation says so: reports, and the supply of situations.

Who owes what and until when is in the profile; here is what a report is and what may be done to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.kernel.limits.domain.periods import Span
from services.kernel.limits.domain.profile import Act, Duty, LimitRule, Owner

# Who files a report (khoản 1, khoản 2 Điều 20, Điều 21): the Office, or the levels that the rule names.
_OFFICE = "OFFICE"
_OWING = (Owner.OFFICE, Owner.EACH_AGENCY)
# Khoản 1 Điều 19 asks for information, not for a document.
_WITHOUT_DOCUMENT = (Duty.SUPPLY_SITUATION,)


class ReportState(StrEnum):
    REQUESTED = "REQUESTED"
    RECEIVED = "RECEIVED"


@dataclass(frozen=True, slots=True)
class Report:
    """One report of one agency for one period. `last_day` is the last good day to send it."""

    id: UUID
    rule: str
    profile: str
    profile_version: int
    period: str
    first_day: date
    last_day: date
    agency: str
    sent_on: date | None = None
    version: int = 1

    @property
    def name(self) -> str:
        return f"reports/{self.id}"

    @property
    def state(self) -> ReportState:
        return ReportState.RECEIVED if self.sent_on else ReportState.REQUESTED

    def received(self, sent_on: date) -> Report:
        """Sent on that day. ValueError: it was received before."""
        if self.sent_on:
            raise ValueError(f"{self.name} is {self.state}")
        return replace(self, sent_on=sent_on, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Body:
    """What has to be known of an agency to tell what it owes. `inside`: a part of another body of its
    kind, as the units of the Office are."""

    slug: str
    kind: str
    level: str
    inside: bool
    valid_from: date | None
    valid_to: date | None

    def exists_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)


def is_periodic(rule: LimitRule) -> bool:
    """Whether a period alone starts it; the updates of tasks are started with their task, also where a
    regulation lets the Office owe them."""
    begins = rule.start is Act.PERIOD_BEGINS and rule.period is not None
    return begins and rule.owed_by in _OWING and rule.duty is not Duty.PERIODIC_UPDATE


def stopping_act(rule: LimitRule) -> Act:
    """The act by which a report of this rule is done."""
    return Act.SITUATION_SUPPLIED if rule.duty is Duty.SUPPLY_SITUATION else Act.REPORT_SENT


def needs_document(rule: LimitRule) -> bool:
    return rule.duty not in _WITHOUT_DOCUMENT


def owing(rule: LimitRule, bodies: Collection[Body], span: Span) -> list[str]:
    """Slugs of those who owe it for the period: they exist on its first and on its last day.

    A body that ends within the period owes nothing for it, and a new one begins with the next.
    """

    def owes(body: Body) -> bool:
        if rule.owed_by is Owner.OFFICE:
            return body.kind == _OFFICE and not body.inside
        return body.level in rule.levels

    return sorted(
        body.slug
        for body in bodies
        if owes(body) and body.exists_on(span.first_day) and body.exists_on(span.last_day)
    )
