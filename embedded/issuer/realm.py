"""The realm as the embedded issuer sees it, read from the JSON that Keycloak imports too.

One file, `deploy/keycloak/dondoc-realm.json`, describes roles and clients for both, so they cannot
drift apart. It holds no persons and no secrets; its `users` are only the service accounts, which
is how Keycloak's format gives a role to a client. What differs on one machine is an explicit
option here and never a line of that file: `allowing_password_grant`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

DEFAULT_REALM_FILE = Path(__file__).parents[2] / "deploy" / "keycloak" / "dondoc-realm.json"


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the realm. `service_roles` are the realm roles of its service account."""

    client_id: str
    public: bool
    service_accounts: bool
    direct_access: bool
    default_scopes: tuple[str, ...] = ()
    service_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Realm:
    """Name, roles and clients; lifetimes in seconds.

    `session_idle` is the life of a refresh token, `session_max` of a session however busy.
    """

    name: str
    roles: frozenset[str]
    clients: Mapping[str, Client]
    access_token_lifespan: int
    session_idle: int
    session_max: int

    def allowing_password_grant(self, client_id: str) -> Realm:
        """This realm with the password grant switched on for one client.

        One machine has no login page, so its command line logs in by password. Keycloak's realm
        keeps the grant off. Raises KeyError for an unknown client.
        """
        client = replace(self.clients[client_id], direct_access=True)
        return replace(self, clients={**self.clients, client_id: client})


def load_realm(path: Path = DEFAULT_REALM_FILE) -> Realm:
    """Read a realm in Keycloak's JSON format.

    Raises FileNotFoundError, KeyError (a needed key is missing) and ValueError (no JSON).
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    service_roles = {
        user["serviceAccountClientId"]: tuple(user.get("realmRoles", ()))
        for user in document.get("users", ())
        if "serviceAccountClientId" in user
    }
    clients = (_client(entry, service_roles) for entry in document["clients"])
    return Realm(
        name=document["realm"],
        roles=frozenset(role["name"] for role in document["roles"]["realm"]),
        clients={client.client_id: client for client in clients},
        access_token_lifespan=document["accessTokenLifespan"],
        session_idle=document["ssoSessionIdleTimeout"],
        session_max=document["ssoSessionMaxLifespan"],
    )


def _client(entry: Mapping[str, Any], service_roles: Mapping[str, tuple[str, ...]]) -> Client:
    return Client(
        client_id=entry["clientId"],
        public=entry["publicClient"],
        service_accounts=entry["serviceAccountsEnabled"],
        direct_access=entry["directAccessGrantsEnabled"],
        default_scopes=tuple(entry.get("defaultClientScopes", ())),
        service_roles=service_roles.get(entry["clientId"], ()),
    )
