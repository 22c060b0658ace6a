"""The agencies of the demonstration, by the names that `organisations.json` gives them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ORGANISATIONS = FOLDER / "organisations.json"
DIRECTIVES = FOLDER / "directives.json"

OFFICE = "Văn phòng UBND tỉnh"
DEPARTMENTS = "Các sở, ban, ngành"
DISTRICTS = "UBND các huyện, thành phố"
COASTAL_DISTRICTS = "UBND các huyện, thành phố ven biển"

# Not connected to the software in the demonstration: the Office enters their results (điểm b khoản 1
# Điều 6). Which agencies really were is not known.
UNCONNECTED = (
    "Chi cục Chăn nuôi và Thú y",
    "Ban Quản lý Khai thác các Cảng cá",
    "Công ty TNHH MTV Khai thác công trình thủy lợi Ninh Thuận",
)


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that can be given tasks; `kind` as in the file ("department", "district" …)."""

    name: str
    kind: str

    @property
    def connected(self) -> bool:
        return self.name not in UNCONNECTED


@cache
def assignable() -> tuple[Agency, ...]:
    """Those that may be given tasks from 2022 to 30 June 2025, in the order of the file.

    Left out: the authorities that give them, and an agency that another names as its successor while its
    own beginning is unknown, since it may not have existed yet. The file knows no day on which departments
    were united early in 2025, so both quarters of 2025 go on with those of 2024.
    """
    organisations = _file()["organisations"]
    successors = {entry["successor"] for entry in organisations if entry["successor"]}
    return tuple(
        Agency(entry["name"], entry["kind"])
        for entry in organisations
        if entry["assignable"] and (entry["valid_from"] or entry["name"] not in successors)
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """A body that ends, as the file tells it: `successor` as it is named there, "" when none is."""

    name: str
    last: date
    successor: str


@cache
def endings() -> tuple[Ending, ...]:
    """The bodies whose last day is known, in the order of the file."""
    return tuple(
        Ending(
            entry["name"],
            date.fromisoformat(entry["valid_to"]),
            entry["successor"] or "",
        )
        for entry in _file()["organisations"]
        if entry["valid_to"]
    )


def change_of_2025() -> tuple[str, tuple[str, ...]]:
    """What ends them, in the words of the file, and where that was read."""
    change = _file()["change_2025"]
    return change["merger"], tuple(change["urls"])


def of_kind(*kinds: str) -> tuple[str, ...]:
    return tuple(agency.name for agency in assignable() if agency.kind in kinds)


def members(group: str) -> tuple[str, ...]:
    """The agencies of a group. KeyError: there is no such group; an open one has none."""
    entry = {entry["name"]: entry for entry in _file()["groups"]}[group]
    named = entry.get("members") or ()
    kinds = entry.get("kinds") or ()
    return tuple(a.name for a in assignable() if a.kind in kinds or a.name in named)


@cache
def _file() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(ORGANISATIONS.read_text("utf-8"))
    return content


@cache
def real_numbers() -> frozenset[str]:
    """Numbers with symbols of the real directives ("374/UBND-VXNV"), for none to be given twice."""
    entries = json.loads(DIRECTIVES.read_text("utf-8"))
    return frozenset(entry["number"] for entry in entries if entry["number"])
