"""Requests for more time and their answers (điểm c khoản 2, điểm d khoản 1 Điều 6)."""

from __future__ import annotations

from dondoc.tasks.v1 import task_pb2
from dondoc.tasks.v1 import task_service_pb2 as pb

from services.kernel.directory.copy import resource
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import not_found
from services.kernel.runtime.protos import from_date, optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters.messages import code, document_of
from services.tasks.adapters.task_store import View
from services.tasks.application.desk import Desk, rules
from services.tasks.domain import extensions
from services.tasks.domain.extensions import Asked
from services.tasks.domain.guards import Facts
from services.tasks.domain.task import Task
from services.tasks.domain.values import DocumentRef


async def request_extension(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.RequestExtensionRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    asked = _asked(request)
    with rules():
        after = extensions.request(task, facts, asked)
    await desk.keep(work, task, after, "ExtensionRequested", request)
    await desk.clocks.extension_asked(work, after, after.extensions[-1])
    return await desk.view(work, after)


async def admit_extension(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.AdmitExtensionRequest
) -> View:
    task, facts = await desk.open(work, access, request)
    asked, ask_date = _asked(request), from_date(request.ask_date, "ask_date")
    with rules():
        after = extensions.admit(task, facts, asked, ask_date, request.admission_words)
    await desk.keep(work, task, after, "ExtensionAdmitted", request)
    await desk.clocks.extension_asked(work, after, after.extensions[-1])
    return await desk.view(work, after)


async def answer_extension(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.AnswerExtensionRequest
) -> View:
    task, facts, number = await _opened(desk, work, access, request)
    granted_due_date = optional_date(request, "granted_due_date")
    document = document_of(request, "answer_document") or DocumentRef()
    with rules():
        after = extensions.answer(task, facts, number, request.granted, granted_due_date, document)
    await desk.keep(work, task, after, "ExtensionAnswered", request)
    await desk.clocks.extension_answered(work, after, after.extensions[number - 1])
    return await desk.view(work, after)


async def submit_extension(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.SubmitExtensionRequest
) -> View:
    task, facts, number = await _opened(desk, work, access, request)
    day, document = optional_date(request, "submit_date"), document_of(request, "document")
    with rules():
        after = extensions.submit(task, facts, number, day, document)
    await desk.keep(work, task, after, "ExtensionSubmitted", request)
    await desk.clocks.extension_submitted(work, after, after.extensions[number - 1])
    return await desk.view(work, after)


async def withdraw_extension(
    desk: Desk, work: UnitOfWork, access: Access, request: pb.WithdrawExtensionRequest
) -> View:
    task, facts, number = await _opened(desk, work, access, request)
    document = document_of(request, "document")
    with rules():
        after = extensions.withdraw(task, facts, number, document)
    behalf = "" if facts.by_lead else resource(task.lead)
    await desk.keep(work, task, after, "ExtensionWithdrawn", request, on_behalf_of=behalf)
    await desk.clocks.extension_withdrawn(work, after, after.extensions[number - 1])
    return await desk.view(work, after)


async def _opened(
    desk: Desk,
    work: UnitOfWork,
    access: Access,
    request: pb.SubmitExtensionRequest | pb.AnswerExtensionRequest | pb.WithdrawExtensionRequest,
) -> tuple[Task, Facts, int]:
    """The task of the extension that the request names, and its number."""
    name, _, number = request.name.partition("/extensions/")
    task, facts = await desk.open(work, access, request, name)
    if not 1 <= int(number) <= len(task.extensions):
        raise not_found(request.name)
    return task, facts, int(number)


def _asked(request: pb.RequestExtensionRequest | pb.AdmitExtensionRequest) -> Asked:
    return Asked(
        due_date=from_date(request.requested_due_date, "requested_due_date"),
        reason=code(task_pb2.ExtensionReason, request.reason, "EXTENSION_REASON_"),
        words=request.reason_words,
        document=document_of(request, "request_document") or DocumentRef(),
    )
