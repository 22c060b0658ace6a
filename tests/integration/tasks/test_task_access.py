"""Who sees a task, who may act on it, and what protects it from two at once."""

from __future__ import annotations

import asyncio
import uuid
from datetime import date

import grpc
import pytest
from dondoc.directory.v1 import agency_pb2
from dondoc.limits.v1 import deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from sqlalchemy import text

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import office, token
from tests.integration.tasks.tasks_house import LEAD, TasksHouse, at, directive, item, lead

ISSUED, DUE = date(2026, 1, 5), date(2026, 1, 14)


async def forwarded(house: TasksHouse) -> str:
    (name,) = await house.forward(directive(ISSUED, item(DUE)), on=at(ISSUED))
    return name


@pytest.mark.rule("R9.2c", "R21.3", "R8.1a")
async def test_parties_and_superiors_see_a_task(house: TasksHouse) -> None:
    name = await forwarded(house)
    agencies = (LEAD, "so-tai-chinh", "ubnd-huyen-a", "so-gd", "phong-tong-hop", "cap-tren")
    readers = (office(), token("", "leadership"), token("", "auditor"), *map(lead, agencies))
    for who in readers:
        assert (await house.task(name, who)).name == name
        listed = await house.call("ListTasks", pb.ListTasksRequest(), who)
        assert [task.name for task in listed.tasks] == [name]


