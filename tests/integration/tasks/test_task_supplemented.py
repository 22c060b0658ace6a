"""A directive that was forwarded with gaps is filled in: its tasks take over what they lack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from dondoc.directives.v1 import directive_pb2
from dondoc.limits.v1 import clock_pb2
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.runtime.protos import to_date
from tests.integration.tasks.tasks_house import TasksHouse, at, directive, item, lead

ISSUED, LATER, DUE = date(2026, 1, 5), date(2026, 1, 8), date(2026, 1, 20)
RUNNING = clock_pb2.CLOCK_STATE_RUNNING


def lacking(secrecy: int = document_pb2.SECRECY_NONE) -> directive_pb2.Directive:
    """Nothing is known but who is to do it, and that there is a limit."""
    made = directive(ISSUED, item(words="sau khi có kết quả"), secrecy=secrecy)
    for field in ("abstract", "monitoring_agency", "submitting_agency"):
        made.ClearField(field)  # type: ignore[arg-type]
    for field in ("content", "coordinating_agencies"):
        made.items[0].ClearField(field)  # type: ignore[arg-type]
    return made


def filled(before: directive_pb2.Directive, due: date | None = DUE) -> directive_pb2.Directive:
    made = directive_pb2.Directive()
    made.CopyFrom(before)
    made.abstract, made.monitoring_agency = "V/v tổng kết", "agencies/phong-tong-hop"
    one = made.items[0]
    one.content = "Tổng kết năm học"
    one.coordinating_agencies.append("agencies/so-tu-phap")
    one.limit.purpose = limit_pb2.LIMIT_PURPOSE_REPORT
    if due:
        one.limit.due_date.CopyFrom(to_date(due))
    return made


async def types(house: TasksHouse, name: str) -> Sequence[str]:
    events = await house.events(name)
    assert [event.version for event in events] == list(range(1, len(events) + 1))
    return [event.type for event in events]


@pytest.mark.rule("R5.1a", "R5.1c", "R5.1d", "R5.1dd", "R5.1e", "R7.2a")
async def test_a_task_takes_over_what_it_lacked_and_its_date_starts_the_clocks(
    house: TasksHouse,
) -> None:
    before = lacking()
    (name,) = await house.forward(before, on=at(ISSUED))
    await house.accepted(name)
    assert not any(rule in ("R5.1e", "R7.2a") for rule, _ in await house.clocks(name))
    await house.room.set_clock(at(LATER))
    assert await house.feed("DirectiveSupplemented", before.name, 4, filled(before))
    task = await house.task(name)
    assert task.state == task_pb2.TASK_STATE_ACCEPTED
    assert (task.content, task.directive.abstract) == ("Tổng kết năm học", "V/v tổng kết")
    assert task.rounds[0].content == "Tổng kết năm học"
    assert task.limit.purpose == limit_pb2.LIMIT_PURPOSE_REPORT
    assert task.limit.due_date == to_date(DUE)
    (made,) = task.amendments
    assert (made.document.number, made.document.symbol) == ("374", "UBND-VXNV")
    clocks = await house.clocks(name)
    for rule in ("R5.1e", "R7.2a"):
        assert clocks[rule, DUE.isoformat()].state == RUNNING
    assert await types(house, name) == [
        "TaskForwarded", "TaskAccepted", "TaskSupplemented", "DueDateAmended",
    ]  # fmt: skip


async def test_a_coordinating_agency_that_was_found_sees_the_task(house: TasksHouse) -> None:
    before = lacking()
    (name,) = await house.forward(before, on=at(ISSUED))
    who = lead("so-tu-phap")
    assert (await house.refused("GetTask", pb.GetTaskRequest(name=name), who)).reason == "NOT_FOUND"
    await house.feed("DirectiveSupplemented", before.name, 4, filled(before, None))
    assert (await house.task(name, who)).coordinating_agencies == ["agencies/so-tu-phap"]


async def test_the_same_news_twice_and_older_news_after_it_change_nothing(
    house: TasksHouse,
) -> None:
    before = lacking()
    (name,) = await house.forward(before, on=at(ISSUED))
    await house.feed("DirectiveSupplemented", before.name, 4, filled(before))
    once = await house.task(name)
    await house.feed("DirectiveSupplemented", before.name, 5, filled(before))
    await house.forward(before, version=6)
    assert await house.task(name) == once
    assert await types(house, name) == ["TaskForwarded", "TaskSupplemented", "DueDateAmended"]


async def test_news_that_overtakes_the_forwarding_brings_the_whole_task(house: TasksHouse) -> None:
    before = lacking()
    made = filled(before)
    await house.room.set_clock(at(LATER))
    await house.feed("DirectiveSupplemented", made.name, 4, made)
    (name,) = await house.forward(before)
    assert (await house.task(name)).content == "Tổng kết năm học"
    assert await types(house, name) == ["TaskForwarded"]
    assert ("R5.1e", DUE.isoformat()) in await house.clocks(name)


@pytest.mark.rule("R5.2dd", "R5.2e")
async def test_a_classified_task_takes_over_its_date_and_no_word(house: TasksHouse) -> None:
    before = lacking(document_pb2.SECRECY_SECRET)
    (name,) = await house.forward(before, on=at(ISSUED))
    before.items[0].limit.due_date.CopyFrom(to_date(DUE))
    await house.forward(before, version=4)
    task = await house.task(name)
    assert (task.limit.due_date, task.content) == (to_date(DUE), "")
    assert await types(house, name) == ["TaskForwarded", "DueDateAmended"]
