"""Users of a trial's Keycloak, made as its administrator, and logged in by a client of its own.

The realm lets nobody log in by password outside of Keycloak's page. So `connect` opens a door that only
its own data folder has the key to, a client with a generated secret, and closes it when it ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dondoc.directory.v1.agency_pb2 import Agency

from cli.keycloak.agencies import AgencyFacts, of_message, with_groups
from cli.keycloak.connection import connect, told_by_keycloak
from cli.keycloak.group_plan import plan_groups
from cli.keycloak.groups import read_groups, written
from cli.keycloak.provision import carry_out
from embedded.files import exclusive, new_password, private_folder, write_private
from embedded.run_file import RunFile, TrialKeycloak
from embedded.users import IT_CENTER, IT_CENTER_USER, OFFICE, OFFICE_USER, POSITIONS

CLIENT: Final = "dondoc-trial"
ADMIN: Final = "admin"
# Somebody has to enter the directory: these two agencies are there before it is.
FIRST_AGENCIES: Final = (AgencyFacts(OFFICE, "office"), AgencyFacts(IT_CENTER, "it-center"))
# Username → path of the group, realm roles of the user's own.
FIRST_USERS: Final[Mapping[str, tuple[str, list[str]]]] = {
    OFFICE_USER: (f"/office/{OFFICE}", ["officer"]),
    IT_CENTER_USER: (f"/it-center/{IT_CENTER}", ["officer"]),
    "lanhdao": ("/leadership", []),
    "kiemtoan": ("", ["auditor"]),
}


class TrialPeople:
    """The same users as the embedded issuer has. Passwords are kept in the data folder alone."""

    def __init__(self, found: RunFile) -> None:
        assert found.keycloak
        self._at: TrialKeycloak = found.keycloak
        self._realm = found.issuer.rpartition("/realms/")[2]
        self._folder = private_folder(Path(found.issuer_folder))
        self._connection = connect(
            self._realm,
            {
                "DONDOC_KEYCLOAK_URL": self._at.url,
                "DONDOC_KEYCLOAK_ADMIN": ADMIN,
                "DONDOC_KEYCLOAK_ADMIN_PASSWORD": self._at.admin_password,
            },
        )

    @property
    def token_url(self) -> str:
        return f"{self._at.url}/realms/{self._realm}/protocol/openid-connect/token"

    def credentials(self, user: str) -> Mapping[str, str] | None:
        password = self._passwords().get(user)
        if password is None:
            return None
        return {
            "client_id": CLIENT,
            "client_secret": self._at.client_secret,
            "username": user,
            "password": password,
        }

    def open(self) -> None:
        """The client, and the first users. Raises CliError."""
        self.close()  # one that was left has another secret
        client = {
            "clientId": CLIENT,
            "name": "The command line of a trial",
            "publicClient": False,
            "secret": self._at.client_secret,
            "standardFlowEnabled": False,
            "directAccessGrantsEnabled": True,
            "defaultClientScopes": ["dondoc"],
        }
        with told_by_keycloak():
            self._connection.admin.create_client(client)
        self.ensure(())

    def close(self) -> None:
        """From now on nobody logs in by password outside of Keycloak's page. Raises CliError."""
        admin = self._connection.admin
        with told_by_keycloak():
            found = admin.get_client_id(CLIENT)
            if found is not None:
                admin.delete_client(found)

    def ensure(self, agencies: Sequence[Agency]) -> list[str]:
        facts = {each.slug: each for each in (*FIRST_AGENCIES, *map(of_message, agencies))}
        known = with_groups(facts.values())
        users = dict(FIRST_USERS) | {
            f"{agency.slug}.{position}": (written(agency.path), [position])
            for agency in known
            for position in POSITIONS
        }
        with exclusive(self._folder):
            kept = self._passwords()
            missing = {name: user for name, user in users.items() if name not in kept}
            if missing:
                self._make_groups(known)
                made = self._make_users(missing)
                write_private(self._file, json.dumps(kept | made, indent=1))
        return list(users)

    @property
    def _file(self) -> Path:
        return self._folder / "trial-passwords.json"

    def _passwords(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def _make_groups(self, agencies: Sequence[AgencyFacts]) -> None:
        admin = self._connection.admin
        with told_by_keycloak():
            plan = plan_groups(admin, agencies, read_groups(admin))
        carry_out(self._connection, plan.chosen(delete=False), lambda change: None)

    def _make_users(self, users: Mapping[str, tuple[str, list[str]]]) -> dict[str, str]:
        """Their passwords. One whom another data folder knew before stays the same person."""
        admin = self._connection.admin
        passwords = {name: new_password() for name in users}
        new: list[dict[str, Any]] = []
        with told_by_keycloak():
            there = {user["username"]: user["id"] for user in admin.get_users()}
            for name, (group, roles) in users.items():
                if name in there:
                    admin.set_user_password(there[name], passwords[name], temporary=False)
                    continue
                password = {"type": "password", "value": passwords[name], "temporary": False}
                new.append(
                    {
                        "username": name,
                        "enabled": True,
                        "groups": [group] if group else [],
                        "realmRoles": roles,
                        "credentials": [password],
                    }
                )
            payload = {"ifResourceExists": "SKIP", "users": new}
            admin.partial_import_realm(self._realm, payload)
        return passwords
