"""Going live with open tasks: the past counts in lists, limits and figures, and nobody is told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import grpc
import pytest
import pytest_asyncio
from dondoc.calendar.v1 import calendar_pb2, calendar_service_pb2
from dondoc.calendar.v1.calendar_service_pb2_grpc import CalendarServiceStub
from dondoc.directives.v1 import golive_service_pb2 as directives_pb
from dondoc.directives.v1.directive_pb2 import Directive, DirectiveItem
from dondoc.directives.v1.golive_service_pb2_grpc import GoLiveServiceStub as LoadDirectiveStub
from dondoc.limits.v1 import clock_pb2, deadline_service_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import golive_service_pb2 as pb
from dondoc.tasks.v1 import task_pb2, task_service_pb2
from dondoc.tasks.v1.golive_service_pb2_grpc import GoLiveServiceStub as LoadTaskStub
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2

from embedded.smtp_sink import SmtpSink
from services.kernel.runtime.protos import to_date
from tests.fixtures.house import token
from tests.fixtures.province import Province
from tests.fixtures.world import RELATIONS, directive, new_id

NOW = datetime(2024, 3, 18, 2, tzinfo=UTC)  # a Monday, the day of the cut-over, 9:00
CUT_OVER = date(2024, 3, 18)
FORWARDED = date(2024, 3, 6)  # the directive is of Monday 4 March
LEAD = RELATIONS["lead"]
NAME = {part: f"agencies/{slug}" for part, slug in RELATIONS.items()}
DOCUMENT = document_pb2.DocumentRef(number="7", symbol="CV", date=to_date(date(2024, 3, 7)))
ANSWER = document_pb2.DocumentRef(number="8", symbol="UBND-TH", date=to_date(date(2024, 3, 8)))
SECRET = "Câu mật không được lọt ra ngoài"


@pytest_asyncio.fixture(autouse=True)
async def _begun(province: Province) -> None:
    await province.begin(NOW)


async def load(
    province: Province, made: Directive, cut_over: date = CUT_OVER, forwarded: date = FORWARDED
) -> Directive:
    request = directives_pb.LoadDirectiveRequest(
        request_id=new_id(), directive=made,
        forward_date=to_date(forwarded), cut_over_date=to_date(cut_over),
    )  # fmt: skip
    found = await province.rooms["directives"].call(LoadDirectiveStub, "LoadDirective", request)
    assert isinstance(found, Directive)
    return found


async def history(province: Province, name: str, *acts: pb.PastAct) -> task_pb2.Task:
    request = pb.LoadTaskRequest(request_id=new_id(), name=name, acts=acts)
    after = province.rooms["directives"].last_position
    found = await province.rooms["tasks"].call(LoadTaskStub, "LoadTask", request, after=after)
    assert isinstance(found, task_pb2.Task)
    return found


def act(day: int, **said: Any) -> pb.PastAct:
    return pb.PastAct(date=to_date(date(2024, 3, day)), **said)


def accept(day: int) -> pb.PastAct:
    return act(day, accept=task_service_pb2.AcceptTaskRequest())


def progress(day: int) -> pb.PastAct:
    return act(day, progress=task_service_pb2.RecordProgressRequest(situation="Đang làm"))


def result(day: int) -> pb.PastAct:
    said = task_service_pb2.ReportResultRequest(
        done_date=to_date(date(2024, 3, day)), summary="Đã xong", document=DOCUMENT
    )
    return act(day, result=said)


def with_due(*days: int) -> Directive:
    """One item for each day of March."""
    made = directive("374")
    first = made.items[0]
    del made.items[:]
    for day in days:
        item = DirectiveItem()
        item.CopyFrom(first)
        item.limit.due_date.CopyFrom(to_date(date(2024, 3, day)))
        made.items.append(item)
    return made


async def loaded(province: Province) -> list[str]:
    """Five tasks: late and open, done in time, running, with an extension, returned and reforwarded."""
    found = await load(province, with_due(13, 12, 26, 11, 29))
    names = [item.tasks[0] for item in found.items]
    late, done, running, extended, returned = names
    await history(province, late, accept(6), progress(8))
    await history(province, done, accept(7), result(11))
    await history(province, running, accept(7))
    asked = task_service_pb2.RequestExtensionRequest(
        requested_due_date=to_date(date(2024, 3, 28)),
        reason=task_pb2.EXTENSION_REASON_WAITING_FOR_OTHERS, request_document=DOCUMENT,
    )  # fmt: skip
    answered = task_service_pb2.AnswerExtensionRequest(
        granted=True, granted_due_date=to_date(date(2024, 3, 28)), answer_document=ANSWER
    )
    await history(
        province,
        extended,
        accept(6),
        act(6, request_extension=asked),
        act(8, answer_extension=answered),
    )
    back = task_service_pb2.ReturnTaskRequest(
        reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE, words="Không thuộc chức năng"
    )
    again = task_service_pb2.ReforwardTaskRequest(lead_agency=NAME["coordinating"])
    await history(
        province, returned, act(7, return_to_office=back), act(11, reforward=again), accept(12)
    )
    await province.settle()
    return names


@pytest.mark.rule("R7.1", "R5.1g", "R6.1d", "R6.2a")
async def test_open_tasks_come_in_with_their_history_and_nobody_is_told(
    province: Province, smtp_sink: SmtpSink
) -> None:
    late, done, running, extended, returned = await loaded(province)

    assert await province.notices() == []
    assert smtp_sink.received() == []

    # Each stands as its acts have left it, on the days of the past.
    found = {name: await province.task(name) for name in (late, done, running, extended, returned)}
    state = {name: task_pb2.TaskState.Name(task.state)[11:] for name, task in found.items()}
    assert state == {
        late: "IN_PROGRESS", done: "REPORTED", running: "ACCEPTED", extended: "ACCEPTED",
        returned: "ACCEPTED",
    }  # fmt: skip
    late_now = found[late].timeliness
    assert late_now == task_pb2.TIMELINESS_OVERDUE
    assert {found[n].timeliness for n in (done, running, extended, returned)} == {
        task_pb2.TIMELINESS_WITHIN_LIMIT
    }
    assert found[extended].limit.due_date == to_date(date(2024, 3, 28))
    assert found[returned].lead_agency == NAME["coordinating"]
    assert [r.lead_agency for r in found[returned].rounds] == [NAME["lead"], NAME["coordinating"]]

    # The law's times are of the past, those of the records are real.
    events = await province.events("tasks", late)
    assert [event.type for event in events] == ["TaskLoaded", *["TaskHistoryLoaded"] * 3]
    assert [event.occurred_at.astimezone(UTC).date() for event in events] == [
        date(2024, 3, 5), date(2024, 3, 5), date(2024, 3, 5), date(2024, 3, 7),
    ]  # fmt: skip
    assert all(event.recorded_at > datetime(2025, 1, 1, tzinfo=UTC) for event in events)

    # Limits are met or late by those days, the Office's own too.
    clocks = await province.clocks("tasks", late)
    assert clocks["R5.1e"].state == clock_pb2.CLOCK_STATE_LATE
    assert (await province.clocks("tasks", done))["R5.1e"].state == clock_pb2.CLOCK_STATE_MET
    answer = await province.clocks("tasks", f"{extended}/extensions/1")
    assert answer["R6.1d"].state == clock_pb2.CLOCK_STATE_MET
    intake = await province.clocks("directives", found[late].directive.name)
    assert intake["R7.1"].state == clock_pb2.CLOCK_STATE_MET


@pytest.mark.rule("R6.1d", "R23.1")
async def test_what_was_submitted_taken_back_and_amended_before_comes_in_too(
    province: Province,
) -> None:
    found = await load(province, with_due(15))
    (name,) = found.items[0].tasks
    asked = task_service_pb2.RequestExtensionRequest(
        requested_due_date=to_date(date(2024, 3, 28)),
        reason=task_pb2.EXTENSION_REASON_WAITING_FOR_OTHERS, request_document=DOCUMENT,
    )  # fmt: skip
    amended = task_service_pb2.AmendDueDateRequest(
        due_date=to_date(date(2024, 3, 20)), document=ANSWER, origin=document_pb2.ORIGIN_PROVINCE
    )
    submitted = task_service_pb2.SubmitExtensionRequest(document=ANSWER)
    made = await history(
        province,
        name,
        accept(6),
        act(7, request_extension=asked),
        # Of a connected agency: who loads it is not the one who did it.
        act(7, withdraw_extension=task_service_pb2.WithdrawExtensionRequest()),
        act(8, amend_due_date=amended),
        act(8, request_extension=asked),
        act(11, submit_extension=submitted),
    )
    await province.settle()
    assert await province.notices() == []
    assert [task_pb2.ExtensionState.Name(e.state)[16:] for e in made.extensions] == [
        "WITHDRAWN", "ASKED",
    ]  # fmt: skip
    assert made.limit.due_date == to_date(date(2024, 3, 20))
    assert (await province.clocks("tasks", name))["R5.1e"].last_day == made.limit.due_date
    first, second = [
        (await province.clocks("tasks", f"{name}/extensions/{number}"))["R6.1d"]
        for number in (1, 2)
    ]
    assert first.void_reason == "EXTENSION_REQUEST_WITHDRAWN"
    assert second.state == clock_pb2.CLOCK_STATE_MET


@pytest.mark.rule("R5.1g")
async def test_figures_show_the_past_as_it_was(province: Province) -> None:
    await loaded(province)

    def on(day: int) -> datetime:
        return datetime(2024, 3, day, 5, tzinfo=UTC)

    nothing = dict.fromkeys(
        ("total", "done", "done_overdue", "open_overdue", "in_progress", "returned"), 0
    )
    assert await province.figures(on(5)) == nothing
    assert await province.figures(on(9)) == {**nothing, "total": 5, "in_progress": 1, "returned": 1}
    # 12 March: the extension had been granted in time, so that 11 March was no end any more.
    assert await province.figures(on(12)) == {**nothing, "total": 5, "done": 1, "in_progress": 1}
    overdue = {**nothing, "total": 5, "done": 1, "in_progress": 1, "open_overdue": 1}
    assert await province.figures(on(14)) == overdue
    assert await province.figures(NOW) == overdue

    await province.set_clock(on(27))
    assert await province.figures(on(27)) == {**overdue, "open_overdue": 2}
    assert await province.figures(on(14)) == overdue


async def test_after_the_cut_over_everything_is_told_as_usual(province: Province) -> None:
    late, _, running, _, _ = await loaded(province)
    day = NOW
    while day < datetime(2024, 3, 27, 2, tzinfo=UTC):
        day += timedelta(days=1)
        await province.set_clock(day)
    told = await province.notices()
    # Running (due 26 March): soon, today, overdue. Late: for five and ten days.
    assert (LEAD, "OVERDUE") in told
    assert (LEAD, "DUE_SOON") in told
    for name, rungs in (
        (running, {"due_soon", "due_today", "overdue"}),
        (late, {"overdue_5", "overdue_10"}),
    ):
        clock = (await province.clocks("tasks", name))["R5.1e"]
        request = deadline_service_pb2.GetClockRequest(name=clock.name)
        whole = await province.rooms["tasks"].call(DeadlineServiceStub, "GetClock", request)
        assert {r.rung for r in whole.rungs if r.HasField("fired_time")} == rungs
    # An act of today is an act like any other.
    report = task_service_pb2.ReportResultRequest(
        request_id=new_id(), name=running, done_date=to_date(date(2024, 3, 26)), summary="Xong"
    )
    await province.rooms["tasks"].call(
        TaskServiceStub, "ReportResult", report, token(LEAD, "department", "officer")
    )
    confirm = task_service_pb2.ConfirmTaskRequest(
        request_id=new_id(), name=running,
        evaluation=task_pb2.Evaluation(
            progress=task_pb2.GRADE_GOOD, quality=task_pb2.GRADE_GOOD,
            effectiveness=task_pb2.GRADE_GOOD,
        ),
    )  # fmt: skip
    await province.rooms["tasks"].call(TaskServiceStub, "ConfirmTask", confirm)
    await province.settle()
    assert (LEAD, "CONFIRMED") in await province.notices()


async def test_an_edit_of_the_calendar_moves_old_ends_without_a_word_on_them(
    province: Province,
) -> None:
    late, *_ = await loaded(province)
    edit = calendar_service_pb2.EditCalendarRequest(
        request_id=new_id(),
        reason="Nghỉ bù",
        days=[
            calendar_pb2.CalendarDay(
                day=to_date(date(2024, 3, 13)), kind=calendar_pb2.DAY_KIND_HOLIDAY,
                title="Nghỉ", document="1/QĐ", status=calendar_pb2.DAY_STATUS_OFFICIAL,
            )
        ],
    )  # fmt: skip
    await province.rooms["directives"].call(CalendarServiceStub, "EditCalendar", edit)
    await province.settle()
    clock = (await province.clocks("tasks", late))["R5.1e"]
    assert clock.last_day == to_date(date(2024, 3, 14))
    assert {kind for _, kind in await province.notices()} <= {"CALENDAR_DIGEST"}
    await province.set_clock(NOW + timedelta(hours=8))
    assert {kind for _, kind in await province.notices()} <= {"CALENDAR_DIGEST"}


async def test_the_same_again_changes_nothing_and_another_is_refused(province: Province) -> None:
    made = with_due(13)
    first = await load(province, made)
    (name,) = first.items[0].tasks
    task = await history(province, name, accept(6), progress(8))
    assert await load(province, made) == first
    assert await history(province, name, accept(6), progress(8)) == task

    async def refused(call: Callable[[], Awaitable[Any]]) -> str:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await call()
        assert error.value.code() is grpc.StatusCode.ALREADY_EXISTS
        return str(error.value.details())

    assert "forward_date" in await refused(lambda: load(province, made, forwarded=date(2024, 3, 5)))
    assert "cut_over" in await refused(lambda: load(province, made, date(2024, 3, 19)))
    assert "history" in await refused(lambda: history(province, name, accept(6)))
    assert len(await province.events("tasks", name)) == 4


@pytest.mark.parametrize(
    ("acts", "field"),
    [
        ([accept(8), progress(7)], "acts[1].date"),  # out of order
        ([accept(18)], "acts[0].date"),  # not before the cut-over
        ([accept(5)], "acts[0].date"),  # before its forwarding
        ([progress(8)], "acts[0].progress"),  # not accepted yet
        ([accept(7), result(12), result(13)], "acts[2].result"),
        (
            [accept(7), act(8, progress=task_service_pb2.RecordProgressRequest())],
            "acts[1].progress.situation",
        ),
        (
            [act(8, return_to_office=task_service_pb2.ReturnTaskRequest(words="x"))],
            "acts[0].return_to_office.reason",
        ),
    ],
)
async def test_a_history_that_cannot_have_been_is_refused_as_a_whole(
    province: Province, acts: list[pb.PastAct], field: str
) -> None:
    found = await load(province, with_due(15))
    (name,) = found.items[0].tasks
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await history(province, name, *acts)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"{field}:" in str(refused.value.details())
    assert [event.type for event in await province.events("tasks", name)] == ["TaskLoaded"]


async def test_nobody_acts_on_a_task_before_its_history_is_there(province: Province) -> None:
    found = await load(province, with_due(15))
    await province.settle()
    accepting = task_service_pb2.AcceptTaskRequest(
        request_id=new_id(), name=found.items[0].tasks[0]
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await province.rooms["tasks"].call(
            TaskServiceStub, "AcceptTask", accepting, token(LEAD, "department", "officer")
        )
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.rule("R3.4", "R5.2a", "R5.2g")
async def test_a_classified_directive_comes_in_without_content_and_by_the_office_alone(
    province: Province,
) -> None:
    secret = directive("99", document_pb2.SECRECY_SECRET)
    secret.items[0].limit.due_date.CopyFrom(to_date(date(2024, 3, 13)))
    request = directives_pb.LoadDirectiveRequest(
        request_id=new_id(), directive=secret,
        forward_date=to_date(FORWARDED), cut_over_date=to_date(CUT_OVER),
    )  # fmt: skip
    it_center = token("trung-tam-cntt", "it-center", "officer")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await province.rooms["directives"].call(
            LoadDirectiveStub, "LoadDirective", request, it_center
        )
    assert "directive.secrecy" in str(refused.value.details())
    found = await load(province, secret)
    (name,) = found.items[0].tasks
    said = task_service_pb2.RecordProgressRequest(situation=SECRET)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await history(province, name, accept(6), act(8, progress=said))
    assert "acts[1].progress.situation" in str(refused.value.details())
    assert SECRET not in str(refused.value.details())
    silent = act(8, progress=task_service_pb2.RecordProgressRequest())
    task = await history(province, name, accept(6), silent)
    assert task.state == task_pb2.TASK_STATE_IN_PROGRESS
    await province.settle()
    assert (await province.figures(NOW))["open_overdue"] == 1
    assert await province.notices() == []
