"""Agencies that a request names must be in the directory; leads must be able to take a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from services.directives.domain.directive import Item
from services.directives.domain.entry_rules import Wrong
from services.kernel.directory.copy import find, level_of
from services.kernel.limits.domain.profile import Profile
from services.kernel.runtime.errors import FieldViolation, invalid
from services.kernel.runtime.unit_of_work import UnitOfWork


async def check(
    work: UnitOfWork,
    *,
    named: Iterable[tuple[str, str]] = (),
    items: Iterable[Item] = (),
    path: str = "",
    issue_date: date | None = None,
    profile: Profile | None = None,
) -> None:
    """INVALID_ARGUMENT naming each wrong field. `named`: (path, slug), an empty slug is no mention;
    `items` stand at `path` + "items[n]" and their leads take tasks on `issue_date`, by `profile`."""
    mentions = [(field, slug) for field, slug in named if slug]
    leads: dict[str, str] = {}
    for index, item in enumerate(items):
        for field, slugs in (
            ("lead_agencies", item.leads),
            ("coordinating_agencies", item.coordinating),
            ("concerned_agencies", item.concerned),
        ):
            places = [(f"{path}items[{index}].{field}[{n}]", s) for n, s in enumerate(slugs)]
            mentions += places
            if field == "lead_agencies":
                leads |= dict(places)
    known = await find(work, {slug for _, slug in mentions})
    wrong = [_unknown(field) for field, slug in mentions if slug not in known]
    for field, slug in leads.items():
        if slug in known:
            wrong += _unable(field, known[slug], issue_date)
            wrong += _of_no_level(field, known[slug], profile)
    refuse(wrong)


def refuse(wrong: Iterable[Wrong]) -> None:
    """INVALID_ARGUMENT if anything is wrong."""
    if found := list(wrong):
        raise invalid(*(FieldViolation(w.field, w.vi, w.en, w.reason) for w in found))


def _unknown(field: str) -> Wrong:
    return Wrong(
        field,
        "chưa có trong danh bạ cơ quan",
        "is not in the directory of agencies",
        "UNKNOWN_AGENCY",
    )


def _of_no_level(field: str, agency: Any, profile: Profile | None) -> Iterator[Wrong]:
    """The regulation gives tasks to the levels that it lists."""
    level = level_of(agency)
    if not agency.assignable:
        return
    if profile and level not in [known.code for known in profile.practice.assignee_levels]:
        levels = profile.practice.assignee_levels
        cited = f"{profile.practice.articles['assignee_levels']}, {profile.id}"
        yield Wrong(
            field,
            f"thuộc cấp {level}; nhiệm vụ chỉ giao cho: "
            f"{'; '.join(known.name.vi for known in levels)} ({cited})",
            f"is of the level {level}; tasks are given to "
            f"{', '.join(known.code for known in levels)} alone ({cited})",
            "LEVEL_NOT_ASSIGNED",
        )


def _unable(field: str, agency: Any, on: date | None) -> Iterator[Wrong]:
    if not agency.assignable:
        yield Wrong(
            field,
            "không phải cơ quan nhận nhiệm vụ",
            "is no agency that takes tasks",
            "NOT_ASSIGNABLE",
        )
    if on and agency.valid_from and on < agency.valid_from:
        yield Wrong(
            field,
            f"chưa thành lập vào ngày ban hành; thành lập ngày {agency.valid_from:%d/%m/%Y}",
            f"did not exist yet on the day of issue; it does from {agency.valid_from}",
            "NOT_YET_VALID",
        )
    if on and agency.valid_to and on > agency.valid_to:
        yield Wrong(
            field,
            f"không còn hoạt động vào ngày ban hành; đến hết ngày {agency.valid_to:%d/%m/%Y}",
            f"did not exist any more on the day of issue; it did until {agency.valid_to}",
            "NO_LONGER_VALID",
        )
