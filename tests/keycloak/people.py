"""Users as an administrator makes them: a member of the agency's group, with positions as roles."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.keycloak.server import Keycloak

# Added by the tests alone: the realm lets nobody log in by password outside the login page.
TEST_CLIENT = "dondoc-test"
PASSWORD = "a long password of the tests"
SPARE_SECONDS = 60

# The group of the realm whose members get the role.
GROUP_OF_ROLE = {
    "office": "/office",
    "department": "/departments",
    "district": "/districts",
    "it-center": "/it-center",
    "other-agency": "/others",
    "leadership": "/leadership",
}
WITHOUT_ROLE = "/without-role"  # of the tests: an agency's group that gives no role


class People:
    """Users of the running Keycloak. Whatever is asked for a second time is there already."""

    def __init__(self, keycloak: Keycloak) -> None:
        self.keycloak = keycloak
        self.admin = keycloak.admin()
        self._http = httpx.Client(trust_env=False, timeout=60)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._ids: dict[str, str] = {}
        client = {
            "clientId": TEST_CLIENT,
            "publicClient": True,
            "standardFlowEnabled": False,
            "directAccessGrantsEnabled": True,
            "defaultClientScopes": ["dondoc"],
        }
        self.admin.create_client(client, skip_exists=True)
        self.admin.create_group({"name": WITHOUT_ROLE.strip("/")}, skip_exists=True)

    def group(self, path: str, agency: str) -> str:
        """The id of the agency's group below `path`."""
        parent = self.admin.get_group_by_path(path)["id"]
        payload = {"name": agency, "attributes": {"agency": [agency]}}
        self.admin.create_group(payload, parent=parent, skip_exists=True)
        return str(self.admin.get_group_by_path(f"{path}/{agency}")["id"])

    def user(self, username: str, group: str = "", *roles: str) -> str:
        """The id of a user in this group (a path) with these realm roles of its own."""
        if username not in self._ids:
            payload: dict[str, Any] = {
                "username": username,
                "enabled": True,
                "groups": [group] if group else [],
                "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            }
            self._ids[username] = self.admin.create_user(payload)
            self.give(username, *roles)
        return self._ids[username]

    def give(self, username: str, *roles: str) -> None:
        """Realm roles of the user's own."""
        wanted = [self.admin.get_realm_role(role) for role in roles]
        if wanted:
            self.admin.assign_realm_roles(self._ids[username], wanted)

    def take(self, username: str, *roles: str) -> None:
        wanted = [self.admin.get_realm_role(role) for role in roles]
        self.admin.delete_realm_roles_of_user(self._ids[username], wanted)

    def log_in(self, username: str, scope: str = "") -> httpx.Response:
        """The answer to a login by password."""
        form = {"grant_type": "password", "username": username, "password": PASSWORD}
        return self.grant(**form, **({"scope": scope} if scope else {}))

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.grant(grant_type="refresh_token", refresh_token=refresh_token)

    def grant(self, **form: str) -> httpx.Response:
        return self._http.post(self.keycloak.token_url, data={"client_id": TEST_CLIENT, **form})

    def forget_tokens(self) -> None:
        """After a key was retired: what it signed is refused."""
        self._tokens.clear()

    def member(self, agency: str, *roles: str) -> str:
        """An access token of a user of the agency: roles by its group where a group gives them."""
        path = next((GROUP_OF_ROLE[role] for role in roles if role in GROUP_OF_ROLE), WITHOUT_ROLE)
        own = [role for role in roles if role not in GROUP_OF_ROLE]
        username = f"{agency}.{'-'.join(roles) or 'nobody'}"
        token, ends = self._tokens.get(username, ("", 0.0))
        if time.monotonic() > ends:
            if username not in self._ids:
                self.group(path, agency)
            self.user(username, f"{path}/{agency}", *own)
            answer = self.log_in(username).raise_for_status().json()
            token, ends = (
                answer["access_token"],
                time.monotonic() + answer["expires_in"] - SPARE_SECONDS,
            )
            self._tokens[username] = (token, ends)
        return token
