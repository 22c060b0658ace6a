"""A real Keycloak on a free loopback port, its realm imported from deploy/keycloak, all in memory."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from keycloak import KeycloakAdmin

from embedded.issuer import DEFAULT_REALM_FILE
from tests.fixtures.ports import held_port
from tests.keycloak.distribution import environment, keycloak_tree

READY_SECONDS = 180.0  # a machine that is busy with other things; 10 seconds otherwise
STOP_SECONDS = 30.0
ADMIN = "admin"


class Keycloak:
    """`url`, `issuer` and the administrator's password of the running server."""

    def __init__(self, url: str, password: str, log: Path) -> None:
        self.url, self.password, self.log = url, password, log
        self.issuer = f"{url}/realms/dondoc"

    @property
    def token_url(self) -> str:
        return f"{self.issuer}/protocol/openid-connect/token"

    def admin(self, realm: str = "dondoc") -> KeycloakAdmin:
        """The master realm's administrator, at work on `realm`."""
        return KeycloakAdmin(
            server_url=self.url,
            username=ADMIN,
            password=self.password,
            realm_name=realm,
            user_realm_name="master",
        )


@contextmanager
def running(folder: Path, *, import_realm: bool = True) -> Iterator[Keycloak]:
    """Starts on a tree of its own below `folder`, yields when it is ready, stops it and its Java."""
    home = _home(folder, import_realm=import_realm)
    with held_port() as port, held_port() as management:
        yield from _running(home, folder, port, management)


def _running(home: Path, folder: Path, port: int, management: int) -> Iterator[Keycloak]:
    url = f"http://127.0.0.1:{port}"
    password = secrets.token_urlsafe(16)
    log = folder / "keycloak.log"
    command = [
        "sh", str(home / "bin" / "kc.sh"), "start", "--optimized", "--import-realm",
        "--cache=local", "--http-enabled=true", f"--hostname={url}", "--http-host=127.0.0.1",
        f"--http-port={port}", f"--http-management-port={management}",
        "--log-level=INFO,io.smallrye.health:WARN",
    ]  # fmt: skip
    bootstrap = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": password}
    with log.open("wb") as output:
        # Java is a child of kc.sh and outlives it when that is killed: both are one group.
        process = subprocess.Popen(
            command,
            env={**environment(), **bootstrap},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{management}/health/ready", log)
        yield Keycloak(url, password, log)
    finally:
        _stop(process)


def _home(folder: Path, *, import_realm: bool) -> Path:
    """What Keycloak writes is private to this run; the libraries are shared and only read."""
    built, home = keycloak_tree(), folder / "keycloak"
    shutil.copytree(built / "bin", home / "bin")
    for shared in ("lib", "conf", "providers", "themes"):
        if (built / shared).exists():
            (home / shared).symlink_to(built / shared)
    imports = home / "data" / "import"
    imports.mkdir(parents=True)
    if import_realm:
        shutil.copy(DEFAULT_REALM_FILE, imports)
    return home


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """The port is open seconds before the server is ready: only its health says so."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise RuntimeError("Keycloak did not become ready:\n" + log.read_text("utf-8")[-4000:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    for signal_ in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signal_)
        except ProcessLookupError:
            return
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
