"""The tree of groups as Keycloak has it, and who belongs to which agency.

Keycloak cuts lists short unless it is asked in the right way (100 children of a group, 10 of some): the
walk asks for each group's children without a query, which pages to the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`agency`: its own attribute, else that of the nearest group above, as in the token's claim."""

    id: str
    path: Path
    attributes: Mapping[str, list[str]]
    agency: str


@dataclass(frozen=True, slots=True)
class Torn:
    """A user in groups of several agencies: Keycloak would silently put one of them into the token."""

    username: str
    paths: tuple[Path, ...]


def read_groups(admin: KeycloakAdmin) -> dict[Path, Group]:
    """All groups by their path. Raises KeycloakError."""
    found: dict[Path, Group] = {}
    for root in admin.get_groups():
        # In that list top groups come without their attributes.
        _walk(admin, admin.get_group(root["id"]), (), "", found)
    return found


def _walk(
    admin: KeycloakAdmin,
    entry: Mapping[str, Any],
    above: Path,
    agency: str,
    found: dict[Path, Group],
) -> None:
    attributes = entry.get("attributes") or {}
    agency = next(iter(attributes.get("agency", ())), agency)
    group = Group(entry["id"], (*above, entry["name"]), attributes, agency)
    found[group.path] = group
    if entry.get("subGroupCount", 1):
        for child in admin.get_group_children(group.id):
            _walk(admin, child, group.path, agency, found)


def members_of(admin: KeycloakAdmin, group: Group) -> dict[str, str]:
    """Usernames of its members by id. Raises KeycloakError."""
    return {user["id"]: user["username"] for user in admin.get_group_members(group.id)}


def torn_users(admin: KeycloakAdmin, groups: Iterable[Group]) -> list[Torn]:
    """Users in groups of more than one agency. Raises KeycloakError."""
    agencies: defaultdict[str, set[str]] = defaultdict(set)
    paths: defaultdict[str, list[Path]] = defaultdict(list)
    names: dict[str, str] = {}
    for group in groups:
        if group.agency:
            for user, name in members_of(admin, group).items():
                agencies[user].add(group.agency)
                paths[user].append(group.path)
                names[user] = name
    torn = [
        Torn(names[user], tuple(sorted(paths[user]))) for user in names if len(agencies[user]) > 1
    ]
    return sorted(torn, key=lambda each: each.username)


def written(path: Path) -> str:
    """`/departments/so-noi-vu`."""
    return "/" + "/".join(path)
