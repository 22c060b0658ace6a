"""The realm held to deploy/keycloak/dondoc-realm.json: settings, roles, groups of kinds, user profile.

A realm that is not there is made from the file as a whole. One that is there is never imported over:
Keycloak's import deletes and makes anew, with new ids, and all memberships would be gone. Signing keys
are an administrator's to rotate and are not compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from cli.keycloak.groups import Group, Path, written
from cli.keycloak.plan import Action, Change, Plan, by, created, differences, merged

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

Realm = Mapping[str, Any]

# Parts of the file that are no settings of the realm; each has a comparison of its own.
PARTS = (
    "roles",
    "groups",
    "users",
    "clients",
    "clientScopes",
    "defaultDefaultClientScopes",
    "defaultOptionalClientScopes",
    "components",
)
_PROFILE = "org.keycloak.userprofile.UserProfileProvider"


def realm_exists(admin: KeycloakAdmin, realm: str) -> bool:
    """Raises KeycloakError for any other answer than yes and no."""
    from keycloak.exceptions import KeycloakGetError

    try:
        admin.get_realm(realm)
    except KeycloakGetError as error:
        if error.response_code == 404:
            return False
        raise
    return True


def plan_new_realm(file: Realm) -> Plan:
    """The whole file, as one change."""
    parts = {part: _names(file[part]) for part in PARTS if part in file}

    def create(admin: KeycloakAdmin) -> None:
        admin.create_realm(dict(file))
        # The token was made before the realm was, and has no rights in it.
        admin.connection.get_token()

    return Plan([Change(Action.CREATE, "realm", file["realm"], create, created(parts))])


def plan_settings(admin: KeycloakAdmin, file: Realm) -> Plan:
    wanted = {name: value for name, value in file.items() if name not in PARTS}
    changed = differences(wanted, admin.get_realm(file["realm"]))
    if not changed:
        return Plan()

    def update(admin: KeycloakAdmin) -> None:
        admin.update_realm(file["realm"], wanted)

    return Plan([Change(Action.UPDATE, "realm", file["realm"], update, changed)])


def plan_roles(admin: KeycloakAdmin, file: Realm) -> Plan:
    """Roles that are missing or described otherwise; roles of others stay unseen."""
    plan = Plan()
    found = by("name", admin.get_realm_roles())
    for role in file["roles"]["realm"]:
        name = role["name"]
        if name not in found:
            make = partial(_create_role, role=role)
            plan.changes.append(Change(Action.CREATE, "role", name, make, created(role)))
        elif changed := differences(role, found[name]):
            update = partial(_update_role, role=merged(found[name], role))
            plan.changes.append(Change(Action.UPDATE, "role", name, update, changed))
    return plan


def plan_groups_of_kinds(admin: KeycloakAdmin, file: Realm, found: Mapping[Path, Group]) -> Plan:
    """The top groups and the roles that they give; a role that the file does not give is to delete."""
    plan = Plan()
    for entry in file["groups"]:
        path, shall = (entry["name"],), set(entry["realmRoles"])
        group = found.get(path)
        has: set[str] = set()
        if group is None:
            make = partial(_create_group, name=entry["name"])
            plan.changes.append(Change(Action.CREATE, "group", written(path), make))
        else:
            has = {role["name"] for role in admin.get_group_realm_roles(group.id)}
        for action, roles in ((Action.CREATE, shall - has), (Action.DELETE, has - shall)):
            for role in sorted(roles):
                change = partial(_map_role, action=action, path=path, role=role)
                name = f"{written(path)} → {role}"
                plan.changes.append(Change(action, "role of a group", name, change))
    return plan


def plan_profile(admin: KeycloakAdmin, file: Realm) -> Plan:
    """The user profile. A user attribute `agency` would win over the group's, and whoever may set it
    chooses his agency: it must be neither declared nor free to be set."""
    component = file["components"][_PROFILE][0]
    shall = json.loads(component["config"]["kc.user.profile.config"][0])
    now = admin.get_realm_users_profile()
    plan = Plan()
    result = dict(now)
    attributes = by("name", now["attributes"])
    changed = {}
    for attribute in shall["attributes"]:
        name = attribute["name"]
        for at, each in differences(attribute, attributes.get(name, {})).items():
            changed[f"{name}.{at}"] = each
        attributes[name] = merged(attributes.get(name, {}), attribute)
    if policy := result.pop("unmanagedAttributePolicy", None):
        changed["unmanagedAttributePolicy"] = (policy, None)
    if changed:
        payload = {**result, "attributes": list(attributes.values())}

        def update(admin: KeycloakAdmin) -> None:
            admin.update_realm_users_profile(payload)

        plan.changes.append(Change(Action.UPDATE, "user profile", file["realm"], update, changed))
    if "agency" in attributes:
        plan.changes.append(Change(Action.DELETE, "user attribute", "agency", _drop_agency))
    return plan


def _drop_agency(admin: KeycloakAdmin) -> None:
    now = admin.get_realm_users_profile()
    kept = [attribute for attribute in now["attributes"] if attribute["name"] != "agency"]
    admin.update_realm_users_profile({**now, "attributes": kept})


def _create_role(admin: KeycloakAdmin, role: Mapping[str, Any]) -> None:
    admin.create_realm_role(dict(role))


def _update_role(admin: KeycloakAdmin, role: Mapping[str, Any]) -> None:
    admin.update_realm_role(role["name"], dict(role))


def _create_group(admin: KeycloakAdmin, name: str) -> None:
    admin.create_group({"name": name})


def _map_role(admin: KeycloakAdmin, action: Action, path: Path, role: str) -> None:
    group = admin.get_group_by_path(written(path))["id"]
    found = admin.get_realm_role(role)
    if action is Action.CREATE:
        admin.assign_group_realm_roles(group, [found])
    else:
        admin.delete_group_realm_roles(group, [found])


def _names(part: Any) -> list[str]:
    """What a part of the file holds, for people."""
    if isinstance(part, Mapping):
        return sorted(
            each.get("name", each.get("providerId", ""))
            for entries in part.values()
            for each in entries
        )
    return [
        each if isinstance(each, str)
        else each.get("clientId") or each.get("name") or each["username"]
        for each in part
    ]  # fmt: skip
