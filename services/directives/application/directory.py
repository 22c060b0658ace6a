"""Entering agencies and groups, and naming officers in charge (điểm d khoản 2 Điều 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dondoc.directory.v1 import directory_service_pb2 as pb
from dondoc.directory.v1.agency_pb2 import Agency, AgencyGroup, Officer

from services.directives.adapters import directory_store as store
from services.directives.adapters.agency_messages import agency_message, group_message, group_row
from services.directives.domain.slugs import slug_of
from services.kernel.directory.copy import find, slug, to_row
from services.kernel.limits.domain.profile import Profiles
from services.kernel.runtime.errors import FieldViolation, invalid, not_found, precondition, stale
from services.kernel.runtime.unit_of_work import UnitOfWork


async def enter_agency(work: UnitOfWork, agency: Agency, profiles: Profiles) -> Agency:
    """Enters an agency, or brings an entered one up to date; unchanged, nothing is recorded.

    Its officer is left as he is: naming one is an act of its own.
    """
    key = slug(agency.name) or slug_of(agency.display_name)
    if not key:
        raise invalid(_wrong("agency.display_name", "không có chữ nào", "holds no letter"))
    before = await store.get(work, key)
    agency.name = f"agencies/{key}"
    version = before.version + 1 if before else 1
    row = to_row(agency, version)
    if before is None:
        row |= {"officer_subject": "", "officer_email": "", "officer_placeholder": False}
    else:
        if before.kind != row["kind"]:
            raise invalid(_wrong("agency.kind", f"phải là {before.kind}", f"stays {before.kind}"))
        for column in ("officer_subject", "officer_email", "officer_placeholder"):
            row[column] = getattr(before, column)
        if {**row, "version": before.version} == before._asdict():
            return agency_message(before)
    _refuse_unknown_levels(profiles, {"agency.level": agency.level})
    await _refuse_strangers(work, agency)
    return await _save(work, row, "EnterAgency")


async def appoint_officer(
    work: UnitOfWork, request: pb.AppointOfficerRequest, *, persons_from: str = ""
) -> Agency:
    """`persons_from`: Keycloak's realm that says which person is in charge, when one does."""
    before = await store.get(work, slug(request.name))
    if before is None:
        raise not_found(request.name)
    if request.etag and request.etag != str(before.version):
        raise stale(request.name)
    if "@" not in request.officer.email:
        raise invalid(_wrong("officer.email", "không phải địa chỉ thư", "is no e-mail address"))
    if persons_from and not request.officer.placeholder:
        raise precondition(
            "OFFICERS_FROM_KEYCLOAK",
            "Cán bộ đầu mối được lấy từ Keycloak; hãy gán vai trò `officer` cho người đó tại Keycloak.",
            "officers in charge come from Keycloak: give the person the role `officer` there",
            {"source": persons_from},
        )
    return await name_officer(work, before, request.officer)


async def name_officer(work: UnitOfWork, before: Any, officer: Officer) -> Agency:
    """`before`: the agency's row as it is. An empty officer leaves the agency without one."""
    row = {
        **before._asdict(),
        "officer_subject": officer.subject,
        "officer_email": officer.email,
        "officer_placeholder": officer.placeholder,
        "version": before.version + 1,
    }
    return await _save(work, row, "AppointOfficer")


async def enter_group(work: UnitOfWork, group: AgencyGroup, profiles: Profiles) -> AgencyGroup:
    key = group.name.removeprefix("groups/") or slug_of(group.display_name)
    if not key:
        raise invalid(_wrong("group.display_name", "không có chữ nào", "holds no letter"))
    group.name = f"groups/{key}"
    before = await store.get_group(work, key)
    row = group_row(group, before.version + 1 if before else 1)
    if before and {**row, "version": before.version} == before._asdict():
        return group_message(before)
    _refuse_unknown_levels(
        profiles, {f"group.levels[{n}]": level for n, level in enumerate(group.levels)}
    )
    known = await find(work, {slug(member) for member in group.members})
    for index, member in enumerate(group.members):
        if slug(member) not in known:
            raise invalid(
                _wrong(
                    f"group.members[{index}]", "chưa có trong danh bạ", "is not in the directory"
                )
            )
    await store.save_group(work, row)
    saved = group_message(await store.get_group(work, key))
    work.record("GroupChanged", group.name, row["version"], saved)
    work.audit("EnterGroup", group.name, {"display_name": group.display_name})
    return saved


def _refuse_unknown_levels(profiles: Profiles, named: Mapping[str, str]) -> None:
    """A level that no installed regulation speaks of would be a slip of the pen."""
    known = sorted({level.code for p in profiles.installed for level in p.practice.assignee_levels})
    told = ", ".join(known)
    wrong = [
        FieldViolation(
            field, f"phải là một trong: {told}", f"must be one of {told}", "NO_SUCH_LEVEL"
        )
        for field, level in named.items()
        if level and level not in known
    ]
    if wrong:
        raise invalid(*wrong)


async def _refuse_strangers(work: UnitOfWork, agency: Agency) -> None:
    """Superior and successor must be in the directory where they are given by resource name."""
    for field in ("parent", "successor"):
        named = slug(getattr(agency, field))
        if named and not await find(work, {named}):
            raise invalid(
                _wrong(f"agency.{field}", "chưa có trong danh bạ", "is not in the directory")
            )
    if agency.parent == agency.name:
        raise invalid(_wrong("agency.parent", "không thể là chính nó", "cannot be itself"))


async def _save(work: UnitOfWork, row: dict[str, object], action: str) -> Agency:
    await store.save(work, row)
    saved = agency_message(await store.get(work, str(row["slug"])))
    work.record("AgencyChanged", saved.name, int(saved.etag), saved)
    work.audit(action, saved.name, {"display_name": saved.display_name})
    return saved


def _wrong(field: str, vi: str, en: str) -> FieldViolation:
    return FieldViolation(field, vi, en)
