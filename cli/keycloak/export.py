"""The realm as it stands, in a form that two runs and two Keycloaks can be compared by.

Ids, times and masked secrets say nothing about the realm, and lists have no order in Keycloak. Users
are not in it, nor are keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli.keycloak.connection import told_by_keycloak

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

_OWN_TO_ONE_KEYCLOAK = {
    "id",
    "_id",
    "containerId",
    "parentId",
    "createdTimestamp",
    "secret",
    "keycloakVersion",
    "client.secret.creation.time",
    "org.keycloak.keys.KeyProvider",
}
_NAMES = ("clientId", "name", "alias", "username", "providerId")


def export(admin: KeycloakAdmin) -> dict[str, Any]:
    """Settings, roles, groups, clients, mappers. Raises CliError."""
    with told_by_keycloak():
        found = admin.export_realm(export_clients=True, export_groups_and_role=True)
    result: dict[str, Any] = _comparable(found)
    return result


def _comparable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _comparable(each)
            for key, each in sorted(value.items())
            if key not in _OWN_TO_ONE_KEYCLOAK
        }
    if isinstance(value, list):
        return sorted(map(_comparable, value), key=_sorting)
    return value


def _sorting(value: Any) -> str:
    """By name for people, then by all the rest: names may come twice."""
    whole = json.dumps(value, sort_keys=True)
    if isinstance(value, Mapping):
        return next((str(value[name]) for name in _NAMES if name in value), "") + whole
    return whole
