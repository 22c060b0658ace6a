"""The groups of agencies, held to the directory: one below its kind's group for each agency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cli.keycloak.agencies import ATTRIBUTES, PARENTS, RETIRED, AgencyFacts, with_groups
from cli.keycloak.groups import Group, Path, members_of, torn_users, written
from cli.keycloak.plan import Action, Change, Plan, created
from cli.language import Words

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

KIND = "group"
OURS = (*ATTRIBUTES, *RETIRED)


def plan_groups(
    admin: KeycloakAdmin, agencies: Sequence[AgencyFacts], found: Mapping[Path, Group]
) -> Plan:
    """What is missing or otherwise than the directory says; groups of unknown agencies to delete.

    `found` is what Keycloak has. Raises KeycloakError.
    """
    plan = Plan()
    wanted: dict[Path, AgencyFacts] = {agency.path: agency for agency in with_groups(agencies)}
    for path, agency in wanted.items():
        group = found.get(path)
        if group is None:
            fields = created(agency.attributes())
            apply = partial(_create, path=path, attributes=agency.attributes())
            plan.changes.append(Change(Action.CREATE, KIND, written(path), apply, fields))
        elif changed := _changed(agency, group):
            apply = partial(_update, group=group, attributes=agency.attributes())
            plan.changes.append(Change(Action.UPDATE, KIND, written(path), apply, changed))
    for path, group in found.items():
        if len(path) == 2 and path[0] in PARENTS.values() and path not in wanted:
            below = [other for at, other in found.items() if at[:2] == path]
            plan.add(_unknown(admin, group, below))
    return plan


def refuse_torn(admin: KeycloakAdmin, found: Mapping[Path, Group]) -> list[Words]:
    """Why nothing may be written: users who are in groups of two agencies. Raises KeycloakError."""
    return [
        Words(
            f"{torn.username} thuộc nhóm của nhiều cơ quan: {_paths(torn.paths)}",
            f"{torn.username} is in groups of several agencies: {_paths(torn.paths)}",
        )
        for torn in torn_users(admin, found.values())
    ]


def _paths(paths: Sequence[Path]) -> str:
    return ", ".join(map(written, paths))


def _changed(agency: AgencyFacts, group: Group) -> dict[str, tuple[Any, Any]]:
    shall = agency.attributes()
    return {
        name: (group.attributes.get(name), shall.get(name))
        for name in OURS
        if group.attributes.get(name) != shall.get(name)
    }


def _unknown(admin: KeycloakAdmin, group: Group, below: Sequence[Group]) -> Plan:
    """A group the directory does not know. With members it stays: they would lose their agency.

    `below`: the group and all groups inside it, which go with it.
    """
    members = sorted({name for each in below for name in members_of(admin, each).values()})
    if not members:
        apply = partial(_delete, group=group, below=below)
        return Plan([Change(Action.DELETE, KIND, written(group.path), apply)])
    names = ", ".join(members[:10]) + (" …" if len(members) > 10 else "")
    note = Words(
        f"Danh bạ không có cơ quan của nhóm {written(group.path)}, nhưng nhóm còn người dùng: {names}",
        f"The directory has no agency for {written(group.path)}, which still has users: {names}",
    )
    return Plan(notes=[note])


def _create(admin: KeycloakAdmin, path: Path, attributes: Mapping[str, list[str]]) -> None:
    # By path and now: the kind's group may be one of this plan.
    parent = admin.get_group_by_path(written(path[:-1]))["id"]
    admin.create_group({"name": path[-1], "attributes": dict(attributes)}, parent=parent)


def _update(admin: KeycloakAdmin, group: Group, attributes: Mapping[str, list[str]]) -> None:
    """Keycloak replaces all attributes: those that are not ours go back as they were."""
    now = admin.get_group(group.id).get("attributes") or {}
    others = {name: value for name, value in now.items() if name not in OURS}
    admin.update_group(group.id, {"name": group.path[-1], "attributes": {**others, **attributes}})


def _delete(admin: KeycloakAdmin, group: Group, below: Sequence[Group]) -> None:
    """Looks once more, since the plan was made a while ago."""
    if not any(members_of(admin, each) for each in below):
        admin.delete_group(group.id)
