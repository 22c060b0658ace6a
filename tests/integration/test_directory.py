"""The directory over gRPC, on real servers."""

from __future__ import annotations

import uuid
from datetime import date

import grpc
import pytest
from dondoc.calendar.v1 import calendar_pb2
from dondoc.calendar.v1 import calendar_service_pb2 as calendar_pb
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency, Officer
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

from services.kernel.runtime.protos import to_date
from tests.fixtures.house import StartService, token


def request_id() -> str:
    return str(uuid.uuid4())


def enter(name: str) -> pb.EnterAgencyRequest:
    agency = Agency(display_name=name, kind=AGENCY_KIND_DEPARTMENT, assignable=True)
    return pb.EnterAgencyRequest(request_id=request_id(), agency=agency)


@pytest.mark.rule("R1.2", "R9.2d")
async def test_an_agency_is_entered_once_and_gets_its_officer(start_service: StartService) -> None:
    room = await start_service("directives")
    request = enter("Sở Nội vụ")
    entered = await room.call(DirectoryServiceStub, "EnterAgency", request)
    assert entered.name == "agencies/so-noi-vu"
    again = await room.call(DirectoryServiceStub, "EnterAgency", request)
    assert again == entered
    appoint = pb.AppointOfficerRequest(
        request_id=request_id(), name=entered.name, officer=Officer(email="a@b.example")
    )
    appointed = await room.call(DirectoryServiceStub, "AppointOfficer", appoint)
    assert (appointed.officer.email, appointed.etag) == ("a@b.example", "2")
    listed = await room.call(DirectoryServiceStub, "ListAgencies", pb.ListAgenciesRequest())
    assert [agency.display_name for agency in listed.agencies] == ["Sở Nội vụ"]


async def test_a_request_id_with_another_request_is_refused(start_service: StartService) -> None:
    room = await start_service("directives")
    request = enter("Sở Nội vụ")
    await room.call(DirectoryServiceStub, "EnterAgency", request)
    request.agency.display_name = "Sở Tư pháp"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await room.call(DirectoryServiceStub, "EnterAgency", request)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "request_id" in (refused.value.details() or "")


async def test_pages_follow_each_other_and_belong_to_their_caller(
    start_service: StartService,
) -> None:
    room = await start_service("directives")
    for name in ("Sở A", "Sở B", "Sở C"):
        await room.call(DirectoryServiceStub, "EnterAgency", enter(name))
    first = await room.call(
        DirectoryServiceStub, "ListAgencies", pb.ListAgenciesRequest(page_size=2)
    )
    ask = pb.ListAgenciesRequest(page_size=2, page_token=first.next_page_token)
    second = await room.call(DirectoryServiceStub, "ListAgencies", ask)
    assert [a.name for a in (*first.agencies, *second.agencies)] == [
        "agencies/so-a", "agencies/so-b", "agencies/so-c",
    ]  # fmt: skip
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await room.call(DirectoryServiceStub, "ListAgencies", ask, token("", "auditor"))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_role_without_a_grant_is_denied(start_service: StartService) -> None:
    room = await start_service("directives")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await room.call(
            DirectoryServiceStub, "EnterAgency", enter("Sở A"), token("so-a", "department")
        )
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_the_calendar_is_seeded_and_corrected_by_the_office(
    start_service: StartService,
) -> None:
    room = await start_service("directives")
    ask = calendar_pb.ListCalendarDaysRequest(year=2026)
    seeded = await room.call(CalendarServiceStub, "ListCalendarDays", ask)
    assert seeded.version == 1
    assert any(d.day == to_date(date(2026, 1, 2)) for d in seeded.days)
    day = calendar_pb2.CalendarDay(
        day=to_date(date(2026, 11, 24)),
        kind=calendar_pb2.DAY_KIND_HOLIDAY,
        status=calendar_pb2.DAY_STATUS_ESTIMATED,
    )
    edit = calendar_pb.EditCalendarRequest(request_id=request_id(), base_version=1, days=[day])
    edited = await room.call(CalendarServiceStub, "EditCalendar", edit)
    assert edited.version == 2
    stale = calendar_pb.EditCalendarRequest(request_id=request_id(), base_version=1, days=[day])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await room.call(CalendarServiceStub, "EditCalendar", stale)
    assert refused.value.code() is grpc.StatusCode.ABORTED
