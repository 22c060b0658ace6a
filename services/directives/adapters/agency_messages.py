"""The one mapping of directory rows to messages."""

from __future__ import annotations

from typing import Any

from dondoc.directory.v1.agency_pb2 import Agency, AgencyGroup, AgencyKind, Officer

from services.kernel.directory.copy import resource, slug
from services.kernel.runtime.protos import to_date


def agency_message(row: Any) -> Agency:
    """From a row of the kernel's agency table."""
    officer = None
    if row.officer_email or row.officer_subject:
        officer = Officer(
            subject=row.officer_subject,
            email=row.officer_email,
            placeholder=row.officer_placeholder,
        )
    return Agency(
        name=resource(row.slug),
        display_name=row.display_name,
        kind=AgencyKind.Value(f"AGENCY_KIND_{row.kind}"),
        parent=resource(row.parent),
        parent_display_name=row.parent_display_name,
        abbreviation=row.abbreviation,
        code=row.code,
        aliases=row.aliases,
        valid_from=to_date(row.valid_from),
        valid_to=to_date(row.valid_to),
        successor_display_name=row.successor_display_name,
        successor=resource(row.successor),
        assignable=row.assignable,
        connected=row.connected,
        officer=officer,
        note=row.note,
        etag=str(row.version),
        level=row.level,
    )


def group_message(row: Any) -> AgencyGroup:
    return AgencyGroup(
        name=f"groups/{row.slug}",
        display_name=row.display_name,
        kinds=[AgencyKind.Value(f"AGENCY_KIND_{kind}") for kind in row.kinds],
        members=[resource(member) for member in row.members],
        open=row.open,
        note=row.note,
        etag=str(row.version),
        levels=row.levels,
    )


def group_row(message: AgencyGroup, version: int) -> dict[str, Any]:
    return {
        "slug": message.name.removeprefix("groups/"),
        "display_name": message.display_name,
        "kinds": [AgencyKind.Name(kind).removeprefix("AGENCY_KIND_") for kind in message.kinds],
        "members": [slug(member) for member in message.members],
        "levels": list(message.levels),
        "open": message.open,
        "note": message.note,
        "version": version,
    }
