"""A directive is withdrawn while agencies act on its tasks."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from tests.integration.tasks.tasks_house import TasksHouse, at, directive, item, lead, refusal
from tests.integration.tasks.test_task_withdrawal import DUE, ISSUED, WITHDRAWN_ON, withdrawn

TASKS = 24


async def accept(house: TasksHouse, name: str) -> str:
    """Empty when the agency came first, else why it came too late."""
    try:
        await house.call("AcceptTask", pb.AcceptTaskRequest(name=name), lead())
    except grpc.aio.AioRpcError as error:
        return refusal(error).reason
    return ""


@pytest.mark.rule("R23.1")
async def test_an_agency_acts_before_the_withdrawal_or_learns_of_it(house: TasksHouse) -> None:
    made = directive(ISSUED, *(item(DUE) for _ in range(TASKS)))
    names = await house.forward(made, on=at(ISSUED))
    await house.room.set_clock(at(WITHDRAWN_ON))
    accepting = [asyncio.create_task(accept(house, name)) for name in names]
    # Some have been served, the others are on their way.
    await asyncio.wait(accepting, return_when=asyncio.FIRST_COMPLETED)
    assert await house.feed("DirectiveWithdrawn", made.name, 4, withdrawn(made))
    for name, outcome in zip(names, await asyncio.gather(*accepting), strict=True):
        assert outcome in ("", "STALE", "WRONG_STATE")
        events = await house.events(name)
        acts = [] if outcome else ["TaskAccepted"]
        assert [event.type for event in events] == ["TaskForwarded", *acts, "TaskWithdrawn"]
        assert [event.version for event in events] == list(range(1, len(events) + 1))
        assert (await house.task(name)).state == task_pb2.TASK_STATE_WITHDRAWN
        clocks = await house.clocks(name)
        assert {clock.void_reason for clock in clocks.values()} == {"TASK_WITHDRAWN"}
