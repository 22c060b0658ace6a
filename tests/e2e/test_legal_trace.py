"""One trace tells the whole legal life of a task, whatever becomes of the processes that send it."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import grpc
import pytest
from dondoc.limits.v1 import deadline_service_pb2, trace_pb2
from dondoc.limits.v1.deadline_service_pb2_grpc import DeadlineServiceStub
from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.tasks.v1.task_service_pb2_grpc import TaskServiceStub
from dondoc.type.v1 import document_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import text

from services.kernel.runtime.protos import to_date
from tests.fixtures.eventually import eventually
from tests.fixtures.otlp import Receiver, Span
from tests.fixtures.processes import Street
from tests.fixtures.quarter import enter_directory, forward, office, set_clock
from tests.fixtures.world import RELATIONS, directive, new_id

FIRST, SECOND = RELATIONS["lead"], RELATIONS["stranger"]
LEGAL = "dondoc.legal"


@pytest.fixture(params=["grpc", "http"])
def receiver(request: pytest.FixtureRequest, otlp: Receiver, otlp_http: Receiver) -> Receiver:
    return otlp if request.param == "grpc" else otlp_http


def document(number: str, day: date) -> document_pb2.DocumentRef:
    return document_pb2.DocumentRef(number=number, symbol="CV", date=to_date(day))


async def live(street: Street, name: str) -> None:
    """Returned, forwarded again, extended, sent back, reported too late, confirmed, closed."""

    async def act(method: str, request: Any, agency: str = "") -> None:
        request.request_id = new_id()
        who = street.token(agency, "department", "officer") if agency else office(street)
        await street.call("tasks", TaskServiceStub, method, request, who)

    async def on(day: int, month: int = 3) -> None:
        await set_clock(street, datetime(2024, month, day, 3, tzinfo=UTC))

    await on(6)
    await act("ReturnTask", pb.ReturnTaskRequest(
        name=name, reason=task_pb2.RETURN_REASON_OUTSIDE_COMPETENCE, words="Ngoài thẩm quyền"
    ), FIRST)  # fmt: skip
    await on(7)
    await act("ReforwardTask", pb.ReforwardTaskRequest(
        name=name, lead_agency=f"agencies/{SECOND}"
    ))  # fmt: skip
    await on(8)
    await act("AcceptTask", pb.AcceptTaskRequest(name=name), SECOND)
    await act("RequestExtension", pb.RequestExtensionRequest(
        name=name, requested_due_date=to_date(date(2024, 5, 31)),
        reason=task_pb2.EXTENSION_REASON_RESOURCES, request_document=document("5", date(2024, 3, 8)),
    ), SECOND)  # fmt: skip
    await on(12)
    await act("AnswerExtension", pb.AnswerExtensionRequest(
        name=f"{name}/extensions/1", granted=True, granted_due_date=to_date(date(2024, 5, 31)),
        answer_document=document("7", date(2024, 3, 12)),
    ))  # fmt: skip
    await on(13)
    await act("ReportResult", pb.ReportResultRequest(
        name=name, done_date=to_date(date(2024, 3, 13)), summary="Đã xong"
    ), SECOND)  # fmt: skip
    await on(15)
    await act("SendBackTask", pb.SendBackTaskRequest(
        name=name, reason=task_pb2.SEND_BACK_REASON_INCOMPLETE, words="Còn thiếu"
    ))  # fmt: skip
    await on(5, 6)
    await act("ReportResult", pb.ReportResultRequest(
        name=name, done_date=to_date(date(2024, 6, 4)), summary="Đã xong"
    ), SECOND)  # fmt: skip
    await act("ConfirmTask", pb.ConfirmTaskRequest(
        name=name, evaluation=task_pb2.Evaluation(
            progress=task_pb2.GRADE_SATISFACTORY, quality=task_pb2.GRADE_GOOD,
            effectiveness=task_pb2.GRADE_GOOD,
        ),
    ))  # fmt: skip
    await on(10, 6)
    await act("CloseTask", pb.CloseTaskRequest(name=name))


def trace_of(spans: list[Span], name: str) -> dict[str, Span]:
    """Of the task or directive, by span id; what was sent last counts."""
    trace_id = name.split("/")[1].replace("-", "")
    return {s.span_id: s for s in spans if s.trace_id == trace_id and s.scope == LEGAL}


def root_of(name: str) -> tuple[str, str]:
    trace_id = name.split("/")[1].replace("-", "")
    return trace_id, trace_id[16:]


def told(found: dict[str, Span]) -> Counter[tuple[str, str, str]]:
    """(name, name of the parent, outcome) of each span."""
    return Counter(
        (
            span.name,
            found[span.parent_id].name if span.parent_id else "",
            span.attributes.get("dondoc.outcome", ""),
        )
        for span in found.values()
    )


async def waiting(street: Street) -> int:
    """How many traces `tasks` has to send."""
    async with street.engines["tasks"].connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM trace_outbox")) or 0)


async def send_trace(street: Street, name: str, *, retry: bool = True) -> Any:
    request = deadline_service_pb2.SendTraceRequest(request_id=new_id(), name=name)
    answer, _ = await street.call(
        "tasks", DeadlineServiceStub, "SendTrace", request, office(street), retry=retry
    )
    return answer


async def sent_again(street: Street, receiver: Receiver, name: str) -> dict[str, Span]:
    receiver.spans.clear()
    answer = await send_trace(street, name)
    await receiver.wait_for(lambda spans: len(trace_of(spans, name)) == answer.sent_spans)
    assert answer.running_spans == 0
    return trace_of(receiver.spans, name)


@pytest.mark.rule("R6.2a", "R6.1d", "R6.1c", "R8.2")
@pytest.mark.timeout(600)
async def test_one_trace_tells_the_whole_life_of_a_task(street: Street, receiver: Receiver) -> None:
    # Over gRPC not one request is traced; the law is not sampled.
    ratio = "0" if receiver.protocol == "grpc" else "1"
    street.environment |= {
        "DONDOC_OTLP_ENDPOINT": receiver.endpoint,
        "DONDOC_OTLP_PROTOCOL": receiver.protocol,
        "DONDOC_TRACE_RATIO": ratio,
    }
    for service in ("directives", "tasks"):
        await street.start(service)
    await set_clock(street)
    await enter_directory(street)
    forwarded, position = await forward(street, directive("1"))
    (name,) = forwarded.items[0].tasks
    ask = pb.GetTaskRequest(name=name)
    await street.call("tasks", TaskServiceStub, "GetTask", ask, office(street), after=position)
    await live(street, name)
    root = root_of(name)
    await receiver.wait_for(lambda spans: root[1] in trace_of(spans, name))
    found = trace_of(receiver.spans, name)
    assert told(found) == Counter(
        {
            ("task", "", ""): 1,
            ("round 1", "task", ""): 1,
            ("FORWARDED", "round 1", ""): 1,
            ("R5.1e", "round 1", "VOID"): 1,
            ("R7.2a", "round 1", "VOID"): 1,
            ("RETURNED", "task", ""): 1,
            ("round 2", "task", ""): 1,
            ("FORWARDED", "round 2", ""): 1,
            ("ACCEPTED", "round 2", ""): 1,
            ("R5.1e", "round 2", "MET"): 1,
            ("extension 1", "R5.1e", ""): 1,
            ("R6.1d", "extension 1", "MET"): 1,
            ("REPORTED", "round 2", ""): 2,
            ("IN_PROGRESS", "round 2", ""): 1,
            ("R5.1e", "round 2", "MET_LATE"): 1,
            ("R7.2a", "round 2", "MET"): 2,
            ("CONFIRMED", "round 2", ""): 1,
        }
    )
    late = next(s for s in found.values() if s.attributes.get("dondoc.outcome") == "MET_LATE")
    assert late.attributes["dondoc.article"] == "điểm e khoản 1 Điều 5"
    assert late.attributes["dondoc.agency"] == SECOND
    assert late.attributes["dondoc.stated_due"] == "2024-05-31"
    assert late.attributes["dondoc.due"] == "2024-06-01T00:00:00+07:00"
    # From the sending back on Friday 15 March: 10 working days of March, 19 of April (off: the 18th, the
    # 29th for a Saturday, the 30th), 23 of May (off: the 1st; worked: Saturday the 4th), 3 and 4 June.
    assert late.attributes["dondoc.working_days"] == str(10 + 19 + 23 + 2)
    assert {name for _, name, _ in late.events} >= {"reopened", "rung overdue", "stopped"}
    assert late.end == int(datetime(2024, 6, 3, 17, tzinfo=UTC).timestamp()) * 10**9
    voided = next(s for s in found.values() if s.attributes.get("dondoc.outcome") == "VOID")
    assert voided.attributes["dondoc.void_reason"] == "TASK_RETURNED"
    moved = next(
        dict(a)
        for s in found.values()
        for _, n, a in s.events
        if n == "moved" and s.name == "R5.1e"
    )
    assert (moved["dondoc.ground"], moved["dondoc.document"]) == ("EXTENSION", "7/CV")
    # Bound to the directive, and the directive to it.
    assert found[root[1]].links == (root_of(forwarded.name),)
    await receiver.wait_for(lambda spans: bool(trace_of(spans, forwarded.name)))
    own = trace_of(receiver.spans, forwarded.name)
    assert ("R7.1", "directive", "MET") in told(own)
    assert own[root_of(forwarded.name)[1]].links == (root,)
    requests = [s for s in receiver.spans if s.scope != LEGAL]
    if receiver.protocol == "grpc":
        assert not requests
    else:
        # The law has its traces, requests have theirs; a link leads from the one to the other.
        assert all(s.trace_id not in (root[0], root_of(forwarded.name)[0]) for s in requests)
        for ending in ("/CloseTask", "process DirectiveForwarded"):
            await receiver.wait_for(lambda spans, ending=ending: root in {
                link for s in spans if s.name.endswith(ending) for link in s.links
            })  # fmt: skip
    # What was told when clocks were voided and at the confirmation has stayed as it was told.
    before_closing = {s.span_id for s in receiver.spans if s.trace_id == root[0]}
    assert before_closing == set(found)
    # The same from a process that dies before it knows that it was heard, from the one that comes after
    # it, and from whoever sends it once more.
    await eventually(lambda: waiting(street), lambda count: count == 0)
    await street.processes["tasks"][-1].stop()
    dying = await street.start("tasks", DONDOC_CRASH_AT="traces.after_export")
    receiver.spans.clear()
    with contextlib.suppress(grpc.aio.AioRpcError):  # it may die before it has answered
        await send_trace(street, name, retry=False)
    await receiver.wait_for(lambda spans: len(trace_of(spans, name)) == len(found))
    assert trace_of(receiver.spans, name) == found
    await dying.wait_killed()
    receiver.spans.clear()
    async with street.engines["tasks"].begin() as connection:
        lease_over = text("UPDATE trace_outbox SET not_before = now()")
        assert (await connection.execute(lease_over)).rowcount >= 1
    await street.start("tasks")
    await receiver.wait_for(lambda spans: len(trace_of(spans, name)) == len(found))
    assert trace_of(receiver.spans, name) == found
    assert await sent_again(street, receiver, name) == found
    # As data it is the same too.
    data, _ = await street.call(
        "tasks", DeadlineServiceStub, "GetTrace",
        deadline_service_pb2.GetTraceRequest(name=name), office(street),
    )  # fmt: skip
    assert as_received(data) == {
        i: (s.name, s.parent_id, s.start, s.end, s.attributes) for i, s in found.items()
    }


def as_received(trace: trace_pb2.Trace) -> dict[str, Any]:
    def nanoseconds(stamp: Timestamp) -> int:
        return stamp.ToNanoseconds()

    return {
        s.span_id: (
            s.name, s.parent_span_id, nanoseconds(s.start_time), nanoseconds(s.end_time),
            dict(s.attributes),
        )
        for s in trace.spans
    }  # fmt: skip
