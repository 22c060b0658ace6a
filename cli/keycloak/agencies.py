"""The agencies whose groups Keycloak shall have: from the running directory, or from its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import grpc
from dondoc.directory.v1.agency_pb2 import Agency, AgencyKind
from dondoc.directory.v1.directory_service_pb2 import ListAgenciesRequest
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub

from cli.errors import USAGE, CliError
from cli.importing.report import rows_of
from cli.importing.written import AGENCY_KINDS, day, fold, text
from cli.language import Words
from services.directives.domain.slugs import slug_of
from services.kernel.runtime.protos import optional_date

PAGE = 500
CALL_SECONDS = 30.0

# The group whose members get the role, by kind. An authority gives tasks and has no users here:
# the Office records its decisions.
PARENTS: Final[Mapping[str, str]] = {
    "office": "office",
    "department": "departments",
    "district": "districts",
    "it-center": "it-center",
    "other": "others",
}
# A group's attributes that are ours; an administrator's own are left alone.
ATTRIBUTES: Final = (
    "agency",
    "kind",
    "parent",
    "valid_from",
    "valid_to",
    "successor",
    "connected",
)
# What groups carried once, and lose: who is in charge is said by membership and position alone.
RETIRED: Final = ("officer",)


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """What Keycloak is told of an agency. `parent`, `successor`: slugs, empty where there is none."""

    slug: str
    kind: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""
    connected: bool = True

    @property
    def path(self) -> tuple[str, str]:
        """Of its group: that of the kind, then the slug."""
        return PARENTS[self.kind], self.slug

    def attributes(self) -> dict[str, list[str]]:
        """Keycloak's form; what is not known is left out, since Keycloak drops empty values."""
        values = {
            "agency": self.slug,
            "kind": self.kind,
            "parent": self.parent,
            "valid_from": self.valid_from.isoformat() if self.valid_from else "",
            "valid_to": self.valid_to.isoformat() if self.valid_to else "",
            "successor": self.successor,
            "connected": "true" if self.connected else "false",
        }
        assert tuple(values) == ATTRIBUTES
        return {name: [value] for name, value in values.items() if value}


def with_groups(agencies: Iterable[AgencyFacts]) -> list[AgencyFacts]:
    """Those that have users, in the order of their slugs."""
    return sorted(
        (agency for agency in agencies if agency.kind in PARENTS), key=lambda agency: agency.slug
    )


def of_message(agency: Agency) -> AgencyFacts:
    return AgencyFacts(
        slug=_slug(agency.name),
        kind=AgencyKind.Name(agency.kind).removeprefix("AGENCY_KIND_").lower().replace("_", "-"),
        parent=_slug(agency.parent),
        valid_from=optional_date(agency, "valid_from"),
        valid_to=optional_date(agency, "valid_to"),
        successor=_slug(agency.successor),
        connected=agency.connected,
    )


def of_file(content: Any) -> list[AgencyFacts]:
    """Agencies of a file like sample/organisations.json. Raises CliError for any other file."""
    if not isinstance(content, dict) or "organisations" not in content:
        raise CliError(
            Words(
                "Cần một đối tượng JSON có `organisations`.",
                "A JSON object with `organisations` is needed.",
            ),
            USAGE,
        )
    entries = rows_of(content["organisations"], "organisations")
    slugs = {fold(text(entry, "name")): slug_of(text(entry, "name")) for entry in entries}
    found = [_of_entry(entry, slugs) for entry in entries]
    doubles = sorted({a.slug for a in found if sum(b.slug == a.slug for b in found) > 1})
    if doubles:
        raise CliError(
            Words(
                f"Hai cơ quan cùng mã: {', '.join(doubles)}.",
                f"Two agencies have the same slug: {', '.join(doubles)}.",
            ),
            USAGE,
        )
    return found


async def of_directory(address: str, token: str) -> list[AgencyFacts]:
    """All agencies of the service at `host:port`. Raises grpc.aio.AioRpcError."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = DirectoryServiceStub(channel)
        found: list[AgencyFacts] = []
        request = ListAgenciesRequest(page_size=PAGE)
        while True:
            page = await stub.ListAgencies(
                request, metadata=[("authorization", f"Bearer {token}")], timeout=CALL_SECONDS
            )
            found += map(of_message, page.agencies)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


def _of_entry(entry: Mapping[str, Any], slugs: Mapping[str, str]) -> AgencyFacts:
    kind = text(entry, "kind")
    if kind not in AGENCY_KINDS or not slug_of(text(entry, "name")):
        raise CliError(
            Words(
                f"Dòng {text(entry, 'id')}: cần tên và loại cơ quan ({', '.join(AGENCY_KINDS)}).",
                f"Row {text(entry, 'id')}: a name and a kind ({', '.join(AGENCY_KINDS)}) are needed.",
            ),
            USAGE,
        )
    return AgencyFacts(
        slug=slug_of(text(entry, "name")),
        kind=kind,
        parent=slugs.get(fold(text(entry, "parent")), ""),
        valid_from=day(text(entry, "valid_from")),
        valid_to=day(text(entry, "valid_to")),
        successor=slugs.get(fold(text(entry, "successor")), ""),
        connected=entry.get("connected") is not False,
    )


def _slug(name: str) -> str:
    return name.removeprefix("agencies/")
