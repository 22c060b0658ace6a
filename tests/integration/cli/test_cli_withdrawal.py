"""A directive that is superseded, through the whole house: tasks, notices, figures, and what people read."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.directives.v1.directive_pb2 import Directive
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.limits.v1.deadline_service_pb2 import GetComplianceRequest
from dondoc.notify.v1 import notice_pb2
from dondoc.notify.v1.notify_service_pb2 import ListNoticesRequest
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.reporting.v1 import reporting_service_pb2 as reporting_pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1.document_pb2 import DocumentRef

from cli import clock
from cli.client import House
from cli.render import HO_CHI_MINH
from cli.sla.compliance import compliance
from embedded.users import OFFICE_USER
from services.kernel.runtime.protos import to_date
from tests.integration.cli.conftest import Imported
from tests.integration.cli.test_cli_clock import entered
from tests.integration.cli.test_cli_sla import dondoc

pytestmark = pytest.mark.timeout(300)
AGENCY, OFFICER = "agencies/so-noi-vu", "so-noi-vu.officer"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the lead agency, at `as_of_time` of the request or now."""

    tasks: reporting_pb.Figures
    clocks: reporting_pb.ClockFigures
    limits: Any


async def figures(house: House, **moment: Any) -> Figures:
    async def ask(method: str, request: Any) -> Any:
        return await house.call(ReportingServiceStub, method, request)

    return Figures(
        await ask("GetFigures", reporting_pb.GetFiguresRequest(agency=AGENCY, **moment)),
        await ask("GetClockFigures", reporting_pb.GetClockFiguresRequest(agency=AGENCY, **moment)),
        await compliance(house, GetComplianceRequest(agency=AGENCY, **moment), OFFICE_USER),
    )


def due_dates(found: Figures) -> reporting_pb.ClockFiguresRow:
    (row,) = [row for row in found.clocks.rows if row.rule == "R5.1e"]
    return row


@dataclass(frozen=True, slots=True)
class Superseded:
    house: House
    directive: Directive
    task: str
    before: Figures  # an hour before


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def superseded(imported: Imported) -> Superseded:
    """980/UBND-TH, whose one task was overdue when 981/UBND-TH took its place."""
    house = imported.house
    name = await entered(house, "980/UBND-TH", "Sở Nội vụ")
    forward = pb.ForwardDirectiveRequest(request_id=str(uuid.uuid4()), name=name)
    forwarded = await house.call(DirectiveServiceStub, "ForwardDirective", forward)
    await clock.advance(house, await clock.now(house) + timedelta(days=40))
    before = await figures(house)
    await clock.advance(house, await clock.now(house) + timedelta(hours=1))
    successor = await entered(house, "981/UBND-TH", "Sở Nội vụ")
    today = (await clock.now(house)).astimezone(HO_CHI_MINH).date()
    request = pb.WithdrawDirectiveRequest(
        request_id=str(uuid.uuid4()), name=name, superseded_by=successor,
        document=DocumentRef(number="981", symbol="UBND-TH", date=to_date(today)),
        reason="Thay bằng văn bản mới",
    )  # fmt: skip
    found = await house.call(DirectiveServiceStub, "WithdrawDirective", request)
    await clock.settle(house)
    (task,) = forwarded.items[0].tasks
    return Superseded(house, found, task, before)


@pytest.mark.rule("R23.1", "R5.1g", "R25.2")
async def test_figures_leave_its_task_out_from_then_on_and_those_of_before_stay(
    superseded: Superseded,
) -> None:
    house, before = superseded.house, superseded.before
    after = await figures(house)
    assert after.tasks.total.total == before.tasks.total.total - 1
    assert after.tasks.total.open_overdue == before.tasks.total.open_overdue - 1
    due, then = due_dates(after), due_dates(before)
    assert (due.late, due.voided) == (then.late - 1, then.voided + 1)
    assert after.limits.total.late < before.limits.total.late
    again = await figures(house, as_of_time=before.tasks.as_of_time)
    assert again.tasks.rows == before.tasks.rows
    assert again.clocks.rows == before.clocks.rows
    of_then = await figures(house, as_of_time=before.limits.as_of_time)
    assert of_then.limits.rows == before.limits.rows


@pytest.mark.rule("R23.1")
async def test_the_lead_is_told_by_which_document_and_why(superseded: Superseded) -> None:
    ask = ListNoticesRequest(kind=notice_pb2.NOTICE_KIND_WITHDRAWN)
    listed = await superseded.house.call(NotifyServiceStub, "ListNotices", ask, user=OFFICER)
    (notice,) = [found for found in listed.notices if found.subject == superseded.task]
    assert notice.title.startswith("Nhiệm vụ được rút, không phải thực hiện nữa")
    assert "Văn bản thu hồi: số 981/UBND-TH ngày" in notice.body
    assert "Lý do: Thay bằng văn bản mới" in notice.body


@pytest.mark.rule("R23.1")
async def test_people_read_what_became_of_it(superseded: Superseded) -> None:
    data, directive, task = superseded.house.found.data, superseded.directive, superseded.task
    told = await dondoc(data, "directive", "show", directive.name)
    for wanted in (
        "đã được thay thế", "981/UBND-TH", "Thay bằng văn bản mới",
        directive.withdrawal.superseded_by,
    ):  # fmt: skip
        assert wanted in told
    assert "đã được thay thế" in await dondoc(data, "directive", "list")
    shown = await dondoc(data, "task", "show", task, "--lang", "en")
    for wanted in ("withdrawn", "Withdrawn by", "981/UBND-TH", "Superseded by"):
        assert wanted in shown
    listed = json.loads(await dondoc(data, "task", "list", "--state", "withdrawn", "--json"))
    assert [one["name"] for one in listed] == [task]
    assert task not in await dondoc(data, "task", "list", "--overdue", "--json")
    timeline = await dondoc(data, "trace", task, "--moments")
    for wanted in ("TaskWithdrawn", "TASK_WITHDRAWN"):
        assert wanted in timeline
