"""The real directory, from the organisations of the sample."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from services.directives.domain.addressees import Agency, Directory, Group
from services.directives.domain.slugs import slug_of

SAMPLE = Path(__file__).resolve().parents[3] / "sample"


def directory() -> Directory:
    content = json.loads((SAMPLE / "organisations.json").read_text(encoding="utf-8"))
    names = {entry["name"] for entry in content["organisations"]}
    return Directory(
        tuple(_agency(entry, names) for entry in content["organisations"]),
        tuple(_group(entry) for entry in content["groups"]),
    )


def phrases() -> set[str]:
    """Every phrase by which a real directive names a lead or a coordinator."""
    directives = json.loads((SAMPLE / "directives.json").read_text(encoding="utf-8"))
    tasks = [task for directive in directives for task in directive["tasks"]]
    return {phrase for task in tasks for phrase in (task["lead"], *task["coordinating"])}


def _agency(entry: dict[str, Any], names: set[str]) -> Agency:
    def day(field: str) -> date | None:
        return date.fromisoformat(entry[field]) if entry[field] else None

    successor = entry["successor"] or ""
    return Agency(
        slug=slug_of(entry["name"]),
        display_name=entry["name"],
        kind=entry["kind"].upper().replace("-", "_"),
        aliases=tuple(entry["aliases"]),
        abbreviation=entry["abbreviation"] or "",
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        successor=slug_of(successor) if successor in names else None,
        successor_display_name=successor,
        assignable=entry["assignable"],
    )


def _group(entry: dict[str, Any]) -> Group:
    members = entry.get("members", [])
    return Group(
        display_name=entry["name"],
        kinds=tuple(kind.upper() for kind in entry.get("kinds", ())),
        members=tuple(map(slug_of, members or ())),
        open=members is None,
    )
