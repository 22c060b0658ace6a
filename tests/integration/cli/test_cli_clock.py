"""The simulated clock of the whole house, and a client that outlives a service."""

from __future__ import annotations

import os
import signal
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_OTHER, Agency
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from dondoc.limits.v1 import clock_pb2
from dondoc.limits.v1 import deadline_service_pb2 as deadline_pb
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1 import notify_service_pb2 as notify_pb
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.tasks.v1 import task_service_pb2 as task_pb
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub

from cli import clock, status
from cli.client import House
from cli.errors import CliError
from cli.importing.directives import DirectiveImport
from cli.render import HO_CHI_MINH
from embedded.run_file import RunFile, RunningService
from services.kernel.runtime.protos import from_timestamp
from tests.fixtures.eventually import eventually
from tests.integration.cli.conftest import Imported

pytestmark = pytest.mark.timeout(300)


async def entered(house: House, number: str, lead: str) -> str:
    """A directive of today with one task for `lead`, due in 30 days; its name."""
    today = (await clock.now(house)).astimezone(HO_CHI_MINH).date()
    row = {
        "id": number,
        "province": "Ninh Thuận",
        "number": number,
        "doc_type": "Công văn",
        "abstract": "Văn bản thử đồng hồ",
        "issued_on": today.isoformat(),
        "issuing_authority": "UBND tỉnh",
        "tasks": [
            {
                "lead": lead,
                "content": "Việc thử",
                "deadline": (today + timedelta(days=30)).isoformat(),
                "deadline_kind": "date",
            }
        ],
    }
    importing = DirectiveImport(house)
    await importing.begin()
    return (await importing.enter(row))[0].name


async def clock_of(house: House, subject: str) -> clock_pb2.Clock:
    """The one clock of a directive, with its rungs."""
    ask = deadline_pb.ListClocksRequest(parent=subject)
    answer = await house.call(DeadlineServiceStub, "ListClocks", ask, service="directives")
    (listed,) = answer.clocks
    one = deadline_pb.GetClockRequest(name=listed.name)
    found = await house.call(DeadlineServiceStub, "GetClock", one, service="directives")
    assert isinstance(found, clock_pb2.Clock)
    return found


async def test_all_services_come_to_the_moment_together(imported: Imported) -> None:
    house = imported.house
    until = await clock.now(house) + timedelta(hours=5)
    await clock.advance(house, until)
    times = await clock.times(house)
    assert {from_timestamp(time.time) for time in times.values()} == {until}
    assert set(times) == {"directives", "tasks", "inspections", "reporting", "notify"}


async def test_time_never_goes_back(imported: Imported) -> None:
    with pytest.raises(CliError, match="only moves forward"):
        await clock.advance(imported.house, datetime(2020, 1, 1, tzinfo=HO_CHI_MINH))


@pytest.mark.rule("R7.1")
async def test_what_is_due_on_the_way_happens_at_its_own_moment(imported: Imported) -> None:
    house = imported.house
    name = await entered(house, "950/UBND-TH", "Sở Nội vụ")
    steps: list[datetime] = []
    await clock.advance(house, await clock.now(house) + timedelta(days=30), steps.append)
    limit = await clock_of(house, name)
    assert limit.state == clock_pb2.CLOCK_STATE_LATE
    fired = [rung for rung in limit.rungs if rung.HasField("fired_time")]
    assert fired
    assert all(rung.fired_time == rung.fire_time for rung in fired)
    assert {from_timestamp(rung.fire_time) for rung in fired} <= set(steps)
    # And all that followed from it has arrived: nothing is waited for here.
    notices = await house.pages(
        NotifyServiceStub, "ListNotices", notify_pb.ListNoticesRequest(), "notices"
    )
    told = [notice for notice in notices if notice.subject == name]
    assert {notice.kind for notice in told} == {notice_pb2.NOTICE_KIND_OFFICE_LIMIT}


@pytest.mark.rule("R6.1a")
async def test_when_the_house_is_quiet_every_service_knows_what_was_done(
    imported: Imported,
) -> None:
    house = imported.house
    name = await entered(house, "951/UBND-TH", "Sở Nội vụ")
    forward = pb.ForwardDirectiveRequest(request_id=str(uuid.uuid4()), name=name)
    forwarded = await house.call(DirectiveServiceStub, "ForwardDirective", forward)
    times = await clock.settle(house)
    assert not any(clock._backlog(time) != (0, 0, 0, 0) for time in times.values())
    (task,) = forwarded.items[0].tasks
    seen = await house.call(
        TaskServiceStub,
        "GetTask",
        task_pb.GetTaskRequest(name=task),
        user="so-noi-vu.officer",
    )
    assert seen.lead_agency == "agencies/so-noi-vu"
    notices = await house.call(
        NotifyServiceStub,
        "ListNotices",
        notify_pb.ListNoticesRequest(kind=notice_pb2.NOTICE_KIND_FORWARDED),
        user="so-noi-vu.officer",
    )
    assert task in {notice.subject for notice in notices.notices}


async def test_a_call_outlives_the_service_that_answers_it(imported: Imported) -> None:
    house = imported.house
    before = house.found.services["directives"]
    agency = Agency(display_name="Cơ quan sau sự cố", kind=AGENCY_KIND_OTHER, assignable=True)
    request = directory_pb.EnterAgencyRequest(request_id=str(uuid.uuid4()), agency=agency)
    os.kill(before.pid, signal.SIGKILL)
    entered_once = await house.call(DirectoryServiceStub, "EnterAgency", request)
    again = await house.call(DirectoryServiceStub, "EnterAgency", request)
    assert entered_once == again

    async def told() -> RunningService:
        return RunFile.read(Path(house.found.data)).services["directives"]

    now = await eventually(told, lambda service: service.pid != before.pid)
    assert now.address == before.address


async def test_the_status_tells_each_service_and_what_waits(imported: Imported) -> None:
    await clock.settle(imported.house)
    # A service that was killed a moment ago is well again before long.
    found = await eventually(lambda: status.read(imported.house), lambda found: found.healthy)
    assert [service.name for service in found.services] == list(imported.house.services)
    for service in found.services:
        assert (service.health, service.relay) == ("SERVING", "SERVING")
        assert (service.unpublished, service.dead_letters, service.pending) == (0, 0, 0)
