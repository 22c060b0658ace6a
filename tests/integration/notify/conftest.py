"""How the post of these tests is paced: by the tests, never by a race with the machine."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from embedded.smtp_sink import SmtpSink
from services.notify.adapters.smtp import SmtpMailer, SmtpServer
from services.notify.application.deliver import Deliverer, Pace
from services.notify.domain.delivery import RetryPolicy
from tests.fixtures.house import Room
from tests.integration.notify.notify_facts import Work

LEASE = timedelta(minutes=5)


@pytest.fixture
def resting_worker(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Ask for it before the service starts: mails go out when its timers run, and at no other moment.

    The worker would look once at its start, which on a slow machine is after the first mail is queued.
    Returns what it would do, for a test that does it itself.
    """
    work = Deliverer.work

    async def rest(_: Deliverer) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Deliverer, "work", rest)
    return work


@pytest.fixture
def deliverer(room: Room, smtp_sink: SmtpSink) -> Deliverer:
    """A worker of the test's own, on the database of `room`."""
    server = SmtpServer("127.0.0.1", smtp_sink.port, "thong-bao@dondoc.example", timeout=60)
    policy = RetryPolicy(LEASE, base=timedelta())
    return Deliverer(room.engine, SmtpMailer(server), policy, Pace(start_within=LEASE))
