"""`dondoc login`, `whoami`, `logout` against Keycloak's own pages."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from embedded.issuer import IssuerServer
from services.kernel.runtime.identity import TokenVerifier
from tests.fixtures.eventually import PATIENCE_SECONDS
from tests.keycloak.browser import Browser
from tests.keycloak.people import PASSWORD, People
from tests.keycloak.province import ROOT, dondoc
from tests.keycloak.server import Keycloak

AGENCY, USER = "so-tai-chinh", "login.officer"


@dataclass
class Terminal:
    """A person's configuration folder, and commands run in it."""

    keycloak: Keycloak
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "dondoc" / "login.json"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return dondoc(*arguments, XDG_CONFIG_HOME=str(self.folder))

    def begin_login(self) -> tuple[subprocess.Popen[str], str, str]:
        """The waiting command, the page that it names, and its code."""
        command = [sys.executable, "-m", "cli.main", "login", "--issuer", self.keycloak.issuer]
        settings = {"XDG_CONFIG_HOME": str(self.folder), "DONDOC_LANG": "en"}
        waiting = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert waiting.stdout
        lines = [waiting.stdout.readline().strip() for _ in range(3)]
        assert re.fullmatch("[A-Z]{4}-[A-Z]{4}", lines[2]), lines
        return waiting, lines[1], lines[2]


@pytest.fixture(scope="module")
def officer(people: People) -> str:
    """The id of a user who may log in."""
    people.group("/departments", AGENCY)
    return people.user(USER, f"/departments/{AGENCY}", "officer")


@pytest.fixture(scope="module")
def logged_in(
    keycloak: Keycloak, officer: str, tmp_path_factory: pytest.TempPathFactory
) -> Terminal:
    """A terminal at which the officer has logged in through the pages."""
    terminal = Terminal(keycloak, tmp_path_factory.mktemp("config"))
    waiting, page, code = terminal.begin_login()
    assert page.startswith(keycloak.issuer)
    assert code in page
    Browser().agree_to_device(page, USER, PASSWORD)
    output, _ = waiting.communicate(timeout=PATIENCE_SECONDS)
    assert waiting.returncode == 0, output
    assert f"Logged in: {USER}" in output
    return terminal


def test_the_kept_login_is_for_its_owner_alone(logged_in: Terminal) -> None:
    assert stat.S_IMODE(logged_in.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(logged_in.file.parent.stat().st_mode) == 0o700


async def test_the_services_accept_the_token_of_the_login(
    logged_in: Terminal, keycloak: Keycloak, officer: str
) -> None:
    token = json.loads(logged_in.file.read_text())["access_token"]
    principal = await TokenVerifier(keycloak.issuer, "dondoc").verify(token)
    assert (principal.subject, principal.agency) == (officer, AGENCY)


def test_whoami_shows_subject_agency_roles_and_the_end_of_the_token(
    logged_in: Terminal, officer: str
) -> None:
    told = json.loads(logged_in.run("whoami", "--json").stdout)
    assert (told["subject"], told["username"], told["agency"]) == (officer, USER, AGENCY)
    assert {"department", "officer"} <= set(told["roles"])
    assert told["expires"].endswith("+00:00")
    shown = logged_in.run("whoami").stdout
    assert AGENCY in shown
    assert "department" in shown


def test_a_token_that_ended_is_renewed_with_what_the_user_may_do_by_now(
    logged_in: Terminal, people: People
) -> None:
    kept = json.loads(logged_in.file.read_text())
    people.give(USER, "head")
    logged_in.file.write_text(json.dumps({**kept, "ends_at": time.time()}))
    told = json.loads(logged_in.run("whoami", "--json").stdout)
    assert "head" in told["roles"]
    assert json.loads(logged_in.file.read_text())["refresh_token"] != kept["refresh_token"]


def test_nobody_is_logged_in_after_logout_and_the_session_is_over(
    keycloak: Keycloak, officer: str, tmp_path: Path
) -> None:
    terminal = Terminal(keycloak, tmp_path)
    waiting, page, _ = terminal.begin_login()
    Browser().agree_to_device(page, USER, PASSWORD)
    waiting.communicate(timeout=PATIENCE_SECONDS)
    kept = json.loads(terminal.file.read_text())
    assert terminal.run("logout").returncode == 0
    assert not terminal.file.exists()
    told = terminal.run("whoami")
    assert (told.returncode, "dondoc login" in told.stderr) == (3, True)
    refresh = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
    form = {"client_id": "dondoc-cli", **refresh}
    assert httpx.post(keycloak.token_url, data=form, trust_env=False).status_code == 400


def test_a_login_without_pkce_is_not_begun(keycloak: Keycloak) -> None:
    """Who sees the code alone must not be able to fetch the tokens."""
    answer = httpx.post(
        f"{keycloak.issuer}/protocol/openid-connect/auth/device",
        data={"client_id": "dondoc-cli"},
        trust_env=False,
    )
    assert answer.status_code == 400


def test_login_says_what_to_do_where_there_is_no_page_and_where_nothing_answers(
    issuer: IssuerServer, tmp_path: Path, keycloak: Keycloak
) -> None:
    terminal = Terminal(keycloak, tmp_path)
    told = terminal.run("login", "--issuer", f"{issuer.url}/realms/dondoc")
    assert (told.returncode, "dondoc token --user" in told.stderr) == (1, True)
    told = terminal.run("login", "--issuer", "http://127.0.0.1:1/realms/dondoc")
    assert (told.returncode, "cannot be reached" in told.stderr) == (1, True)
    told = terminal.run("login", "--issuer", keycloak.url)
    assert (told.returncode, "is no realm" in told.stderr) == (1, True)
