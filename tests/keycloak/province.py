"""A realm of one test on the running Keycloak, and the command line that provisions it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keycloak import KeycloakAdmin

from cli.keycloak.provision import read_realm
from tests.keycloak.server import ADMIN, Keycloak

ROOT = Path(__file__).parents[2]


@dataclass
class Province:
    """`file` is deploy/keycloak's realm under a name of its own; `agencies` an organisations file."""

    keycloak: Keycloak
    name: str
    folder: Path

    def __post_init__(self) -> None:
        self.file.write_text(json.dumps({**read_realm(), "realm": self.name}), encoding="utf-8")

    @property
    def file(self) -> Path:
        return self.folder / "realm.json"

    @property
    def admin(self) -> KeycloakAdmin:
        return self.keycloak.admin(self.name)

    def agencies(self, entries: Sequence[dict[str, Any]]) -> Path:
        path = self.folder / "organisations.json"
        path.write_text(json.dumps({"organisations": entries}), encoding="utf-8")
        return path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`dondoc keycloak …` as the administrator, in English."""
        credentials = {
            "DONDOC_KEYCLOAK_URL": self.keycloak.url,
            "DONDOC_KEYCLOAK_ADMIN": ADMIN,
            "DONDOC_KEYCLOAK_ADMIN_PASSWORD": self.keycloak.password,
        }
        return dondoc(
            "keycloak", *arguments, "--realm", str(self.file), **{**credentials, **environment}
        )

    def provision(self, agencies: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = self.run("provision", "--agencies", str(agencies), "--yes", *arguments)
        assert done.returncode == 0, done.stderr
        return done

    def changes(self, agencies: Path) -> list[str]:
        """What `diff` finds: "update mapper dondoc / agency: config.claim.name" …"""
        done = self.run("diff", "--agencies", str(agencies), "--json")
        found = json.loads(done.stdout)["changes"]
        assert done.returncode == bool(found), done.stderr
        return [
            f"{each['action']} {each['kind']} {each['name']}"
            + (f": {', '.join(each['fields'])}" if each["action"] == "update" else "")
            for each in found
        ]


def dondoc(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own; empty values take variables away."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("DONDOC_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        env={**known, "DONDOC_LANG": "en", **{k: v for k, v in environment.items() if v}},
        check=False,
        capture_output=True,
        text=True,
    )


async def dondoc_beside(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same while servers of this process go on answering."""
    return await asyncio.to_thread(dondoc, *arguments, **environment)
