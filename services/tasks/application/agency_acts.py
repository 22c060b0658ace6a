"""What the lead agency does (khoản 2 Điều 6)."""

from __future__ import annotations

from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from services.kernel.limits.domain.profile import Act
from services.kernel.runtime.access import Access
from services.kernel.runtime.protos import from_date, optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters.messages import code, document_of, grade_of
from services.tasks.adapters.task_store import View
from services.tasks.application.desk import Desk, rules
from services.tasks.domain import acts


async def accept(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.AcceptTaskRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    with rules():
        after = acts.accept(task, facts)
    await desk.keep(work, task, after, "TaskAccepted", request)
    return await desk.view(work, after)


async def return_to_office(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.ReturnTaskRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    reason = code(task_pb2.ReturnReason, request.reason, "RETURN_REASON_")
    with rules():
        after = acts.return_to_office(task, facts, reason, request.words)
    await desk.keep(work, task, after, "TaskReturned", request)
    await desk.clocks.void_round(work, after, Act.TASK_RETURNED)
    return await desk.view(work, after)


async def record_progress(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.RecordProgressRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    day = optional_date(request, "date")
    with rules():
        after = acts.record_progress(task, facts, day, request.situation)
    await desk.keep(work, task, after, "TaskProgressRecorded", request)
    await desk.clocks.progress_entered(work, after, after.entries[-1])
    return await desk.view(work, after)


async def report_result(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.ReportResultRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    done_date = from_date(request.done_date, "done_date")
    document = document_of(request, "document")
    quality, effectiveness = grade_of(request.quality), grade_of(request.effectiveness)
    with rules():
        after = acts.report_result(
            task, facts, done_date, request.summary, quality, effectiveness, document
        )
    await desk.keep(work, task, after, "TaskReported", request)
    await desk.clocks.result_reported(work, after, after.results[-1])
    return await desk.view(work, after)
