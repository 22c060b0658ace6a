"""GoLiveService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.directives.v1 import golive_service_pb2 as pb
from dondoc.directives.v1 import golive_service_pb2_grpc
from dondoc.directives.v1.directive_pb2 import Directive

from services.directives.application import golive
from services.directives.application.directives import Directives
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.runtime.service import Kernel, Mounted


class GoLiveServicer(golive_service_pb2_grpc.GoLiveServiceServicer):
    def __init__(self, kernel: Kernel, book: ClockBook) -> None:
        self._runner, self._directives = kernel.runner, Directives(book)

    async def LoadDirective(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: golive.load(self._directives, work, access, request)
        )


def mounted(kernel: Kernel, book: ClockBook) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["GoLiveService"],
        GoLiveServicer(kernel, book),
        golive_service_pb2_grpc.add_GoLiveServiceServicer_to_server,
    )
