"""Phrases against the directory as the database holds it."""

from __future__ import annotations

from datetime import date

import pytest
from dondoc.directory.v1 import agency_pb2
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

from services.directives.application.addressees import resolve_addressees
from services.kernel.runtime import db
from services.kernel.runtime.protos import to_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from tests.integration.directives.directives_house import ISSUED, Intake, request_id


@pytest.mark.rule("R5.1c", "R1.2")
async def test_phrases_are_resolved_by_the_directory_as_it_is(intake: Intake) -> None:
    group = agency_pb2.AgencyGroup(
        display_name="Các sở, ban, ngành", kinds=[agency_pb2.AGENCY_KIND_DEPARTMENT]
    )
    investment = agency_pb2.Agency(
        display_name="Sở Kế hoạch và Đầu tư",
        kind=agency_pb2.AGENCY_KIND_DEPARTMENT,
        aliases=["Sở KH&ĐT"],
        abbreviation="SKHĐT",
        successor_display_name="Sở Tài chính",
        valid_from=to_date(date(2016, 1, 1)),
        assignable=True,
    )
    for method, request in (
        ("EnterGroup", pb.EnterGroupRequest(request_id=request_id(), group=group)),
        ("EnterAgency", pb.EnterAgencyRequest(request_id=request_id(), agency=investment)),
    ):
        await intake.room.call(DirectoryServiceStub, method, request)
    asked = pb.ResolveAddresseesRequest(
        phrases=["các sở, ban, ngành; Sở KH&ĐT", "SKHĐT; Các ngành"], on=to_date(ISSUED)
    )
    async with db.transaction(intake.room.engine) as connection:
        work = UnitOfWork(connection, await intake.room.running.kernel.clock.now(connection))
        first, second = (await resolve_addressees(work, asked)).resolutions
    assert first.phrase == asked.phrases[0]
    assert set(first.agencies) == {
        "agencies/so-y-te",
        "agencies/so-noi-vu",
        "agencies/so-ke-hoach-va-dau-tu",
    }
    assert list(first.groups) == ["Các sở, ban, ngành"]
    assert {(left.agency, left.reason) for left in first.left_out} == {
        ("agencies/so-tai-chinh", "BEGINNING_UNKNOWN_SUCCESSOR"),
        ("agencies/so-cu", "NO_LONGER_VALID"),
    }
    assert list(second.agencies) == ["agencies/so-ke-hoach-va-dau-tu"]
    assert list(second.unresolved) == ["Các ngành"]
