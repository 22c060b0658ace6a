"""What a regulation says of figures: returned tasks, levels of assignees, publication; and who sees whose."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DISTRICT, AGENCY_KIND_OTHER
from dondoc.limits.v1 import deadline_service_pb2 as deadline_pb
from dondoc.limits.v1.clock_control_service_pb2 import GetTimeRequest
from dondoc.limits.v1.clock_control_service_pb2_grpc import ClockControlServiceStub
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1 import document_pb2

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_timestamp
from tests.builders import TaskPlay, agency_changed
from tests.fixtures.house import Room, StartService, token
from tests.fixtures.regulations import FICTITIOUS, both
from tests.integration.reporting.reporting_room import apply, figures, numbers

DISTRICT, COMMUNE, VILLAGE, OTHER = "ubnd-huyen-a", "ubnd-xa-b", "thon-c", "ubnd-huyen-d"


def on(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), LOCAL)


OLD, NEW = on(date(2029, 5, 2)), on(date(2030, 5, 2))
DUE = timedelta(days=20)


def village(parent: str, version: int = 1):
    return agency_changed(
        VILLAGE, "Thôn C", kind=AGENCY_KIND_OTHER, level="VILLAGE", parent=parent, version=version
    )


@pytest_asyncio.fixture
async def room(start_service: StartService, tmp_path: Path) -> Room:
    """Both regulations; a district with a commune below it, a village below that; another district."""
    room = await start_service("reporting", profile_path=str(both(tmp_path)))
    await room.set_clock(on(date(2030, 12, 31)))
    await apply(
        room,
        "directives",
        [
            agency_changed(DISTRICT, "UBND huyện A", kind=AGENCY_KIND_DISTRICT),
            agency_changed(OTHER, "UBND huyện D", kind=AGENCY_KIND_DISTRICT),
            agency_changed(
                COMMUNE, "UBND xã B", kind=AGENCY_KIND_OTHER, level="COMMUNE", parent=DISTRICT
            ),
            village(COMMUNE),
        ],
    )
    await room.set_clock(on(date(2030, 12, 31), 10))  # reports are asked for of those known now
    return room


async def take(room: Room, *plays: TaskPlay) -> None:
    await apply(room, "tasks", [event for play in plays for event in play.events])


def played(lead: str, at: datetime = NEW, **fields: object) -> TaskPlay:
    return TaskPlay(lead, at, (at + DUE).date(), **fields)  # type: ignore[arg-type]


async def seen_by(room: Room, agency: str, role: str) -> list[str]:
    """Agencies of the rows that an officer of the agency gets: as figures, as CSV, as clocks."""
    who = token(agency, role, "officer")
    rows = [row.agency.removeprefix("agencies/") for row in (await figures(room, who=who)).rows]
    export = await room.call(ReportingServiceStub, "ExportFigures", pb.ExportFiguresRequest(), who)
    lines = export.data.decode().strip().split("\r\n")
    assert len(lines) == len(rows) + 2
    request = pb.GetClockFiguresRequest()
    clocks = await room.call(ReportingServiceStub, "GetClockFigures", request, who)
    tasks = {row.agency.removeprefix("agencies/") for row in clocks.rows if row.rule == "R5.1e"}
    assert tasks == set(rows)
    return sorted(rows)


@pytest.mark.rule("R6.2a", "R5.1g")
async def test_each_regulation_says_whether_a_returned_task_is_incomplete(room: Room) -> None:
    old, new = played(COMMUNE, OLD), played(COMMUNE, NEW)
    for task, at in ((old, OLD), (new, NEW)):
        task.give_back(at + timedelta(days=1))
    await take(room, old, new)
    (of_the_old,) = (await figures(room, OLD + timedelta(days=2))).rows
    assert numbers(of_the_old) == {"total": 1, "returned": 1, "returned_apart": 1}
    (of_both,) = (await figures(room)).rows
    # The new one is open still, and overdue, since nobody took it over.
    assert numbers(of_both) == {
        "total": 2, "returned": 2, "returned_apart": 1,
        "open": 1, "open_overdue": 1, "not_started": 1,
    }  # fmt: skip


@pytest.mark.rule("R1.2")
async def test_figures_are_told_and_summed_by_level(room: Room) -> None:
    await take(room, played(DISTRICT), played(OTHER), played(COMMUNE), played(VILLAGE))
    table = await figures(room)
    assert {row.agency.removeprefix("agencies/"): row.level for row in table.rows} == {
        DISTRICT: "DISTRICT", OTHER: "DISTRICT", COMMUNE: "COMMUNE", VILLAGE: "VILLAGE",
    }  # fmt: skip
    assert [(row.level, row.total) for row in table.levels] == [
        ("COMMUNE", 1), ("DISTRICT", 2), ("VILLAGE", 1),
    ]  # fmt: skip
    request = pb.ExportFiguresRequest(level="VILLAGE")
    export = await room.call(ReportingServiceStub, "ExportFigures", request)
    (_, line, total) = export.data.decode().strip().split("\r\n")
    assert line.startswith("1,Thôn C,1,")
    assert total.startswith(",Tổng cộng,1,")
    assert line.endswith(",VILLAGE")


@pytest.mark.rule("R8.1a", "R12.2", "R12.3")
async def test_figures_reach_down_to_the_last_unit_and_nothing_beyond(room: Room) -> None:
    await take(room, played(DISTRICT), played(OTHER), played(COMMUNE), played(VILLAGE))
    assert await seen_by(room, DISTRICT, "district") == [VILLAGE, DISTRICT, COMMUNE]
    assert await seen_by(room, COMMUNE, "other-agency") == [VILLAGE, COMMUNE]
    assert await seen_by(room, VILLAGE, "other-agency") == [VILLAGE]
    assert await seen_by(room, OTHER, "district") == [OTHER]
    # Asked for by name, what lies beyond is as if it did not exist.
    who = token(OTHER, "district", "officer")
    assert not (await figures(room, who=who, agency=f"agencies/{VILLAGE}")).rows


@pytest.mark.rule("R8.1a", "R12.3")
async def test_a_unit_that_gets_another_superior_is_seen_by_the_new_one_alone(room: Room) -> None:
    await take(room, played(VILLAGE))
    assert await seen_by(room, DISTRICT, "district") == [VILLAGE]
    await apply(room, "directives", [village(OTHER, version=2)])
    assert await seen_by(room, DISTRICT, "district") == []
    assert await seen_by(room, COMMUNE, "other-agency") == []
    assert await seen_by(room, OTHER, "district") == [VILLAGE]
    assert await seen_by(room, VILLAGE, "other-agency") == [VILLAGE]


@pytest.mark.rule("R22.1")
async def test_reports_are_first_asked_for_when_a_regulation_comes_into_force(
    start_service: StartService,
) -> None:
    room = await start_service(
        "reporting", profile_path=str(FICTITIOUS.parent), reports_from=date(2024, 1, 1)
    )

    async def next_time() -> str:
        time = await room.call(ClockControlServiceStub, "GetTime", GetTimeRequest())
        return time.next_fire_time.ToJsonString() if time.HasField("next_fire_time") else ""

    # Later than the day from which this house asks, and earlier than the regulation.
    await room.set_clock(on(date(2025, 1, 1)))
    assert await next_time() == "2029-12-31T17:00:00Z"
    await room.set_clock(on(date(2030, 1, 1)))
    assert await next_time() == "2030-12-15T17:00:00Z"


@pytest.mark.rule("R12.3", "R22.1")
async def test_clocks_of_reports_are_seen_by_the_superior_of_who_owes_them(room: Room) -> None:
    async def seen(agency: str, role: str) -> set[str]:
        listed = await room.call(
            DeadlineServiceStub,
            "ListClocks",
            deadline_pb.ListClocksRequest(rule="Đ12"),
            token(agency, role, "officer"),
        )
        return {clock.owed_by.removeprefix("agencies/") for clock in listed.clocks}

    assert await seen(DISTRICT, "district") == {DISTRICT, COMMUNE}
    assert await seen(COMMUNE, "other-agency") == {COMMUNE}
    assert await seen(OTHER, "district") == {OTHER}


@pytest.mark.rule("R19.2", "R5.2g")
async def test_for_publication_nothing_classified_or_generated_is_counted(room: Room) -> None:
    await take(
        room,
        played(DISTRICT, OLD),
        played(DISTRICT, OLD, generated=True),
        played(COMMUNE, OLD, secrecy=document_pb2.SECRECY_SECRET),
    )
    moment = to_timestamp(on(date(2029, 12, 31)))
    request = pb.ExportFiguresRequest(as_of_time=moment, for_publication=True)
    export = await room.call(ReportingServiceStub, "ExportFigures", request)
    (_, line, total) = export.data.decode().strip().split("\r\n")
    assert line.startswith("1,UBND huyện A,1,")
    assert total.startswith(",Tổng cộng,1,")


@pytest.mark.rule("R19.2")
async def test_where_results_are_not_published_the_refusal_cites_the_article(room: Room) -> None:
    request = pb.ExportFiguresRequest(for_publication=True)
    with pytest.raises(grpc.aio.AioRpcError, match=r"Điều 13, 01/2030/QĐ-GIẢ") as refused:
        await room.call(ReportingServiceStub, "ExportFigures", request)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
