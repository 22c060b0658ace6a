"""Another province's regulation, end to end: another file of profiles, and not one line of code.

Five processes with `sample/regulations`, as `DONDOC_PROFILE_PATH` gives it to them. The story is of March
2030: what it tells is that the same commands come to other ends than under 69/2019/QĐ-UBND.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import grpc
import pytest
import pytest_asyncio
from dondoc.directives.v1 import directive_pb2, directive_service_pb2
from dondoc.directives.v1.directive_service_pb2_grpc import DirectiveServiceStub
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.notify.v1 import notice_pb2, notify_service_pb2
from dondoc.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from dondoc.reporting.v1 import reporting_service_pb2
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.tasks.v1 import task_pb2, task_service_pb2
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1.document_pb2 import DocumentRef

from cli import clock
from cli.client import House
from cli.importing.agencies import import_agencies
from cli.importing.directives import import_directives
from cli.importing.report import Outcome, Report
from embedded.supervisor import Supervisor
from services.kernel.limits.domain.calendar import LOCAL
from services.kernel.runtime.protos import to_date
from tests.fixtures.regulations import FICTITIOUS
from tests.fixtures.world import new_id

pytestmark = pytest.mark.timeout(900)

PROVINCE = "Ví Dụ"
FRIDAY = date(2030, 3, 8)
DEPARTMENT, DISTRICT, COMMUNE, VILLAGE = (
    "so-vi-du",
    "ubnd-huyen-vi-du",
    "ubnd-xa-vi-du",
    "thon-vi-du",
)
SUNDAY = date(2030, 3, 24)

ORGANISATIONS = {
    "organisations": [
        {"id": "1", "name": "Văn phòng UBND tỉnh", "kind": "office"},
        {"id": "2", "name": "Sở Ví Dụ", "kind": "department"},
        {"id": "3", "name": "UBND huyện Ví Dụ", "kind": "district"},
        {"id": "4", "name": "UBND xã Ví Dụ", "kind": "other", "level": "commune",
         "parent": "UBND huyện Ví Dụ"},
        {"id": "5", "name": "Thôn Ví Dụ", "kind": "other", "level": "village",
         "parent": "UBND xã Ví Dụ"},
        {"id": "6", "name": "Công ty Ví Dụ", "kind": "other"},
    ],
    "groups": [{"name": "các xã", "levels": ["commune"]}],
}  # fmt: skip


def row(
    number: str, lead: str, due: date | None, content: str = "Báo cáo", **fields: str
) -> dict[str, Any]:
    """Issued on Friday at 16:00 by the Chairman, with one task."""
    deadline = {"deadline_kind": "date", "deadline": due.isoformat()} if due else {}
    return {
        "id": number, "province": PROVINCE, "number": f"{number}/UBND-TH", "doc_type": "Công văn",
        "abstract": "Văn bản hư cấu để kiểm thử", "issued_on": FRIDAY.isoformat(),
        "issued_time": "16:00", "issuing_authority": "Chủ tịch UBND tỉnh", "urgency": "không",
        "confidentiality": "không",
        "tasks": [{"lead": lead, "content": content, **(deadline or {"deadline_kind": "none"})}],
        **fields,
    }  # fmt: skip


DIRECTIVES = [
    row("1", "các xã", SUNDAY, urgency="hỏa tốc"),
    row("2", "Thôn Ví Dụ", None, urgency="khẩn"),
    row("3", "Sở Ví Dụ", SUNDAY),
    row("4", "Thôn Ví Dụ", SUNDAY, source="kết luận bằng lời"),
    row("5", "Sở Ví Dụ", SUNDAY, "", confidentiality="mật", abstract=""),
    row("6", "Sở Ví Dụ", SUNDAY, issuing_authority="UBND tỉnh"),
    row("7", "Công ty Ví Dụ", SUNDAY),
]


@dataclass
class Story:
    """The house, what the import told, and the directives and tasks by the number of their document."""

    house: House
    agencies: Report
    directives: Report
    entered: dict[str, directive_pb2.Directive] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)

    async def advance(self, day: date, hour: int, minute: int = 0) -> None:
        await clock.advance(
            self.house, datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)
        )

    async def forward(self, *numbers: str) -> None:
        for number in numbers:
            request = directive_service_pb2.ForwardDirectiveRequest(
                request_id=new_id(), name=self.entered[number].name
            )
            forwarded = await self.house.call(DirectiveServiceStub, "ForwardDirective", request)
            self.tasks[number] = forwarded.items[0].tasks[0]
        await clock.settle(self.house)

    async def act(self, method: str, number: str, user: str, **fields: Any) -> task_pb2.Task:
        made = getattr(task_service_pb2, f"{method}Request")
        name = fields.pop("name", self.tasks[number])
        request = made(request_id=new_id(), name=name, **fields)
        task: task_pb2.Task = await self.house.call(TaskServiceStub, method, request, user=user)
        return task

    async def clocks(self, service: str, subject: str) -> dict[str, clock_pb2.Clock]:
        """By rule; each as GetClock tells it."""
        ask = deadline_service_pb2.ListClocksRequest(parent=subject)
        listed = await self.house.call(DeadlineServiceStub, "ListClocks", ask, service=service)
        return {found.rule: found for found in listed.clocks}

    async def figures(self, user: str = "", **fields: Any) -> reporting_service_pb2.Figures:
        await clock.settle(self.house)
        request = reporting_service_pb2.GetFiguresRequest(**fields)
        who: Mapping[str, str] = {"user": user} if user else {}
        table: reporting_service_pb2.Figures = await self.house.call(
            ReportingServiceStub, "GetFigures", request, **who
        )
        return table

    async def ask_for_time(self, until: date, number: str) -> task_pb2.Task:
        return await self.act(
            "RequestExtension", "3", f"{DEPARTMENT}.officer",
            requested_due_date=to_date(until), reason=task_pb2.EXTENSION_REASON_OTHER,
            reason_words="Cần thêm thời gian",
            request_document=DocumentRef(number=number, symbol="SVD", date=to_date(FRIDAY)),
        )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DONDOC_PROFILE_PATH", str(FICTITIOUS.parent))
        supervisor = Supervisor(tmp_path_factory.mktemp("other"), "simulated", durable=False)
        await supervisor.start()
        stopped = asyncio.Event()
        watching = asyncio.create_task(supervisor.watch(stopped))
        try:
            async with House.load(supervisor.data) as house:
                yield await told(house)
        finally:
            stopped.set()
            await asyncio.gather(watching)
            await supervisor.stop()


async def told(house: House) -> Story:
    """Friday 16:30: entered; 17:00: the express one is forwarded; Monday: the others."""
    agencies = await import_agencies(house, ORGANISATIONS, placeholder_officers=True)
    await clock.advance(house, datetime(2030, 3, 8, 16, 30, tzinfo=LOCAL))
    story = Story(house, agencies, await import_directives(house, DIRECTIVES, province=PROVINCE))
    listed = await house.pages(
        DirectiveServiceStub,
        "ListDirectives",
        directive_service_pb2.ListDirectivesRequest(),
        "directives",
    )
    story.entered = {found.number: found for found in listed}
    await story.advance(FRIDAY, 17)
    await story.forward("1")
    await story.advance(date(2030, 3, 11), 9)
    await story.forward("2", "3", "4")
    return story


def local(stamp: Any) -> str:
    return str(stamp.ToDatetime(UTC).astimezone(LOCAL).strftime("%d/%m %H:%M"))


def refused(report: Report, number: str) -> str:
    (found,) = (r for r in report.rows if r.id == number and r.outcome is Outcome.REFUSED)
    return " ".join(reason.en for reason in found.reasons)


@pytest.mark.rule("R7.1")
async def test_the_intake_limit_is_in_hours_and_goes_by_urgency(story: Story) -> None:
    limits = {number: found.intake_limit for number, found in story.entered.items()}
    assert {
        number: (limit.length, list(limit.grounds), local(limit.due_time))
        for number, limit in limits.items()
    } == {
        "1": (2, ["EXPRESS"], "08/03 18:00"),
        "2": (12, ["URGENT"], "09/03 04:00"),
        "3": (24, [], "09/03 16:00"),
        "4": (24, [], "09/03 16:00"),
    }


@pytest.mark.rule("R7.1")
async def test_hours_run_on_over_the_weekend_and_are_met_or_missed(story: Story) -> None:
    states = {}
    for number, found in story.entered.items():
        clocks = await story.clocks("directives", found.name)
        states[number] = (clock_pb2.ClockState.Name(clocks["Đ5"].state), clocks["Đ5"].ground)
    assert states == {
        "1": ("CLOCK_STATE_MET", "hỏa tốc"),
        "2": ("CLOCK_STATE_MET_LATE", "khẩn"),
        "3": ("CLOCK_STATE_MET_LATE", ""),
        "4": ("CLOCK_STATE_MET_LATE", ""),
    }


@pytest.mark.rule("R5.2a", "R1.1", "R1.2")
async def test_what_the_regulation_leaves_out_is_refused_with_its_article(story: Story) -> None:
    assert set(story.entered) == {"1", "2", "3", "4"}
    for number, article in (
        ("5", "khoản 4 Điều 2"),
        ("6", "khoản 1 Điều 2"),
        ("7", "khoản 3 Điều 2"),
    ):
        assert f"({article}, 01/2030/QĐ-GIẢ)" in refused(story.directives, number)
    assert story.entered["4"].source == directive_pb2.SOURCE_ORAL_CONCLUSION


@pytest.mark.rule("R5.1e", "R7.2a")
async def test_calendar_days_count_days_off_and_a_sunday_stays_the_end(story: Story) -> None:
    clocks = await story.clocks("tasks", story.tasks["1"])
    assert set(clocks) == {"Đ6", "Đ7"}
    assert local(clocks["Đ6"].due_time) == "25/03 00:00"
    assert local(clocks["Đ7"].due_time) == "30/03 00:00"
    explained = await story.house.call(
        DeadlineServiceStub,
        "ExplainDeadline",
        deadline_service_pb2.ExplainDeadlineRequest(name=clocks["Đ6"].name),
        service="tasks",
    )
    assert explained.last_day_to_ask_extension == to_date(date(2030, 3, 19))
    # Its ladder has a colour for the second step alone.
    assert [(rung.rung, rung.colour) for rung in explained.clock.rungs] == [
        ("due_soon", ""),
        ("overdue", "red"),
    ]


@pytest.mark.rule("R7.2b")
async def test_no_clock_runs_for_a_task_without_limit(story: Story) -> None:
    assert await story.clocks("tasks", story.tasks["2"]) == {}
    task = await story.house.call(
        TaskServiceStub, "GetTask", task_service_pb2.GetTaskRequest(name=story.tasks["2"])
    )
    assert (task.profile, task.profile_version) == ("01/2030/QĐ-GIẢ", "3")


@pytest.mark.rule("R6.2c", "R6.1d")
async def test_a_third_extension_is_refused_with_the_cap_and_its_article(story: Story) -> None:
    officer = f"{DEPARTMENT}.officer"
    await story.act("AcceptTask", "3", officer)
    for number, until in (("1", date(2030, 4, 24)), ("2", date(2030, 5, 24))):
        task = await story.ask_for_time(until, number)
        clocks = await story.clocks("tasks", f"{task.name}/extensions/{number}")
        # 48 hours from the minute in which it came in.
        assert local(clocks["Đ9.3"].due_time) == "13/03 09:00"
        await story.act(
            "AnswerExtension", "3", "van-phong-ubnd-tinh.officer",
            name=f"{task.name}/extensions/{number}", granted=True, granted_due_date=to_date(until),
            answer_document=DocumentRef(number=number, symbol="UBND", date=to_date(date(2030, 3, 11))),
        )  # fmt: skip
    with pytest.raises(grpc.aio.AioRpcError, match=r"at most 2 .*khoản 2 Điều 9") as error:
        await story.ask_for_time(date(2030, 6, 24), "3")
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.rule("R6.2a", "R8.1a", "R12.3")
async def test_a_returned_task_is_incomplete_in_the_figures_of_the_new_levels(story: Story) -> None:
    await story.act(
        "ReturnTask", "4", f"{VILLAGE}.officer", words="Ngoài chức năng",
        reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE,
    )  # fmt: skip
    table = await story.figures()
    by_level = {found.level: found for found in table.levels}
    assert set(by_level) == {"DEPARTMENT", "COMMUNE", "VILLAGE"}
    village = by_level["VILLAGE"]
    assert (village.total, village.open, village.returned, village.returned_apart) == (2, 2, 1, 0)
    # A superior sees its units down to the last one, and nobody else's.
    for who, seen in (
        (DISTRICT, {COMMUNE, VILLAGE}),
        (COMMUNE, {COMMUNE, VILLAGE}),
        (DEPARTMENT, {DEPARTMENT}),
    ):
        rows = (await story.figures(f"{who}.officer")).rows
        assert {found.agency.removeprefix("agencies/") for found in rows} == seen


async def test_reminders_go_by_mail_alone_and_acts_into_the_inbox_too(story: Story) -> None:
    await clock.settle(story.house)
    sent = await story.house.pages(
        NotifyServiceStub,
        "ListDeliveries",
        notify_service_pb2.ListDeliveriesRequest(),
        "deliveries",
    )
    channels: dict[int, set[int]] = {}
    for one in sent:
        channels.setdefault(one.kind, set()).add(one.channel)
    both = {notice_pb2.CHANNEL_INBOX, notice_pb2.CHANNEL_EMAIL}
    # The Office was late to forward three of the four.
    assert channels[notice_pb2.NOTICE_KIND_OFFICE_LIMIT] == {notice_pb2.CHANNEL_EMAIL}
    assert channels[notice_pb2.NOTICE_KIND_FORWARDED] == both
    request = notify_service_pb2.ListNoticesRequest()
    read = await story.house.pages(NotifyServiceStub, "ListNotices", request, "notices")
    assert notice_pb2.NOTICE_KIND_OFFICE_LIMIT not in {one.kind for one in read}


@pytest.mark.rule("R19.2")
async def test_nothing_is_published(story: Story) -> None:
    request = reporting_service_pb2.ExportFiguresRequest(for_publication=True)
    with pytest.raises(grpc.aio.AioRpcError, match=r"Điều 13, 01/2030/QĐ-GIẢ"):
        await story.house.call(ReportingServiceStub, "ExportFigures", request)


@pytest.mark.rule("R22.1")
async def test_reports_are_due_on_the_dates_of_this_regulation(story: Story) -> None:
    await clock.settle(story.house)
    owed = await story.house.pages(
        ReportingServiceStub, "ListReports", reporting_service_pb2.ListReportsRequest(), "reports"
    )
    assert {(found.rule, found.agency, found.period) for found in owed} == {
        ("Đ12", f"agencies/{DISTRICT}", "2030-yearly"),
        ("Đ12", f"agencies/{COMMUNE}", "2030-yearly"),
    }
    (running,) = (await story.clocks("reporting", owed[0].name)).values()
    # Before 16 December; the 15th is a Sunday, and here that does roll.
    assert running.last_day == to_date(date(2030, 12, 16))
