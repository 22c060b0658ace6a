"""TaskService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.tasks.v1 import task_pb2, task_service_pb2_grpc
from dondoc.tasks.v1 import task_service_pb2 as pb

from services.kernel.runtime.access import Access
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters.messages import to_message
from services.tasks.adapters.task_store import View
from services.tasks.application import (
    agency_acts,
    amendment_acts,
    extension_acts,
    office_acts,
    reading,
)
from services.tasks.application.desk import Act, Desk


class TaskServicer(task_service_pb2_grpc.TaskServiceServicer):
    def __init__(self, kernel: Kernel, desk: Desk) -> None:
        self._runner, self._pages, self._desk = kernel.runner, kernel.pages, desk

    async def GetTask(self, request: Any, context: Any) -> task_pb2.Task:
        async def handler(work: UnitOfWork, access: Access) -> task_pb2.Task:
            return _told(await reading.one(work, access, request.name), work)

        return await self._runner.query(handler)

    async def ListTasks(self, request: Any, context: Any) -> pb.ListTasksResponse:
        page = self._pages.open(request)

        async def handler(work: UnitOfWork, access: Access) -> pb.ListTasksResponse:
            views, last = await reading.page(work, access, request, page)
            return pb.ListTasksResponse(
                tasks=[_told(view, work) for view in views],
                next_page_token=self._pages.token(request, last) if last else "",
            )

        return await self._runner.query(handler)

    async def _act(self, act: Act, request: Any) -> task_pb2.Task:
        async def handler(work: UnitOfWork, access: Access) -> task_pb2.Task:
            return _told(await act(self._desk, work, access, request), work)

        return await self._runner.command(request, handler)

    async def AcceptTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(agency_acts.accept, request)

    async def ReturnTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(agency_acts.return_to_office, request)

    async def ReforwardTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(office_acts.reforward, request)

    async def RecordProgress(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(agency_acts.record_progress, request)

    async def ReportResult(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(agency_acts.report_result, request)

    async def EnterOnBehalf(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(office_acts.enter_on_behalf, request)

    async def ConfirmTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(office_acts.confirm, request)

    async def SendBackTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(office_acts.send_back, request)

    async def CloseTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(office_acts.close, request)

    async def WithdrawTask(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(office_acts.withdraw, request)

    async def AmendDueDate(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(amendment_acts.amend_due_date, request)

    async def RequestExtension(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(extension_acts.request_extension, request)

    async def AdmitExtension(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(extension_acts.admit_extension, request)

    async def AnswerExtension(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(extension_acts.answer_extension, request)

    async def SubmitExtension(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(extension_acts.submit_extension, request)

    async def WithdrawExtension(self, request: Any, context: Any) -> task_pb2.Task:
        return await self._act(extension_acts.withdraw_extension, request)


def _told(view: View, work: UnitOfWork) -> task_pb2.Task:
    """As it stands at the legal now of the call."""
    return to_message(view.task, view.due_at, work.now)


def mounted(kernel: Kernel, desk: Desk) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["TaskService"],
        TaskServicer(kernel, desk),
        task_service_pb2_grpc.add_TaskServiceServicer_to_server,
    )