async def test_to_a_stranger_a_task_is_as_if_it_were_not_there(house: TasksHouse) -> None:
    name, absent = await forwarded(house), f"tasks/{uuid.uuid4()}"
    stranger = lead("so-tu-phap")
    for method, request in (
        ("GetTask", pb.GetTaskRequest),
        ("AcceptTask", pb.AcceptTaskRequest),
    ):
        for asked in (name, absent):
            found = await house.refused(method, request(name=asked), stranger)
            assert (found.code, found.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert not (await house.call("ListTasks", pb.ListTasksRequest(), stranger)).tasks
    clocks = deadline_service_pb2.ListClocksRequest(parent=name)
    listed = await house.room.call(DeadlineServiceStub, "ListClocks", clocks, stranger)
    assert not listed.clocks


async def clocks_seen_by(house: TasksHouse, agency: str, name: str) -> int:
    """How many clocks of the task an officer of the agency gets: listed, each, and explained."""
    request = deadline_service_pb2.ListClocksRequest(parent=name)
    mine = await house.room.call(DeadlineServiceStub, "ListClocks", request, lead(agency))
    every = await house.room.call(DeadlineServiceStub, "ListClocks", request, office())
    for clock in every.clocks:
        for method, ask in (
            ("GetClock", deadline_service_pb2.GetClockRequest(name=clock.name)),
            ("ExplainDeadline", deadline_service_pb2.ExplainDeadlineRequest(name=clock.name)),
        ):
            if mine.clocks:
                await house.room.call(DeadlineServiceStub, method, ask, lead(agency))
            else:
                with pytest.raises(grpc.aio.AioRpcError) as hidden:
                    await house.room.call(DeadlineServiceStub, method, ask, lead(agency))
                assert hidden.value.code() is grpc.StatusCode.NOT_FOUND
    assert len(mine.clocks) in (0, len(every.clocks))
    return len(mine.clocks)


@pytest.mark.rule("R8.1a", "R12.2", "R12.3")
async def test_clocks_of_a_unit_are_seen_by_its_superior_wherever_the_directory_puts_it(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    seen = [await clocks_seen_by(house, slug, name) for slug in (LEAD, "cap-tren", "so-tu-phap")]
    assert seen == [2, 2, 0]
    # The lead becomes a unit of the Justice Department, which itself comes below another.
    for slug, parent in ((LEAD, "so-tu-phap"), ("so-tu-phap", "so-y-te"), ("so-y-te", "")):
        agency = agency_pb2.Agency(
            name=f"agencies/{slug}", display_name=slug, assignable=True, connected=True,
            kind=agency_pb2.AGENCY_KIND_DEPARTMENT, parent=f"agencies/{parent}" if parent else "",
        )  # fmt: skip
        await house.feed("AgencyChanged", agency.name, 2, agency)
    agencies = (LEAD, "cap-tren", "so-tu-phap", "so-y-te")
    assert [await clocks_seen_by(house, slug, name) for slug in agencies] == [2, 0, 2, 2]


@pytest.mark.rule("R9.2c")
async def test_who_sees_a_task_without_leading_it_may_not_act_on_it(house: TasksHouse) -> None:
    name = await forwarded(house)
    for who in (lead("so-tai-chinh"), lead("cap-tren"), office()):
        found = await house.refused("AcceptTask", pb.AcceptTaskRequest(name=name), who)
        assert (found.code, found.reason) == (
            grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED",
        )  # fmt: skip
    close = await house.refused("CloseTask", pb.CloseTaskRequest(name=name), lead())
    assert close.reason == "ROLE_NOT_GRANTED"
    assert (await house.task(name)).state == task_pb2.TASK_STATE_FORWARDED


async def test_an_act_in_the_wrong_state_names_the_state_and_what_is_allowed(
    house: TasksHouse,
) -> None:
    name = await forwarded(house)
    request = pb.RecordProgressRequest(name=name, situation="Đang làm")
    found = await house.refused("RecordProgress", request, lead())
    assert (found.code, found.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "WRONG_STATE")
    assert found.metadata["state"] == "FORWARDED"
    assert "AcceptTask" in found.metadata["allowed"].split(",")
    assert "FORWARDED" in found.vi


async def test_what_the_caller_saw_must_be_what_is_there(house: TasksHouse) -> None:
    name = await forwarded(house)
    seen = await house.task(name)
    await house.accepted(name)
    stale = pb.RecordProgressRequest(name=name, etag=seen.etag, situation="Đang làm")
    found = await house.refused("RecordProgress", stale, lead())
    assert (found.code, found.reason) == (grpc.StatusCode.ABORTED, "STALE")
    fresh = pb.RecordProgressRequest(name=name, etag="2", situation="Đang làm")
    assert (await house.call("RecordProgress", fresh, lead())).etag == "3"


async def test_a_repeated_call_gets_the_first_answer(house: TasksHouse) -> None:
    name = await forwarded(house)
    request = pb.AcceptTaskRequest(request_id=str(uuid.uuid4()), name=name)
    first = await house.call("AcceptTask", request, lead())
    assert await house.call("AcceptTask", request, lead()) == first
    assert len(await house.events(name)) == 2
    async with house.room.engine.connect() as connection:
        query = text("SELECT action FROM audit WHERE subject = :s")
        rows = (await connection.execute(query, {"s": name})).scalars().all()
    assert rows == ["AcceptTask"]


async def test_of_two_at_once_one_wins(house: TasksHouse) -> None:
    name = await forwarded(house)
    outcomes = await asyncio.gather(
        *(house.call("AcceptTask", pb.AcceptTaskRequest(name=name), lead()) for _ in range(4)),
        return_exceptions=True,
    )
    won = [found for found in outcomes if isinstance(found, task_pb2.Task)]
    assert len(won) == 1
    lost = {found.code() for found in outcomes if isinstance(found, grpc.aio.AioRpcError)}
    assert lost <= {grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION}
    assert [e.version for e in await house.events(name)] == [1, 2]


@pytest.mark.rule("R5.1e", "R5.1g", "R25.2")
async def test_lists_are_in_the_order_of_due_dates_and_filtered_by_status(
    house: TasksHouse,
) -> None:
    dates = [date(2026, 1, 20), None, date(2026, 1, 8), date(2026, 1, 20)]
    made = directive(ISSUED, *(item(due) for due in dates))
    names = await house.forward(made, on=at(ISSUED))
    await house.accepted(names[0])
    await house.progress(names[0])
    await house.accepted(names[3])
    await house.reported(names[3], ISSUED)
    await house.room.set_clock(at(date(2026, 1, 9)))

    async def listed(**filters: object) -> list[str]:
        request = pb.ListTasksRequest(page_size=1, **filters)  # type: ignore[arg-type]
        found: list[str] = []
        while True:
            page = await house.call("ListTasks", request)
            found += [task.name for task in page.tasks]
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    same_day = sorted([names[0], names[3]])
    assert await listed() == [names[2], *same_day, names[1]]
    assert await listed(lead_agency="agencies/so-tu-phap") == []
    assert await listed(lead_agency=f"agencies/{LEAD}") == await listed()
    assert await listed(state=task_pb2.TASK_STATE_REPORTED) == [names[3]]
    assert await listed(progress=task_pb2.TASK_PROGRESS_IN_PROGRESS) == [names[0]]
    assert await listed(progress=task_pb2.TASK_PROGRESS_DONE) == [names[3]]
    assert await listed(progress=task_pb2.TASK_PROGRESS_NOT_STARTED) == [names[2], names[1]]
    assert await listed(timeliness=task_pb2.TIMELINESS_OVERDUE) == [names[2]]
    assert await listed(timeliness=task_pb2.TIMELINESS_WITHIN_LIMIT) == same_day
    assert await listed(timeliness=task_pb2.TIMELINESS_NO_LIMIT) == [names[1]]
    # The clause of the list and the value of each task agree at every moment.
    for day in (date(2026, 1, 20), date(2026, 1, 21), date(2027, 1, 1)):
        await house.room.set_clock(at(day, 0))
        everything = (await house.call("ListTasks", pb.ListTasksRequest())).tasks
        for value in task_pb2.Timeliness.values()[1:]:
            expected = [task.name for task in everything if task.timeliness == value]
            assert await listed(timeliness=value) == expected


async def test_due_dates_bound_a_list(house: TasksHouse) -> None:
    days = [date(2026, 1, 20), None, date(2026, 1, 8)]
    names = await house.forward(directive(ISSUED, *(item(d) for d in days)), on=at(ISSUED))
    request = pb.ListTasksRequest(
        due_from=to_date(date(2026, 1, 8)), due_to=to_date(date(2026, 1, 19))
    )
    assert [t.name for t in (await house.call("ListTasks", request)).tasks] == [names[2]]
    bad = pb.ListTasksRequest()
    bad.due_from.year = 2026
    assert (await house.refused("ListTasks", bad)).fields == ["due_from"]
