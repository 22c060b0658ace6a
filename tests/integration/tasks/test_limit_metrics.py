"""Metrics at a real receiver, the figures of GetCompliance, and a recount of the database: one truth."""

from __future__ import annotations

from datetime import timedelta

import pytest
import pytest_asyncio
from dondoc.limits.v1.deadline_service_pb2 import GetComplianceRequest
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_service_pb2 as pb
from sqlalchemy import text

from embedded.nats import EmbeddedNats
from tests.fixtures.house import StartService
from tests.fixtures.otlp import Receiver
from tests.integration.tasks.every_state import FAR, ISSUED, every_state
from tests.integration.tasks.recount import counts, recount
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, item, lead

STATES = ("met", "met_late", "late", "running", "void")
SERVICE = "dondoc-tasks"


@pytest.fixture(params=["grpc", "http"])
def receiver(request: pytest.FixtureRequest, otlp: Receiver, otlp_http: Receiver) -> Receiver:
    return otlp if request.param == "grpc" else otlp_http


@pytest_asyncio.fixture
async def watched(start_service: StartService, receiver: Receiver) -> TasksHouse:
    """A running `tasks` that sends its metrics five times a second."""
    room = await start_service(
        "tasks",
        otlp_endpoint=receiver.endpoint,
        otlp_protocol=receiver.protocol,
        metrics_seconds=0.2,
    )
    made = TasksHouse(room)
    await made.furnish()
    return made


def metered(receiver: Receiver) -> dict[tuple[str, str], tuple[int, ...]]:
    """(rule, agency) → met, met late, late, running, due soon, void; as they were sent last."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for (service, name, attributes), value in list(receiver.metrics.items()):
        given = dict(attributes)
        if service == SERVICE and "rule" in given:
            kind = given["state"] if name == "dondoc.clocks" else "due_soon"
            found.setdefault((given["rule"], given["agency"]), {})[kind] = int(value)
    order = (*STATES[:4], "due_soon", "void")
    return {key: tuple(kinds.get(kind, -1) for kind in order) for key, kinds in found.items()}


def value(receiver: Receiver, name: str) -> float:
    return receiver.metrics.get((SERVICE, name, frozenset()), -1.0)


@pytest.mark.rule("R25.2")
async def test_metrics_figures_and_a_recount_agree(watched: TasksHouse, receiver: Receiver) -> None:
    await every_state(watched)
    recounted = await recount(watched.room)
    assert all(sum(column) for column in zip(*recounted.values(), strict=True))
    await receiver.wait_until(
        lambda: metered(receiver) == recounted, lambda: f"{metered(receiver)} {recounted}"
    )
    told = await watched.room.call(DeadlineServiceStub, "GetCompliance", GetComplianceRequest())
    assert counts(told.rows) == recounted


async def test_the_lag_of_timers_is_told_in_the_time_of_the_law(
    watched: TasksHouse, receiver: Receiver
) -> None:
    await watched.forward(directive(ISSUED, item(FAR)), on=at(ISSUED))
    await receiver.wait_until(lambda: value(receiver, "dondoc.timer.lag") == 0, lambda: "no lag")
    # The clock moves, timers do not run.
    later = at(FAR + timedelta(days=3))
    async with watched.room.engine.begin() as connection:
        await watched.room.running.kernel.clock.set(connection, later)  # type: ignore[union-attr]
        oldest = await connection.scalar(text("SELECT min(fire_at) FROM rung WHERE NOT skipped"))
    lag = (later - oldest).total_seconds()
    assert lag > timedelta(days=7).total_seconds()
    await receiver.wait_until(
        lambda: value(receiver, "dondoc.timer.lag") == lag,
        lambda: str(value(receiver, "dondoc.timer.lag")),
    )
    await watched.room.set_clock(later)
    await receiver.wait_until(
        lambda: value(receiver, "dondoc.timer.lag") == 0, lambda: "still a lag"
    )


async def test_the_age_of_what_is_not_published_grows_while_nats_is_away(
    watched: TasksHouse, receiver: Receiver, fresh_nats: EmbeddedNats
) -> None:
    (name,) = await watched.forward(directive(ISSUED, item(FAR)), on=at(ISSUED))
    age = "dondoc.events.unpublished.age"
    await receiver.wait_until(lambda: value(receiver, age) == 0, lambda: "not published")
    await fresh_nats.stop()
    await watched.call("AcceptTask", pb.AcceptTaskRequest(name=name), lead())
    await receiver.wait_until(lambda: value(receiver, age) > 0, lambda: "nothing waits")
    first = value(receiver, age)
    await receiver.wait_until(lambda: value(receiver, age) > first, lambda: "it does not grow")
    await fresh_nats.start()
    await receiver.wait_until(lambda: value(receiver, age) == 0, lambda: "still waits")


async def test_without_a_receiver_nothing_is_queued(house: TasksHouse) -> None:
    await every_state(house)
    async with house.room.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM trace_outbox")) == 0
