from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.notify.domain.delivery import (
    ACCEPTED,
    STATE_AFTER,
    DeliveryState,
    Outcome,
    RetryPolicy,
    Verdict,
    refused,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = RetryPolicy(lease=timedelta(seconds=60))


def test_back_off_grows_four_times_until_its_longest() -> None:
    waits = [
        wait - NOW
        for made in range(1, 8)
        if (wait := POLICY.next_attempt(refused(451), made, NOW)) is not None
    ]
    assert waits == [
        *(timedelta(seconds=15 * 4**n) for n in range(6)),
        timedelta(hours=6),
    ]


def test_the_last_attempt_is_followed_by_none() -> None:
    assert POLICY.next_attempt(refused(451), 8, NOW) is None
    assert POLICY.next_attempt(Outcome(Verdict.NO_ANSWER), 8, NOW) is None


def test_what_was_accepted_or_refused_for_good_is_not_tried_again() -> None:
    assert POLICY.next_attempt(ACCEPTED, 1, NOW) is None
    assert POLICY.next_attempt(refused(550), 1, NOW) is None


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (421, DeliveryState.FAILED),
        (451, DeliveryState.FAILED),
        (550, DeliveryState.UNDELIVERABLE),
        (554, DeliveryState.UNDELIVERABLE),
        (299, DeliveryState.FAILED),
    ],
)
def test_the_smtp_code_says_whether_to_try_again(code: int, state: DeliveryState) -> None:
    outcome = refused(code)
    assert STATE_AFTER[outcome.verdict] is state
    assert outcome.failure == f"SMTP {code}"


def test_every_verdict_has_a_state() -> None:
    assert set(STATE_AFTER) == set(Verdict)
