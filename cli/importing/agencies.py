"""Agencies and groups from a file of the form of `organisations.json`, entered over gRPC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import grpc
from dondoc.directory.v1 import agency_pb2
from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import Agency, AgencyGroup, Officer
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

from cli.client import House
from cli.errors import USAGE, CliError, refusal
from cli.importing.document import Refused
from cli.importing.report import Kind, Outcome, Report, Row, request_id, rows_of
from cli.importing.written import AGENCY_KINDS, day, fold, text
from cli.language import Words
from services.kernel.runtime.protos import to_date

MAIL_DOMAIN: Final = "dondoc.example"

OnRow = Callable[[], None]


class AgencyImport:
    """Enters one file. Superiors and successors are entered before those that name them."""

    def __init__(self, house: House, content: Any, *, placeholder_officers: bool = False) -> None:
        if not isinstance(content, dict) or "organisations" not in content:
            raise CliError(
                Words(
                    "Cần một đối tượng JSON có `organisations` và có thể có `groups`.",
                    "A JSON object with `organisations`, and perhaps `groups`, is needed.",
                ),
                USAGE,
            )
        self._house, self._officers = house, placeholder_officers
        self._entries = rows_of(content["organisations"], "organisations")
        self._groups = rows_of(content.get("groups") or [], "groups")
        self._by_name = {fold(text(entry, "name")): entry for entry in self._entries}
        self._before: dict[str, Agency] = {}
        self._names: dict[str, str] = {}  # folded display name → resource name
        self._rows: dict[int, list[Row]] = {}

    @property
    def size(self) -> int:
        """Rows of the file."""
        return len(self._entries) + len(self._groups)

    async def run(self, on_row: OnRow = lambda: None) -> Report:
        """Enters all. Raises AioRpcError for what is no refusal of a row."""
        known = await self._house.agencies()
        self._before = {agency.name: agency for agency in known}
        self._names = {fold(agency.display_name): agency.name for agency in known}
        for entry in self._entries:
            await self._enter_with_those_named(entry, (), on_row)
        report = Report([row for index in sorted(self._rows) for row in self._rows[index]])
        report.rows += await self._enter_groups(on_row)
        await self._house.provision_users()
        return report

    async def _enter_with_those_named(
        self, entry: Mapping[str, Any], above: Sequence[str], on_row: OnRow
    ) -> None:
        """Depth first; one that names itself in a circle comes without that link, and says so."""
        index = self._entries.index(entry)  # type: ignore[arg-type]
        if index in self._rows:
            return
        here = fold(text(entry, "name"))
        for field in ("parent", "successor"):
            named = fold(text(entry, field))
            if named in self._by_name and named not in (*above, here):
                await self._enter_with_those_named(self._by_name[named], (*above, here), on_row)
        self._rows[index] = await self._enter(entry)
        on_row()

    async def _enter(self, entry: Mapping[str, Any]) -> list[Row]:
        label, row_id = text(entry, "name"), text(entry, "id")
        try:
            wanted = self._agency(entry)
            agency, outcome = await self._save(wanted)
        except Refused as refused:
            return [Row(Kind.AGENCY, row_id, label, Outcome.REFUSED, refused.reasons)]
        self._names[fold(label)] = agency.name
        notes = self._links_left_out(entry, agency)
        rows = [Row(Kind.AGENCY, row_id, label, outcome, (), notes, agency.name)]
        if self._officers and agency.kind != agency_pb2.AGENCY_KIND_AUTHORITY:
            rows.append(await self._appoint(row_id, agency))
        return rows

    def _agency(self, entry: Mapping[str, Any]) -> Agency:
        kind = AGENCY_KINDS.get(text(entry, "kind"))
        if kind is None or not text(entry, "name"):
            raise Refused(
                Words(
                    f"cần tên và loại cơ quan (một trong: {', '.join(AGENCY_KINDS)})",
                    f"a name and a kind (one of {', '.join(AGENCY_KINDS)}) are needed",
                )
            )
        parent, successor = text(entry, "parent"), text(entry, "successor")
        agency = Agency(
            display_name=text(entry, "name"),
            kind=kind,  # type: ignore[arg-type]
            parent=self._names.get(fold(parent), ""),
            abbreviation=text(entry, "abbreviation"),
            code=text(entry, "code"),
            aliases=[alias for alias in entry.get("aliases") or () if isinstance(alias, str)],
            valid_from=to_date(day(text(entry, "valid_from"))),
            valid_to=to_date(day(text(entry, "valid_to"))),
            successor_display_name=successor,
            successor=self._names.get(fold(successor), ""),
            assignable=entry.get("assignable") is not False,
            connected=entry.get("connected") is not False,
            note=text(entry, "note"),
            level=text(entry, "level").upper(),
        )
        if parent and not agency.parent:
            agency.parent_display_name = parent
        return agency

    def _links_left_out(self, entry: Mapping[str, Any], agency: Agency) -> tuple[Words, ...]:
        named = (("parent", agency.parent), ("successor", agency.successor))
        return tuple(
            Words(
                f"{text(entry, field)}: chỉ giữ tên, vì nằm trong một vòng tròn hoặc bị từ chối",
                f"{text(entry, field)}: kept by name only, since it is in a circle or refused",
            )
            for field, link in named
            if fold(text(entry, field)) in self._by_name and not link
        )

    async def _save(self, wanted: Agency) -> tuple[Agency, Outcome]:
        before = self._before.get(self._names.get(fold(wanted.display_name), ""))
        if before is not None:
            if _unchanged(before, wanted):
                return before, Outcome.ALREADY_THERE
            wanted.name = before.name
        request = pb.EnterAgencyRequest(agency=wanted)
        request.request_id = request_id(request, before.etag if before else "")
        agency = await self._call("EnterAgency", request)
        assert isinstance(agency, Agency)
        return agency, Outcome.UPDATED if before else Outcome.ENTERED

    async def _appoint(self, row_id: str, agency: Agency) -> Row:
        """A role mailbox stands in until a person is named (điểm d khoản 2 Điều 9)."""
        email = f"{agency.name.removeprefix('agencies/')}@{MAIL_DOMAIN}"
        if agency.officer.email:
            label = agency.officer.email
            return Row(Kind.OFFICER, row_id, label, Outcome.ALREADY_THERE, name=agency.name)
        request = pb.AppointOfficerRequest(
            name=agency.name, officer=Officer(email=email, placeholder=True), etag=agency.etag
        )
        request.request_id = request_id(request)
        try:
            await self._call("AppointOfficer", request)
        except Refused as refused:
            return Row(Kind.OFFICER, row_id, email, Outcome.REFUSED, refused.reasons)
        return Row(Kind.OFFICER, row_id, email, Outcome.ENTERED, name=agency.name)

    async def _enter_groups(self, on_row: OnRow) -> list[Row]:
        listed = await self._house.pages(
            DirectoryServiceStub, "ListGroups", pb.ListGroupsRequest(), "groups"
        )
        before = {fold(group.display_name): group for group in listed}
        rows = []
        for index, entry in enumerate(self._groups, 1):
            label, row_id = text(entry, "name"), f"G{index:02d}"
            try:
                group, outcome = await self._save_group(entry, before.get(fold(label)))
                rows.append(Row(Kind.GROUP, row_id, label, outcome, name=group.name))
            except Refused as refused:
                rows.append(Row(Kind.GROUP, row_id, label, Outcome.REFUSED, refused.reasons))
            on_row()
        return rows

    async def _save_group(
        self, entry: Mapping[str, Any], before: AgencyGroup | None
    ) -> tuple[AgencyGroup, Outcome]:
        members, kinds = entry.get("members") or [], entry.get("kinds") or []
        levels = [str(level).upper() for level in entry.get("levels") or []]
        strangers = [member for member in members if fold(str(member)) not in self._names]
        strange_kinds = [str(kind) for kind in kinds if kind not in AGENCY_KINDS]
        if strangers or strange_kinds:
            unknown = "; ".join([*map(str, strangers), *strange_kinds])
            raise Refused(
                Words(f"chưa có trong danh bạ: {unknown}", f"not in the directory: {unknown}")
            )
        wanted = AgencyGroup(
            display_name=text(entry, "name"),
            kinds=[AGENCY_KINDS[kind] for kind in kinds],  # type: ignore[misc]
            members=[self._names[fold(str(member))] for member in members],
            levels=levels,
            open=not members and not kinds and not levels,
            note=text(entry, "note"),
        )
        if before is not None and _unchanged(before, wanted):
            return before, Outcome.ALREADY_THERE
        request = pb.EnterGroupRequest(group=wanted)
        request.request_id = request_id(request, before.etag if before else "")
        group = await self._call("EnterGroup", request)
        assert isinstance(group, AgencyGroup)
        return group, Outcome.UPDATED if before else Outcome.ENTERED

    async def _call(self, method: str, request: Any) -> Any:
        try:
            return await self._house.call(DirectoryServiceStub, method, request)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                raise
            raise Refused(*refusal(error)[1:] or refusal(error)) from None


def _unchanged(before: Any, wanted: Any) -> bool:
    """Whether the directory holds it as it is wanted; officers are appointed by acts of their own."""
    known = type(before)()
    known.CopyFrom(before)
    for field in ("name", "etag", "officer"):
        if field in known.DESCRIPTOR.fields_by_name:
            known.ClearField(field)
    return bool(known == wanted)


async def import_agencies(
    house: House,
    content: Any,
    *,
    placeholder_officers: bool = False,
    on_row: OnRow = lambda: None,
) -> Report:
    """Enters the content of a file of agencies; users of the embedded issuer follow."""
    importing = AgencyImport(house, content, placeholder_officers=placeholder_officers)
    return await importing.run(on_row)
