"""Killed at the worst moments, two processes of `tasks` and two of `notify` lose and double nothing.

Each named point is armed in one replica; the same work is driven through the API, every command retried
with its request id; then everything is counted again by the test's own SQL.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from dondoc.limits.v1 import clock_control_service_pb2 as clock_pb
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.reporting.v1 import reporting_service_pb2
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.tasks.v1 import task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from sqlalchemy import text

from services.kernel.runtime import relay
from services.kernel.runtime.protos import to_date, to_timestamp
from tests.fixtures.eventually import PATIENCE_SECONDS, PAUSE_SECONDS, eventually
from tests.fixtures.processes import Process, Street
from tests.fixtures.quarter import enter_directory, forward, office, set_clock
from tests.fixtures.world import NOW, RELATIONS, directive, new_id

IN_TASKS = [
    "command.before_commit",
    "command.after_commit",
    "relay.after_publish",
    "consumer.before_ack",
    "timer.before_commit",
]
IN_NOTIFY = ["consumer.before_ack", "notify.before_smtp", "notify.after_smtp_before_record"]
# A lease that the slowest machine keeps, and that the test ends; a short back-off for a mail that fails.
NOTIFY = {"DONDOC_UNCERTAIN_AFTER_SECONDS": "600", "DONDOC_RETRY_BASE_SECONDS": "0.2"}


class Work:
    """Directives forwarded, tasks accepted and every second one reported, until a process is dead."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.lead = street.token(RELATIONS["lead"], "department", "officer")
        self.tasks: list[str] = []
        self.reported: list[str] = []
        self.now: datetime = NOW
        self.number = 100

    async def one(self) -> None:
        self.number += 1
        forwarded, position = await forward(self.street, directive(str(self.number)))
        task = forwarded.items[0].tasks[0]
        accept = task_service_pb2.AcceptTaskRequest(request_id=new_id(), name=task)
        await self.street.call(
            "tasks", TaskServiceStub, "AcceptTask", accept, self.lead, after=position
        )
        self.tasks.append(task)
        if len(self.tasks) % 2:
            report = task_service_pb2.ReportResultRequest(
                request_id=new_id(), name=task, done_date=to_date(NOW.date()), summary="Đã xong"
            )
            await self.street.call("tasks", TaskServiceStub, "ReportResult", report, self.lead)
            self.reported.append(task)

    async def until_dead(self, process: Process) -> None:
        """Also runs the timers, for the point that lies in them."""
        for _ in range(40):
            await self.one()
            self.now += timedelta(hours=3)
            await set_clock(self.street, self.now)
            if not process.alive:
                break
        await process.wait_killed()


async def settle(street: Street) -> None:
    """Nothing unpublished, unread, due or queued in any service, seen twice in a row."""
    end, quiet = time.monotonic() + PATIENCE_SECONDS, 0
    while quiet < 2:
        backlog = []
        for service in street.processes:
            await street.call(
                service, ClockControlServiceStub, "RunTimers", clock_pb.RunTimersRequest(),
                office(street),
            )  # fmt: skip
            told, _ = await street.call(
                service, ClockControlServiceStub, "GetTime", clock_pb.GetTimeRequest(),
                office(street),
            )  # fmt: skip
            backlog.append(
                (service, told.unpublished_events, told.pending_events, told.due_rungs,
                 told.queued_deliveries)
            )  # fmt: skip
        quiet = quiet + 1 if not any(any(row[1:]) for row in backlog) else 0
        assert time.monotonic() < end, backlog
        await asyncio.sleep(0.1)


async def rows(
    street: Street, service: str, query: str, **values: object
) -> list[tuple[object, ...]]:
    async with street.engines[service].connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query), values)]


async def end_leases(street: Street) -> None:
    """What the killed one was sending is due again."""
    async with street.engines["notify"].begin() as connection:
        due = "UPDATE delivery SET next_attempt_at = now() WHERE state = 'UNCERTAIN'"
        await connection.execute(text(due))


