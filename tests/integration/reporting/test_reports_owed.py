"""Reports and situations that are owed by period: asked for, watched, sent in time or late."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime

import grpc
import pytest
import pytest_asyncio
from dondoc.directory.v1 import agency_pb2
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.reporting.v1 import report_pb2
from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1.document_pb2 import DocumentRef

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import from_date, to_date
from services.reporting.entrypoints.report_timer import ReportTimer
from tests.builders import agency_changed
from tests.fixtures.house import OFFICE_SLUG, Room, StartService, office, token
from tests.fixtures.world import new_id
from tests.integration.reporting.reporting_room import apply

BEGUN = datetime(2024, 1, 2, 8, tzinfo=LOCAL)
OFFICE = agency_pb2.AGENCY_KIND_OFFICE
DEPARTMENT, DISTRICT = agency_pb2.AGENCY_KIND_DEPARTMENT, agency_pb2.AGENCY_KIND_DISTRICT
OTHER = agency_pb2.AGENCY_KIND_OTHER


def at(month: int, day: int, hour: int = 8) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=LOCAL)


@pytest_asyncio.fixture
async def room(start_service: StartService) -> Room:
    """On 2 January 2024: the Office with a unit, two departments, a district that ends in March, and
    a body that owes no report."""
    room = await start_service("reporting")
    ending = agency_changed("huyen-x", "UBND huyện X", kind=DISTRICT, valid_to=date(2024, 3, 31))
    await apply(
        room,
        "directives",
        [
            agency_changed(OFFICE_SLUG, "Văn phòng UBND tỉnh", kind=OFFICE),
            agency_changed("phong-tong-hop", "Phòng Tổng hợp", kind=OFFICE, parent=OFFICE_SLUG),
            agency_changed("so-y-te", "Sở Y tế", kind=DEPARTMENT),
            agency_changed("so-noi-vu", "Sở Nội vụ", kind=DEPARTMENT),
            agency_changed("trung-tam", "Trung tâm", kind=OTHER),
            ending,
        ],
    )
    await room.set_clock(BEGUN)
    return room


async def reports(room: Room, who: str | None = None, **filters: object) -> list[report_pb2.Report]:
    request = pb.ListReportsRequest(page_size=500, **filters)  # type: ignore[arg-type]
    return list((await room.call(ReportingServiceStub, "ListReports", request, who)).reports)


async def clock_of(room: Room, report: report_pb2.Report) -> clock_pb2.Clock:
    request = deadline_service_pb2.ListClocksRequest(parent=report.name)
    answer = await room.call(DeadlineServiceStub, "ListClocks", request)
    (clock,) = answer.clocks
    return clock


async def record(
    room: Room, report: report_pb2.Report, sent: date, who: str | None = None, **fields: object
) -> report_pb2.Report:
    document = DocumentRef(number="12", symbol="BC-SYT", date=to_date(sent))
    values = {"sent_date": to_date(sent), "document": document, **fields}
    request = pb.RecordReportRequest(request_id=new_id(), name=report.name, **values)
    answer: report_pb2.Report = await room.call(ReportingServiceStub, "RecordReport", request, who)
    return answer


@pytest.mark.rule("R22.1", "R20.1", "R21.1")
async def test_each_department_and_district_owes_its_report_before_20_june(room: Room) -> None:
    owed = await reports(room, rule="R22.1")
    # The district ends before the period does; a body of another kind owes none.
    assert [r.agency for r in sorted(owed, key=lambda r: r.agency)] == [
        "agencies/so-noi-vu",
        "agencies/so-y-te",
    ]
    assert {r.period for r in owed} == {"2024-half-year"}
    assert {from_date(r.last_day, "") for r in owed} == {date(2024, 6, 19)}
    assert {r.article for r in owed} == {"khoản 1 Điều 22"}


@pytest.mark.rule("R22.2", "R12.1dd", "R19.1")
@pytest.mark.parametrize(
    ("rule", "period", "last_day"),
    [
        ("R22.2", "2024-half-year", date(2024, 6, 24)),
        ("R12.1dd", "2024-M01", date(2024, 1, 31)),
        ("R19.1", "2024-01-05", date(2024, 1, 5)),
    ],
)
async def test_the_office_itself_and_no_unit_of_it_owes_the_consolidated_ones(
    room: Room, rule: str, period: str, last_day: date
) -> None:
    (owed,) = await reports(room, rule=rule)
    assert owed.agency == f"agencies/{OFFICE_SLUG}"
    assert owed.period == period
    assert from_date(owed.last_day, "") == last_day


@pytest.mark.rule("R22.1")
@pytest.mark.parametrize(
    ("sent", "state"),
    [(date(2024, 6, 19), "CLOCK_STATE_MET"), (date(2024, 6, 20), "CLOCK_STATE_MET_LATE")],
)
async def test_the_19th_is_in_time_and_the_20th_is_late(room: Room, sent: date, state: str) -> None:
    await room.set_clock(at(6, 25))
    owed = next(r for r in await reports(room, rule="R22.1") if r.period == "2024-half-year")
    who = token(owed.agency.removeprefix("agencies/"), "department", "officer")
    received = await record(room, owed, sent, who)
    assert received.state == report_pb2.REPORT_STATE_RECEIVED
    assert received.document.symbol == "BC-SYT"
    assert clock_pb2.ClockState.Name((await clock_of(room, owed)).state) == state


@pytest.mark.rule("R19.1", "R12.1dd")
async def test_after_weeks_of_downtime_every_period_has_been_asked_for_once(room: Room) -> None:
    await room.set_clock(at(3, 1))
    await room.set_clock(at(3, 1, 9))
    periods = Counter((r.rule, r.period) for r in await reports(room) if r.rule != "R22.1")
    assert set(periods.values()) == {1}
    fortnights = [period for rule, period in periods if rule == "R19.1"]
    assert fortnights == ["2024-01-05", "2024-01-19", "2024-02-02", "2024-02-16", "2024-03-01"]
    months = [period for rule, period in periods if rule == "R12.1dd"]
    assert months == ["2024-M01", "2024-M02", "2024-M03"]


@pytest.mark.rule("R19.1")
async def test_supplying_situations_needs_no_document(room: Room) -> None:
    await room.set_clock(at(2, 19))
    (owed,) = [r for r in await reports(room, rule="R19.1") if r.period == "2024-02-16"]
    received = await record(room, owed, date(2024, 2, 16), document=DocumentRef())
    assert received.state == report_pb2.REPORT_STATE_RECEIVED
    assert (await clock_of(room, owed)).state == clock_pb2.CLOCK_STATE_MET


@pytest.mark.rule("R22.1")
async def test_a_body_that_enters_the_directory_late_owes_its_report_too(room: Room) -> None:
    new = agency_changed("so-moi", "Sở Mới", kind=DEPARTMENT)
    await apply(room, "directives", [new])
    await room.set_clock(at(1, 3))
    assert "agencies/so-moi" in {r.agency for r in await reports(room, rule="R22.1")}


@pytest.mark.rule("R22.1", "R8.1a")
async def test_an_agency_sees_its_own_reports_and_those_below_it(room: Room) -> None:
    await apply(
        room,
        "directives",
        [agency_changed("chi-cuc", "Chi cục", kind=DEPARTMENT, parent="so-y-te")],
    )
    await room.set_clock(at(1, 3))
    seen = await reports(room, token("so-y-te", "department", "officer"))
    assert {r.agency for r in seen} == {"agencies/so-y-te", "agencies/chi-cuc"}


@pytest.mark.rule("R19.4")
async def test_a_report_is_recorded_once_and_a_repeat_says_what_it_is(room: Room) -> None:
    (owed,) = await reports(room, rule="R12.1dd")
    await record(room, owed, BEGUN.date())
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await record(room, owed, BEGUN.date())
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "RECEIVED" in (refused.value.details() or "")


@pytest.mark.rule("R19.4")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sent_date": to_date(date(2024, 1, 3))}, "sent_date"),  # to come
        ({"sent_date": to_date(date(2023, 12, 31))}, "sent_date"),  # before the period
        ({"document": DocumentRef(number="12")}, "document"),
    ],
)
async def test_a_wrong_record_is_refused_by_field(
    room: Room, fields: dict[str, object], field: str
) -> None:
    (owed,) = await reports(room, rule="R12.1dd")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await record(room, owed, BEGUN.date(), **fields)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field in (refused.value.details() or "")


async def test_two_replicas_ask_for_each_report_once(room: Room) -> None:
    timers = [t for t in room.running.wiring.timers if isinstance(t, ReportTimer)]
    await room.set_clock(at(1, 4))
    kernel = room.running.kernel
    twin = ReportTimer(kernel.engine, kernel.clock, timers[0]._reports)
    await asyncio.gather(*(timer.run() for timer in [timers[0], twin] * 5))
    keys = Counter((r.rule, r.period, r.agency) for r in await reports(room))
    assert set(keys.values()) == {1}


async def test_clocks_of_reports_are_in_the_figures(room: Room) -> None:
    await room.set_clock(at(6, 25))
    for owed in await reports(room, rule="R22.1"):
        if owed.agency == "agencies/so-y-te" and owed.period == "2024-half-year":
            await record(room, owed, date(2024, 6, 19), office())
    answer = await room.call(
        ReportingServiceStub,
        "GetClockFigures",
        pb.GetClockFiguresRequest(),
        after=room.last_position,
    )
    told = {(row.rule, row.agency): (row.met, row.late) for row in answer.rows}
    assert told["R22.1", "agencies/so-y-te"] == (1, 0)
    assert told["R22.1", "agencies/so-noi-vu"] == (0, 1)
