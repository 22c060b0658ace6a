"""Intake with both regulations installed, each for the documents of its own days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from dondoc.directives.v1 import directive_pb2
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_OTHER, Agency
from dondoc.directory.v1.directory_service_pb2 import EnterAgencyRequest
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_date, to_timestamp
from tests.fixtures.house import StartService
from tests.fixtures.regulations import both
from tests.integration.directives.directives_house import (
    HEALTH,
    HOME,
    Intake,
    directive,
    entering,
    furnish,
    item,
    request_id,
    secret,
)

CHAIRMAN = directive_pb2.ISSUING_AUTHORITY_CHAIRMAN
ISSUED = date(2030, 3, 8)  # a Friday
HOURS, DAYS = limit_pb2.LIMIT_UNIT_HOURS, limit_pb2.LIMIT_UNIT_WORKING_DAYS


@pytest_asyncio.fixture
async def intake(start_service: StartService, tmp_path: Path) -> Intake:
    intake = await furnish(await start_service("directives", profile_path=str(both(tmp_path))))
    await intake.room.set_clock(at(17))
    return intake


def at(hour: int, day: date = ISSUED) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL)


def urgent(number: str, urgency: int, **fields: Any) -> directive_pb2.Directive:
    """Issued by the Chairman on Friday at 16:00."""
    given = {
        "number": number, "urgency": urgency, "issue_date": to_date(ISSUED),
        "issue_time": to_timestamp(at(16)), "issuing_authority": CHAIRMAN, **fields,
    }  # fmt: skip
    return directive(**given)


@pytest.mark.rule("R7.1")
async def test_the_urgency_gives_the_hours_and_is_shown_as_the_ground(intake: Intake) -> None:
    told = []
    for number, urgency in (
        ("1", directive_pb2.URGENCY_NONE),
        ("2", directive_pb2.URGENCY_URGENT),
        ("3", directive_pb2.URGENCY_VERY_URGENT),
        ("4", directive_pb2.URGENCY_EXPRESS),
    ):
        entered = await intake.enter(urgent(number, urgency))
        limit = entered.intake_limit
        end = limit.due_time.ToDatetime(UTC).astimezone(LOCAL)
        told.append((limit.length, list(limit.grounds), end.strftime("%d %H:%M")))
        assert (limit.unit, limit.working_days, limit.article) == (HOURS, 0, "Điều 5")
        assert (entered.profile, entered.profile_version) == ("01/2030/QĐ-GIẢ", "3")
    assert told == [
        (24, [], "09 16:00"),
        (12, ["URGENT"], "09 04:00"),
        (6, ["VERY_URGENT"], "08 22:00"),
        (2, ["EXPRESS"], "08 18:00"),
    ]


@pytest.mark.rule("R7.1")
async def test_an_urgency_that_becomes_known_later_moves_the_limit(intake: Intake) -> None:
    entered = await intake.enter(urgent("5", 0, issue_time=None, items=[item(), item(HOME)]))
    assert (entered.intake_limit.length, entered.intake_limit.unit) == (3, DAYS)
    after = await intake.change(
        "SupplementDirective", entered, urgency=directive_pb2.URGENCY_EXPRESS
    )
    # Of the issue only the day is known: hours count from its end.
    assert after.intake_limit.start_time.ToJsonString() == "2030-03-08T17:00:00Z"
    assert after.intake_limit.due_time.ToJsonString() == "2030-03-08T19:00:00Z"
    after = await intake.change("SupplementDirective", after, issue_time=to_timestamp(at(16)))
    assert after.intake_limit.due_time.ToJsonString() == "2030-03-08T11:00:00Z"
    (clock,) = await intake.clocks(entered.name)
    assert [entry.kind for entry in clock.ledger] == ["STARTED", "MOVED", "MOVED"]
    assert clock.ground == "hỏa tốc"


@pytest.mark.rule("R5.2a")
async def test_a_classified_directive_is_refused_with_the_article_and_nothing_is_kept(
    intake: Intake,
) -> None:
    given = secret(issue_date=to_date(ISSUED), issuing_authority=CHAIRMAN)
    refused = await intake.refused("EnterDirective", entering(given))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.fields == {"directive.secrecy": "CLASSIFIED_EXCLUDED"}
    tables = ("directive", "directive_item", "clock", "rung", "party")
    for table in tables:
        assert not await intake.rows(f"SELECT 1 FROM {table}"), table
    assert not await intake.rows("SELECT 1 FROM event_log WHERE type LIKE 'Directive%'")
    assert not await intake.rows("SELECT 1 FROM audit WHERE action = 'EnterDirective'")


async def test_who_may_assign_and_in_what_form_is_the_regulations_to_say(intake: Intake) -> None:
    committee = directive_pb2.ISSUING_AUTHORITY_PEOPLES_COMMITTEE
    refused = await intake.refused(
        "EnterDirective", entering(urgent("6", 0, issuing_authority=committee))
    )
    assert refused.fields == {"directive.issuing_authority": "AUTHORITY_NOT_ASSIGNING"}
    oral = directive_pb2.SOURCE_ORAL_CONCLUSION
    assert (await intake.enter(urgent("7", 0, source=oral))).source == oral
    refused = await intake.refused(
        "EnterDirective", entering(directive(source=oral, issue_date=to_date(date(2029, 6, 1))))
    )
    assert refused.fields == {"directive.source": "SOURCE_NOT_TRACKED"}


@pytest.mark.rule("R7.1")
async def test_a_directive_takes_the_regulation_of_the_day_of_its_issue(intake: Intake) -> None:
    told = []
    for number, day in enumerate(
        (date(2019, 12, 20), date(2019, 12, 23), date(2029, 12, 31), date(2030, 1, 1)), 10
    ):
        given = directive(number=str(number), issue_date=to_date(day), issuing_authority=CHAIRMAN)
        entered = await intake.enter(given)
        clocks = await intake.clocks(entered.name)
        told.append(
            (entered.profile, entered.intake_limit.length, [clock.rule for clock in clocks])
        )
    assert told == [
        # Older than every regulation: kept, without a clock, and it says so.
        ("", 0, []),
        ("69/2019/QĐ-UBND", 2, ["R7.1"]),
        ("69/2019/QĐ-UBND", 2, ["R7.1"]),
        ("01/2030/QĐ-GIẢ", 24, ["Đ5"]),
    ]


async def test_the_secrecy_that_one_regulation_leaves_out_the_other_keeps(intake: Intake) -> None:
    given = secret(items=[item(HEALTH, content="")])
    given.issue_date.CopyFrom(to_date(date(2029, 6, 1)))
    assert (await intake.enter(given)).secrecy == document_pb2.SECRECY_SECRET


async def enter_agency(intake: Intake, name: str, level: str = "", parent: str = "") -> str:
    agency = Agency(
        display_name=name, kind=AGENCY_KIND_OTHER, level=level, parent=parent, assignable=True
    )
    request = EnterAgencyRequest(request_id=request_id(), agency=agency)
    entered = await intake.room.call(DirectoryServiceStub, "EnterAgency", request)
    assert entered.level == level
    return str(entered.name)


@pytest.mark.rule("R1.2")
async def test_tasks_go_to_the_levels_that_the_regulation_lists(intake: Intake) -> None:
    commune = await enter_agency(intake, "UBND xã Ví Dụ", "COMMUNE")
    village = await enter_agency(intake, "Thôn Ví Dụ", "VILLAGE", commune)
    company = await enter_agency(intake, "Công ty Ví Dụ")
    entered = await intake.enter(urgent("20", 0, items=[item(commune), item(village)]))
    assert len(entered.items) == 2
    refused = await intake.refused(
        "EnterDirective", entering(urgent("21", 0, items=[item(company)]))
    )
    assert refused.fields == {"directive.items[0].lead_agencies[0]": "LEVEL_NOT_ASSIGNED"}
    # Under the other regulation it is the other way round.
    old = to_date(date(2029, 6, 1))
    assert (await intake.enter(directive(number="22", issue_date=old, items=[item(company)]))).name
    refused = await intake.refused(
        "EnterDirective", entering(directive(number="23", issue_date=old, items=[item(commune)]))
    )
    assert refused.fields == {"directive.items[0].lead_agencies[0]": "LEVEL_NOT_ASSIGNED"}


async def test_a_level_that_no_regulation_knows_is_refused(intake: Intake) -> None:
    agency = Agency(display_name="Tổ", kind=AGENCY_KIND_OTHER, level="HAMLET", assignable=True)
    request = EnterAgencyRequest(request_id=request_id(), agency=agency)
    with pytest.raises(grpc.aio.AioRpcError, match="must be one of COMMUNE, DEPARTMENT"):
        await intake.room.call(DirectoryServiceStub, "EnterAgency", request)