async def replace_replicas(street: Street, service: str, point: str, **extra: str) -> Process:
    """Two fresh replicas, the first one armed. It leads the relay, or has been killed by what it found."""

    async def led() -> bool:
        query = """SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                   WHERE locktype = 'advisory' AND granted AND objid = :lock
                   AND datname = current_database()"""
        ((held,),) = await rows(street, service, query, lock=relay.LOCK)
        return bool(held)

    await asyncio.gather(*(process.stop() for process in street.processes.pop(service, [])))
    await eventually(led, lambda held: not held)
    armed = await street.start(service, DONDOC_CRASH_AT=point, **extra)
    while armed.alive and not await led():
        await asyncio.sleep(PAUSE_SECONDS)
    await street.start(service, **extra)
    return armed


@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_doubled_whatever_is_killed(street: Street) -> None:
    for service in ("directives", "tasks", "notify", "reporting"):
        await street.start(service, **(NOTIFY if service == "notify" else {}))
    await set_clock(street)
    await enter_directory(street)
    work = Work(street)
    for point in IN_TASKS:
        await work.until_dead(await replace_replicas(street, "tasks", point))
    for point in IN_NOTIFY:
        await work.until_dead(await replace_replicas(street, "notify", point, **NOTIFY))
        await end_leases(street)
    await street.start("tasks")
    await settle(street)

    # Every accepted command is there once.
    events = await rows(street, "tasks", "SELECT type, aggregate FROM event_log")
    counted = Counter(events)
    for task in work.tasks:
        assert counted["TaskForwarded", task] == 1
        assert counted["TaskAccepted", task] == 1
        assert counted["TaskReported", task] == (task in work.reported)
    assert len(await rows(street, "tasks", "SELECT id FROM task")) == len(work.tasks)

    # Every event was applied once by each reader.
    published = {str(i) for (i,) in await rows(street, "tasks", "SELECT id FROM event_log")}
    for reader in ("notify", "reporting"):
        taken = await rows(street, reader, "SELECT event_id FROM inbox WHERE stream = 'tasks'")
        assert sorted(str(i) for (i,) in taken) == sorted(published)
        assert not await rows(street, reader, "SELECT * FROM dead_letter")

    # Each notice went to each recipient once: a mail that was sent again has its old Message-ID.
    query = "SELECT state, message_id FROM delivery WHERE channel = 'EMAIL'"
    deliveries = await eventually(
        lambda: rows(street, "notify", query), lambda found: {s for s, _ in found} == {"DELIVERED"}
    )
    wanted = sorted(str(message_id) for _, message_id in deliveries)
    mails = Counter(mail.message_id for mail in street.sink.received())
    assert sorted(map(str, mails)) == wanted
    assert len(wanted) == len(set(wanted))

    # The figures equal a recount at three moments, the second one between two sweeps.
    half = NOW + (work.now - NOW) / 2
    for as_of in (NOW + timedelta(hours=4), half + timedelta(minutes=7), work.now):
        assert await figures(street, as_of) == await recount(street, as_of)


async def figures(street: Street, as_of: datetime) -> tuple[int, int, int]:
    request = reporting_service_pb2.GetFiguresRequest(as_of_time=to_timestamp(as_of))
    told, _ = await street.call(
        "reporting", ReportingServiceStub, "GetFigures", request, office(street)
    )
    return told.total.total, told.total.done, told.total.open


async def recount(street: Street, as_of: datetime) -> tuple[int, int, int]:
    """From the tables of `tasks`, by the test's own SQL."""
    query = """
        SELECT count(*),
               count(*) FILTER (WHERE EXISTS (
                   SELECT 1 FROM result r WHERE r.task_id = t.id AND r.entered_at <= :as_of
                   AND (r.sent_back_at IS NULL OR r.sent_back_at > :as_of)))
        FROM task t JOIN round f ON f.task_id = t.id AND f.number = 1
        WHERE f.forwarded_at <= :as_of
    """
    ((total, done),) = await rows(street, "tasks", query, as_of=as_of)
    return int(str(total)), int(str(done)), int(str(total)) - int(str(done))
