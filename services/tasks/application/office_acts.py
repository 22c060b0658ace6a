"""What the Office does (khoản 1 Điều 6, khoản 3 Điều 7, khoản 2 Điều 8)."""

from __future__ import annotations

from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from services.kernel.directory.copy import find, level_of, resource, slug
from services.kernel.limits.domain.profile import Act, Profile
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.protos import from_date, optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters.messages import code, document_of, evaluation_of, grade_of
from services.tasks.adapters.task_store import View
from services.tasks.application.desk import Desk, rules
from services.tasks.domain import acts
from services.tasks.domain.values import DocumentRef


async def reforward(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.ReforwardTaskRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    lead, due_date = slug(request.lead_agency), optional_date(request, "due_date")
    if lead:
        await _refuse_unassignable(work, lead, facts.profile)
    with rules():
        after = acts.reforward(task, facts, lead, request.content, due_date)
    await desk.keep(work, task, after, "TaskReforwarded", request)
    await desk.clocks.start_round(work, after)
    return await desk.view(work, after)


async def enter_on_behalf(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.EnterOnBehalfRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    done_date = from_date(request.done_date, "done_date")
    receipt_date = from_date(request.receipt_date, "receipt_date")
    document = document_of(request, "document") or DocumentRef()
    quality, effectiveness = grade_of(request.quality), grade_of(request.effectiveness)
    with rules():
        after = acts.enter_on_behalf(
            task, facts, done_date, request.summary, quality, effectiveness, document, receipt_date
        )
    behalf = resource(task.lead)
    await desk.keep(work, task, after, "TaskEnteredOnBehalf", request, on_behalf_of=behalf)
    await desk.clocks.result_reported(work, after, after.results[-1])
    await desk.clocks.entered_on_behalf(work, after, after.results[-1])
    return await desk.view(work, after)


async def confirm(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.ConfirmTaskRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    with rules():
        after = acts.confirm(task, facts, evaluation_of(request.evaluation))
    await desk.keep(work, task, after, "TaskConfirmed", request)
    return await desk.view(work, after)


async def send_back(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.SendBackTaskRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    reason = code(task_pb2.SendBackReason, request.reason, "SEND_BACK_REASON_")
    with rules():
        after = acts.send_back(task, facts, reason, request.words)
    await desk.keep(work, task, after, "TaskSentBack", request)
    await desk.clocks.sent_back(work, after, after.results[-1])
    return await desk.view(work, after)


async def close(desk: Desk, work: UnitOfWork, access: Access, request: pb.CloseTaskRequest) -> View:
    task, facts = await desk.open(work, access, request)
    with rules():
        after = acts.close(task, facts)
    await desk.keep(work, task, after, "TaskClosed", request)
    return await desk.view(work, after)


async def withdraw(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.WithdrawTaskRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    document = document_of(request, "document") or DocumentRef()
    with rules():
        after = acts.withdraw(task, facts, document, request.reason, work.actor.subject)
    await desk.keep(work, task, after, "TaskWithdrawn", request)
    await desk.clocks.void_round(work, after, Act.TASK_WITHDRAWN, document.code)
    return await desk.view(work, after)


async def _refuse_unassignable(work: UnitOfWork, lead: str, profile: Profile | None) -> None:
    """An agency of the directory that takes tasks, of a level to which the regulation gives some."""
    found = (await find(work, {lead})).get(lead)
    levels = profile.practice.assignee_levels if profile else ()
    if found and profile and level_of(found) not in [level.code for level in levels]:
        cited = f"{profile.practice.articles['assignee_levels']}, {profile.id}"
        raise invalid(
            FieldViolation(
                "lead_agency",
                f"phải thuộc một trong các cấp: {'; '.join(level.name.vi for level in levels)} "
                f"({cited})",
                f"must be of a level among {', '.join(level.code for level in levels)} ({cited})",
                "LEVEL_NOT_ASSIGNED",
            )
        )
    if found is None or not found.assignable:
        raise invalid(
            FieldViolation(
                "lead_agency",
                "phải là một cơ quan trong danh bạ được giao nhiệm vụ",
                "must be an agency of the directory that may be given tasks",
                "AGENCY_NOT_ASSIGNABLE",
            )
        )
