"""Officers in charge where nothing is read from Keycloak: named by call, and told who lacks one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from dondoc.directory.v1 import agency_pb2
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from pydantic import ValidationError

from services.directives.settings import DirectivesSettings
from services.kernel.runtime.protos import to_date
from services.kernel.runtime.settings import SettingsError, load
from tests.fixtures.house import Room, StartService
from tests.fixtures.world import new_id

REQUIRED = {
    "database_url": "postgresql://x",
    "nats_url": "nats://x",
    "issuer_url": "http://x/realms/dondoc",
    "page_token_key": "k" * 32,
}


async def enter(room: Room, slug: str, kind: int, **fields: Any) -> None:
    agency = agency_pb2.Agency(
        name=f"agencies/{slug}",
        display_name=f"Cơ quan {slug}",
        kind=kind,  # type: ignore[arg-type]
        **fields,
    )
    request = pb.EnterAgencyRequest(request_id=new_id(), agency=agency)
    await room.call(DirectoryServiceStub, "EnterAgency", request)


async def appoint(room: Room, slug: str, **officer: Any) -> None:
    request = pb.AppointOfficerRequest(
        request_id=new_id(), name=f"agencies/{slug}", officer=agency_pb2.Officer(**officer)
    )
    await room.call(DirectoryServiceStub, "AppointOfficer", request)


@pytest.mark.rule("R9.2d")
async def test_agencies_are_told_that_lack_a_person_and_mailboxes_are_none(
    start_service: StartService,
) -> None:
    room = await start_service("directives")
    await room.set_clock(datetime(2024, 3, 5, tzinfo=UTC))
    department, authority = agency_pb2.AGENCY_KIND_DEPARTMENT, agency_pb2.AGENCY_KIND_AUTHORITY
    for slug in ("with-person", "with-mailbox", "with-nobody"):
        await enter(room, slug, department)
    await enter(room, "gives-tasks", authority)
    await enter(room, "of-the-past", department, valid_to=to_date(date(2024, 3, 4)))
    await enter(room, "last-day", department, valid_to=to_date(date(2024, 3, 5)))
    await appoint(room, "with-person", subject="x", email="person@dondoc.example")
    await appoint(room, "with-mailbox", email="mailbox@dondoc.example", placeholder=True)

    state = await room.call(DirectoryServiceStub, "GetOfficersState", pb.GetOfficersStateRequest())
    assert [gap.agency for gap in state.gaps] == [
        "agencies/last-day", "agencies/with-mailbox", "agencies/with-nobody",
    ]  # fmt: skip
    assert {gap.reason for gap in state.gaps} == {pb.OFFICER_GAP_REASON_NOBODY}
    assert state.source == ""
    assert not state.HasField("read_time")


def test_an_address_without_a_secret_is_no_setting() -> None:
    with pytest.raises(SettingsError, match="DONDOC_OFFICERS_CLIENT_SECRET is not"):
        load(DirectivesSettings, {**REQUIRED, "officers_url": "https://id.example/realms/dondoc"})


def test_the_address_is_that_of_a_realm() -> None:
    with pytest.raises(ValidationError, match="officers_url"):
        DirectivesSettings(
            **REQUIRED,  # type: ignore[arg-type]
            officers_url="https://id.example",
            officers_client_secret="s",  # type: ignore[arg-type]
        )
