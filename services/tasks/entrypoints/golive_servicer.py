"""GoLiveService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.tasks.v1 import golive_service_pb2 as pb
from dondoc.tasks.v1 import golive_service_pb2_grpc
from dondoc.tasks.v1.task_pb2 import Task

from services.kernel.runtime.access import Access
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.tasks.adapters.messages import to_message
from services.tasks.application import golive
from services.tasks.application.desk import Desk


class GoLiveServicer(golive_service_pb2_grpc.GoLiveServiceServicer):
    def __init__(self, kernel: Kernel, desk: Desk) -> None:
        self._runner, self._desk = kernel.runner, desk

    async def LoadTask(self, request: Any, context: Any) -> Task:
        async def handler(work: UnitOfWork, access: Access) -> Task:
            view = await golive.load_history(self._desk, work, access, request)
            return to_message(view.task, view.due_at, work.now)

        return await self._runner.command(request, handler)


def mounted(kernel: Kernel, desk: Desk) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["GoLiveService"],
        GoLiveServicer(kernel, desk),
        golive_service_pb2_grpc.add_GoLiveServiceServicer_to_server,
    )
