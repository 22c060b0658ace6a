"""A document that amends the due date, and what it does to the limits of the task."""

from __future__ import annotations

from dondoc.tasks.v1 import task_service_pb2 as pb
from dondoc.type.v1 import document_pb2, limit_pb2

from services.kernel.limits.domain.clock import Cause, MoveGround
from services.kernel.limits.domain.ending import voided_by
from services.kernel.limits.domain.profile import Act, Profile
from services.kernel.runtime.access import Access
from services.kernel.runtime.protos import optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters import period_store
from services.tasks.adapters.messages import code, document_of
from services.tasks.adapters.task_store import View
from services.tasks.application.desk import Desk, rules
from services.tasks.application.limits import TaskClocks
from services.tasks.domain import amendments
from services.tasks.domain.amendments import Amended
from services.tasks.domain.task import Task
from services.tasks.domain.values import Amendment, DocumentRef


async def amend_due_date(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.AmendDueDateRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    said = Amended(
        document=document_of(request, "document") or DocumentRef(),
        due_date=optional_date(request, "due_date"),
        origin=code(document_pb2.Origin, request.origin, "ORIGIN_"),
        purpose=code(limit_pb2.LimitPurpose, request.purpose, "LIMIT_PURPOSE_"),
    )
    with rules():
        after = amendments.amend(task, facts, said, access.principal.subject)
    await desk.keep(work, task, after, "DueDateAmended", request)
    profile = desk.clocks.profile_of(after)
    if profile:
        await follow(desk.clocks, work, after, profile, after.amendments[-1])
    return await desk.view(work, after)


async def follow(
    clocks: TaskClocks, work: UnitOfWork, task: Task, profile: Profile, made: Amendment
) -> None:
    """Limits of a date and limits of periods exclude each other; which act ends which says the rule."""
    actor, document = made.by, made.document.code
    if made.due_date and made.previous_due_date:
        cause = Cause(work.now, MoveGround.AMENDMENT, actor, document)
        await clocks.move_due_date(work, task, profile, MoveGround.AMENDMENT, cause)
        return
    act = Act.DUE_DATE_SET if made.due_date else Act.DUE_DATE_REMOVED
    cause = Cause(work.now, act, actor, document)
    # What was met by a date that is taken away was met by nothing: sent back, it does not run again.
    of_task, removed = await clocks.book.of(work, task.name), made.due_date is None
    for clock in voided_by(act, of_task, profile, stopped_too=removed):
        await clocks.book.void(work, clock, cause)
    if made.due_date:
        await period_store.take(work, task.id)
        await clocks.start_due_date(work, task, profile, cause)
        await clocks.stop_what_is_done(work, task, profile)
    elif task.result is None:
        await clocks.begin_periods(work, task, profile, cause)
