"""DirectoryService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.directory.v1 import agency_pb2, directory_service_pb2_grpc
from dondoc.directory.v1 import directory_service_pb2 as pb

from services.directives.adapters import directory_store as store
from services.directives.adapters import officer_store
from services.directives.adapters.agency_messages import agency_message, group_message
from services.directives.adapters.officer_messages import officers_message
from services.directives.application import directory, officers
from services.directives.application.addressees import resolve_addressees
from services.directives.settings import DirectivesSettings
from services.kernel.directory.copy import slug
from services.kernel.limits.domain.calendar import local_date
from services.kernel.limits.domain.profile import Profiles
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import not_found
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork


class DirectoryServicer(directory_service_pb2_grpc.DirectoryServiceServicer):
    def __init__(self, kernel: Kernel, profiles: Profiles) -> None:
        self._runner, self._pages, self._profiles = kernel.runner, kernel.pages, profiles
        assert isinstance(kernel.settings, DirectivesSettings)
        self._officers_from = kernel.settings.officers_url

    async def GetAgency(self, request: Any, context: Any) -> agency_pb2.Agency:
        async def handler(work: UnitOfWork, access: Access) -> agency_pb2.Agency:
            row = await store.get(work, slug(request.name))
            if row is None:
                raise not_found(request.name)
            return agency_message(row)

        return await self._runner.query(handler)

    async def ListAgencies(self, request: Any, context: Any) -> pb.ListAgenciesResponse:
        page = self._pages.open(request)
        kind = agency_pb2.AgencyKind.Name(request.kind).removeprefix("AGENCY_KIND_")

        async def handler(work: UnitOfWork, access: Access) -> pb.ListAgenciesResponse:
            rows = await store.list_agencies(
                work,
                kind="" if kind == "UNSPECIFIED" else kind,
                after=page.after[0] if page.after else "",
                limit=page.size + 1,
            )
            response = pb.ListAgenciesResponse(
                agencies=[agency_message(row) for row in rows[: page.size]]
            )
            if len(rows) > page.size:
                response.next_page_token = self._pages.token(request, [rows[page.size - 1].slug])
            return response

        return await self._runner.query(handler)

    async def EnterAgency(self, request: Any, context: Any) -> agency_pb2.Agency:
        return await self._runner.command(
            request,
            lambda work, access: directory.enter_agency(
                work, _copy(request.agency), self._profiles
            ),
        )

    async def AppointOfficer(self, request: Any, context: Any) -> agency_pb2.Agency:
        return await self._runner.command(
            request,
            lambda work, access: directory.appoint_officer(
                work, request, persons_from=self._officers_from
            ),
        )

    async def GetOfficersState(self, request: Any, context: Any) -> pb.OfficersState:
        source = self._officers_from

        async def handler(work: UnitOfWork, access: Access) -> pb.OfficersState:
            row = await officer_store.reading(work) if source else None
            without, several = await officers.gaps(
                work, local_date(work.now), reading=row is not None and row.read_at is not None
            )
            return officers_message(source, row, without, several)

        return await self._runner.query(handler)

    async def EnterGroup(self, request: Any, context: Any) -> agency_pb2.AgencyGroup:
        return await self._runner.command(
            request,
            lambda work, access: directory.enter_group(work, _copy(request.group), self._profiles),
        )

    async def ListGroups(self, request: Any, context: Any) -> pb.ListGroupsResponse:
        page = self._pages.open(request)

        async def handler(work: UnitOfWork, access: Access) -> pb.ListGroupsResponse:
            after = page.after[0] if page.after else ""
            rows = await store.list_groups(work, after=after, limit=page.size + 1)
            response = pb.ListGroupsResponse(groups=[group_message(r) for r in rows[: page.size]])
            if len(rows) > page.size:
                response.next_page_token = self._pages.token(request, [rows[page.size - 1].slug])
            return response

        return await self._runner.query(handler)

    async def ResolveAddressees(self, request: Any, context: Any) -> pb.ResolveAddresseesResponse:
        return await self._runner.query(lambda work, access: resolve_addressees(work, request))


def _copy(message: Any) -> Any:
    """Handlers fill the copy in; the request stays as it came, since its digest is kept."""
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def mounted(kernel: Kernel, profiles: Profiles) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["DirectoryService"],
        DirectoryServicer(kernel, profiles),
        directory_service_pb2_grpc.add_DirectoryServiceServicer_to_server,
    )
