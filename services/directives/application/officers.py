"""Officers in charge as Keycloak says (điểm d khoản 2 Điều 9): put into the directory, and told about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dondoc.directory.v1.agency_pb2 import Officer

from services.directives.adapters import directory_store, officer_store
from services.directives.application.directory import name_officer
from services.directives.domain.officers import Gap, InCharge, User, in_charge
from services.kernel.runtime.unit_of_work import UnitOfWork


async def take_over(work: UnitOfWork, members: Mapping[str, Sequence[User]]) -> int:
    """Brings the directory to what a reading found; returns how many agencies changed.

    A person takes the place of whatever stood there. One who has gone leaves the role mailbox that
    stood there before him, else nobody; what somebody entered by hand stays until a person is known.
    """
    agencies = await directory_store.list_agencies(work)
    before = await officer_store.copies(work)
    until_now = {agency.slug: agency.officer_subject for agency in agencies}
    found = in_charge(members, until_now)
    changed, rows = 0, []
    for agency in agencies:
        if agency.kind == "AUTHORITY":
            continue
        now = found.get(agency.slug) or InCharge(None, Gap.NO_GROUP)
        copy = before.get(agency.slug)
        mailbox = agency.officer_email if agency.officer_placeholder else ""
        mailbox = mailbox or (copy.mailbox if copy else "")
        officer = _officer(agency, now, mailbox, put_before=copy.subject if copy else "")
        if officer is not None:
            await name_officer(work, agency, officer)
            changed += 1
        rows.append(
            {
                "agency": agency.slug,
                "subject": now.person.subject if now.person else "",
                "mailbox": mailbox,
                "gap": now.gap or "",
                "several": now.several,
            }
        )
    await officer_store.replace_copies(work, rows)
    return changed


def _officer(agency: Any, now: InCharge, mailbox: str, *, put_before: str) -> Officer | None:
    """Whom to name; None when the agency is right as it is."""
    if now.person:
        known = (agency.officer_subject, agency.officer_email, agency.officer_placeholder)
        if known == (now.person.subject, now.person.email, False):
            return None
        return Officer(subject=now.person.subject, email=now.person.email)
    if put_before and put_before == agency.officer_subject:
        return Officer(email=mailbox, placeholder=True) if mailbox else Officer()
    return None


async def gaps(work: UnitOfWork, today: date, *, reading: bool) -> tuple[dict[str, Gap], list[str]]:
    """Agencies without active officer with the reason, and those with several; by slug, in order.

    `reading`: whether Keycloak says who is in charge. Left out: those who give tasks, and agencies of
    the past.
    """
    copies = await officer_store.copies(work) if reading else {}
    without: dict[str, Gap] = {}
    several: list[str] = []
    for agency in await directory_store.list_agencies(work):
        if agency.kind == "AUTHORITY" or (agency.valid_to and agency.valid_to < today):
            continue
        copy = copies.get(agency.slug)
        if copy and copy.several:
            several.append(agency.slug)
        gap = _gap(agency, copy, reading=reading)
        if gap:
            without[agency.slug] = gap
    return without, several


def _gap(agency: Any, copy: Any | None, *, reading: bool) -> Gap | None:
    if reading:
        if copy is None:
            return Gap.NO_GROUP
        return Gap(copy.gap) if copy.gap else None
    return Gap.NOBODY if agency.officer_placeholder or not agency.officer_email else None
