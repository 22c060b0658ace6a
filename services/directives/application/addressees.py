"""Turns the phrases of a document into agencies of the directory."""

from __future__ import annotations

from typing import Any

from dondoc.directory.v1 import directory_service_pb2 as pb

from services.directives.adapters import directory_store as store
from services.directives.domain.addressees import Agency, Directory, Group, Resolution, resolve
from services.kernel.directory.copy import level_of, resource
from services.kernel.runtime.protos import optional_date
from services.kernel.runtime.unit_of_work import UnitOfWork


async def resolve_addressees(
    work: UnitOfWork, request: pb.ResolveAddresseesRequest
) -> pb.ResolveAddresseesResponse:
    """One resolution for each phrase, by the directory as it is now."""
    on = optional_date(request, "on")
    directory = Directory(
        tuple(_agency(row) for row in await store.list_agencies(work)),
        tuple(_group(row) for row in await store.list_groups(work)),
    )
    return pb.ResolveAddresseesResponse(
        resolutions=[_message(phrase, resolve(phrase, directory, on)) for phrase in request.phrases]
    )


def _agency(row: Any) -> Agency:
    return Agency(
        slug=row.slug,
        display_name=row.display_name,
        kind=row.kind,
        level=level_of(row),
        aliases=tuple(row.aliases),
        abbreviation=row.abbreviation,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successor=row.successor,
        successor_display_name=row.successor_display_name,
        assignable=row.assignable,
    )


def _group(row: Any) -> Group:
    return Group(
        row.display_name, tuple(row.kinds), tuple(row.levels), tuple(row.members), row.open
    )


def _message(phrase: str, resolution: Resolution) -> pb.Resolution:
    return pb.Resolution(
        phrase=phrase,
        agencies=map(resource, resolution.agencies),
        groups=resolution.groups,
        unresolved=resolution.unresolved,
        left_out=[
            pb.LeftOut(agency=resource(left.slug), reason=left.reason)
            for left in resolution.left_out
        ],
    )
