"""Each block of commands of docs/administration.md, run as it stands there on a real Keycloak."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws

from tests.keycloak.distribution import keycloak_tree
from tests.keycloak.province import ROOT, Province
from tests.keycloak.server import ADMIN, Keycloak

PAGE = ROOT / "docs" / "administration.md"
OFFICER, FIRST_PASSWORD = "nguyen.van.a", "for the first login"
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def blocks(heading: str) -> list[str]:
    """The commands below a heading."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = [text for text in sections if text.startswith(heading + "\n")]
    assert len(found) == 1, heading
    return _BLOCK.findall(found[0])


@dataclass
class Desk:
    """An administrator's terminal, on a realm of its own."""

    province: Province

    def run(self, commands: str) -> str:
        """After the commands of "Getting ready"; what was printed. Fails with the first that fails."""
        folder = self.province.folder
        # `dondoc` as installed, on this test's realm and not on the one of the page.
        dondoc = (
            f'dondoc() {{ command dondoc "$@" --realm {shlex.quote(str(self.province.file))}; }}'
        )
        path = f"{keycloak_tree() / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            [
                "bash",
                "-euo",
                "pipefail",
                "-c",
                "\n".join([dondoc, *blocks("Getting ready"), commands]),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "PATH": path,
                "KC_OPTS": f"-Duser.home={folder}",
                "KC_CLI_PASSWORD": self.province.keycloak.password,
                "DONDOC_KEYCLOAK_URL": self.province.keycloak.url,
                "DONDOC_KEYCLOAK_ADMIN": ADMIN,
                "DONDOC_KEYCLOAK_ADMIN_PASSWORD": self.province.keycloak.password,
                "REALM": self.province.name,
                "FIRST_PASSWORD": FIRST_PASSWORD,
                "DONDOC_LANG": "en",
            },
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def do(self, heading: str, block: int | None = None) -> str:
        found = blocks(heading)
        return self.run("\n".join(found if block is None else found[block : block + 1]))

    def officer(self) -> dict[str, Any]:
        admin = self.province.admin
        found: dict[str, Any] = admin.get_user(admin.get_user_id(OFFICER))
        return found

    def agencies(self) -> list[str]:
        groups = self.province.admin.get_user_groups(self.officer()["id"])
        return [group["path"] for group in groups]

    def roles(self) -> set[str]:
        found = self.province.admin.get_realm_roles_of_user(self.officer()["id"])
        return {role["name"] for role in found}

    def token(self) -> httpx.Response:
        """A login with the password that was given, by a client of the tests."""
        client = {
            "clientId": "desk",
            "publicClient": True,
            "directAccessGrantsEnabled": True,
            "defaultClientScopes": ["dondoc"],
        }
        self.province.admin.create_client(client, skip_exists=True)
        form = {"grant_type": "password", "username": OFFICER, "password": FIRST_PASSWORD}
        url = f"{self.province.keycloak.url}/realms/{self.province.name}/protocol/openid-connect/token"
        return httpx.post(url, data={"client_id": "desk", **form}, trust_env=False, timeout=60)


@pytest.fixture(scope="module")
def desk(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """With the realm set up and one officer, as the page does it."""
    made = Desk(Province(keycloak, "realm-of-the-page", tmp_path_factory.mktemp("desk")))
    printed = made.do("Setting the realm up, and keeping it right")
    assert "+ realm realm-of-the-page" in printed
    assert "Keycloak is as it should be." in printed
    made.do("Add an officer")
    return made


def test_the_page_shows_where_the_provisioning_clients_secret_is(desk: Desk) -> None:
    admin = desk.province.admin
    secret = admin.get_client_secrets(admin.get_client_id("dondoc-provisioning"))["value"]
    assert desk.do("Setting the realm up, and keeping it right", 1).strip() == secret


def test_an_added_officer_has_agency_and_position_and_must_choose_a_password(desk: Desk) -> None:
    assert desk.agencies() == ["/departments/so-noi-vu"]
    assert "officer" in desk.roles()
    assert desk.officer()["requiredActions"] == ["UPDATE_PASSWORD"]
    refused = desk.token()
    assert refused.json()["error_description"] == "Account is not fully set up"


def test_an_officer_is_put_in_charge_and_dismissed_and_the_reading_clients_secret_is_shown(
    desk: Desk,
) -> None:
    desk.do("Officers in charge", 1)
    assert "officer" not in desk.roles()
    desk.do("Officers in charge", 0)
    assert "officer" in desk.roles()
    admin = desk.province.admin
    secret = admin.get_client_secrets(admin.get_client_id("dondoc-directory"))["value"]
    assert desk.do("Officers in charge", 2).strip() == secret


def test_a_moved_user_is_in_the_new_agency_alone(desk: Desk) -> None:
    desk.do("Move a user to another agency")
    assert desk.agencies() == ["/departments/so-tai-chinh"]


def test_the_role_of_auditor_is_given_and_taken(desk: Desk) -> None:
    desk.do("Give the role of auditor, and take it", 0)
    assert "auditor" in desk.roles()
    desk.do("Give the role of auditor, and take it", 1)
    assert "auditor" not in desk.roles()
    assert "officer" in desk.roles()


def test_keys_are_rotated_step_by_step(desk: Desk) -> None:
    admin, user = desk.province.admin, desk.officer()
    admin.update_user(user["id"], {**user, "requiredActions": []})

    def signs() -> str:
        token = desk.token().raise_for_status().json()["access_token"]
        return str(jws.extract_compact(token.encode()).headers()["kid"])

    def published() -> set[str]:
        url = f"{desk.province.keycloak.url}/realms/{desk.province.name}"
        keys = httpx.get(f"{url}/protocol/openid-connect/certs", trust_env=False).json()["keys"]
        return {key["kid"] for key in keys if key["alg"] == "ES256"}

    old = signs()
    desk.do("Rotate the signing keys", 0)
    new = signs()
    assert new != old
    desk.do("Rotate the signing keys", 1)
    assert (signs(), published()) == (new, {old, new})
    desk.do("Rotate the signing keys", 2)
    assert (signs(), published()) == (new, {new})


def test_a_disabled_user_is_shut_out(desk: Desk) -> None:
    desk.do("Disable a user")
    assert desk.officer()["enabled"] is False
    assert desk.token().json()["error_description"] == "Account disabled"


def test_every_block_of_the_page_is_run() -> None:
    """A section with commands that no test of this file names would be a promise nobody keeps."""
    source = Path(__file__).read_text(encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    for heading in re.findall(r"^## (.+)$", text, flags=re.MULTILINE):
        if blocks(heading):
            assert f'"{heading}"' in source, heading
