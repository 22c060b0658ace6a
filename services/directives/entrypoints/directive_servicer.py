"""DirectiveService: proto ↔ handlers, no rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from dondoc.directives.v1 import directive_pb2, directive_service_pb2_grpc
from dondoc.directives.v1 import directive_service_pb2 as pb
from dondoc.type.v1.document_pb2 import DocumentKind

from services.directives.adapters.directive_store import Filter
from services.directives.application.directives import Directives
from services.kernel.limits.adapters.clock_book import ClockBook
from services.kernel.runtime.access import Access
from services.kernel.runtime.protos import optional_date
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork

Directive = directive_pb2.Directive


class DirectiveServicer(directive_service_pb2_grpc.DirectiveServiceServicer):
    def __init__(self, kernel: Kernel, book: ClockBook) -> None:
        self._runner, self._pages = kernel.runner, kernel.pages
        self._directives = Directives(book)

    async def EnterDirective(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.enter(work, access, request)
        )

    async def GetDirective(self, request: Any, context: Any) -> Directive:
        return await self._runner.query(
            lambda work, access: self._directives.get(work, access, request.name)
        )

    async def ListDirectives(self, request: Any, context: Any) -> pb.ListDirectivesResponse:
        page = self._pages.open(request)
        after = page.after and (date.fromisoformat(page.after[0]), UUID(page.after[1]))
        wanted = Filter(
            state=_named(directive_pb2.DirectiveState.Name(request.state), "DIRECTIVE_STATE_"),
            kind=_named(DocumentKind.Name(request.kind), "DOCUMENT_KIND_"),
            issued_from=optional_date(request, "issued_from"),
            issued_to=optional_date(request, "issued_to"),
            with_gaps=request.with_gaps,
            number=request.number,
        )

        async def handler(work: UnitOfWork, access: Access) -> pb.ListDirectivesResponse:
            found = await self._directives.page(work, access, wanted, after, page.size + 1)
            response = pb.ListDirectivesResponse(
                directives=[message for _, message in found[: page.size]]
            )
            if len(found) > page.size:
                last, _ = found[page.size - 1]
                response.next_page_token = self._pages.token(
                    request, [last.issue_date.isoformat(), str(last.id)]
                )
            return response

        return await self._runner.query(handler)

    async def SupplementDirective(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.supplement(work, access, request)
        )

    async def ClassifyItem(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.classify(work, access, request)
        )

    async def RecordConsultation(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.consult(work, access, request)
        )

    async def ForwardDirective(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.forward(work, access, request)
        )

    async def RecordNoTask(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.record_no_task(work, access, request)
        )

    async def WithdrawDirective(self, request: Any, context: Any) -> Directive:
        return await self._runner.command(
            request, lambda work, access: self._directives.withdraw(work, access, request)
        )


def _named(name: str, prefix: str) -> str:
    """The value of a filter; empty when it is not said."""
    return name.removeprefix(prefix).replace("UNSPECIFIED", "")


def mounted(kernel: Kernel, book: ClockBook) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["DirectiveService"],
        DirectiveServicer(kernel, book),
        directive_service_pb2_grpc.add_DirectiveServiceServicer_to_server,
    )
