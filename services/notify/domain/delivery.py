"""A notice on its way by e-mail: what an attempt can end with, and what follows from it.

Attempts, leases and back-off count in real time, also on the simulated clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DeliveryState(StrEnum):
    """DELIVERY_STATE_* of dondoc.notify.v1."""

    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"
    UNDELIVERABLE = "UNDELIVERABLE"


class Verdict(StrEnum):
    """How one attempt ended."""

    ACCEPTED = "ACCEPTED"
    NOT_NOW = "NOT_NOW"  # surely not delivered; another time it may be
    NEVER = "NEVER"  # this address or this mail will not be taken
    NO_ANSWER = "NO_ANSWER"  # the mail went out, and no answer came back


STATE_AFTER: Mapping[Verdict, DeliveryState] = {
    Verdict.ACCEPTED: DeliveryState.DELIVERED,
    Verdict.NOT_NOW: DeliveryState.FAILED,
    Verdict.NEVER: DeliveryState.UNDELIVERABLE,
    Verdict.NO_ANSWER: DeliveryState.UNCERTAIN,
}
# Still to be tried by itself; of a notice that was withdrawn it waits for its restoration instead.
WAITING = (DeliveryState.QUEUED, DeliveryState.FAILED)
WITHDRAWN = (
    "WITHDRAWN"  # as such a one is shown; no state, so that a restored one goes on as it was
)
RETRYABLE = (DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.UNDELIVERABLE)

NO_ADDRESS = "NO_ADDRESS"


def shown_as(state: str, withdrawn: bool) -> str:
    return WITHDRAWN if withdrawn and state in WAITING else state


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failure`: "SMTP 451", or a word of ours such as CONNECT; empty when accepted."""

    verdict: Verdict
    failure: str = ""


ACCEPTED = Outcome(Verdict.ACCEPTED)


def refused(code: int) -> Outcome:
    """By the SMTP code: 4yz is for now, 5yz is for good (RFC 5321, 4.2.1)."""
    verdict = Verdict.NEVER if 500 <= code <= 599 else Verdict.NOT_NOW
    return Outcome(verdict, f"SMTP {code}")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Back-off `base`, then four times as long after each attempt, never longer than `longest`.

    With the defaults the last of 8 attempts comes about twelve hours after the first: a mail server
    may be down for a night.
    """

    lease: timedelta  # an attempt older than this without outcome is UNCERTAIN, and made again
    base: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(hours=6)
    attempts: int = 8

    def next_attempt(self, outcome: Outcome, made: int, now: datetime) -> datetime | None:
        """When to try again after attempt number `made`; None: not by itself."""
        if outcome.verdict in (Verdict.ACCEPTED, Verdict.NEVER) or made >= self.attempts:
            return None
        factor: int = 4 ** (made - 1)
        return now + min(self.longest, self.base * factor)


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail as it is sent, the same in every attempt."""

    message_id: str
    address: str
    subject: str
    body: str
    queued_at: datetime
