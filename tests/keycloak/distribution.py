"""Keycloak as it is published: fetched by Maven, checked, built once, and kept in the user's cache.

The version is pinned with its SHA-256. Building takes about 20 seconds and is never done twice, because a
built tree starts in 10 seconds and a fresh one in 40.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "26.7.3"
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"

# Options of the build are part of the tree: a tree that was built with others is another tree.
BUILD_OPTIONS = ("--db=dev-mem", "--health-enabled=true")
JAVA_OPTS = (
    "-Xms64m -Xmx384m -XX:MaxMetaspaceSize=256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
    "-Dfile.encoding=UTF-8 -Djava.security.egd=file:/dev/urandom"
)


class KeycloakMissingError(RuntimeError):
    """Keycloak cannot be had on this machine; the text says what is missing."""


def keycloak_tree() -> Path:
    """A built Keycloak; fetched and built on the first call. Raises KeycloakMissingError."""
    _require("java", "a Java runtime 17, 21 or 25 (Debian: apt install openjdk-17-jre-headless)")
    tree = _cache() / f"{VERSION}-dev-mem"
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.exists():
            _require("mvn", "Maven, which fetches Keycloak (Debian: apt install maven)")
            with TemporaryDirectory(dir=_cache()) as folder:
                _build(_fetch(Path(folder))).rename(tree)
    return tree


def environment() -> dict[str, str]:
    """That of `kc.sh`: a small Java machine, and nothing of the caller's own Keycloak settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KC_")}
    return {**kept, "JAVA_OPTS": JAVA_OPTS}


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "dondoc" / "keycloak"


def _require(program: str, what: str) -> None:
    if shutil.which(program) is None:
        raise KeycloakMissingError(
            f"`{program}` is not on the PATH. The tests on a real Keycloak need {what}."
        )


def _fetch(folder: Path) -> Path:
    """The distribution, unpacked. `-C` makes Maven refuse what its own checksum does not fit."""
    command = [
        "mvn", "-B", "-ntp", "-q", "-C", COPY, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    _run(command, folder, "Maven could not fetch Keycloak")
    archive = folder / f"keycloak-quarkus-dist-{VERSION}.zip"
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise KeycloakMissingError(
            f"{archive.name} has SHA-256 {digest} and not the pinned {SHA256}"
        )
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    tree = folder / f"keycloak-{VERSION}"
    for script in (tree / "bin").glob("*.sh"):
        script.chmod(0o755)  # which zipfile forgets
    return tree


def _build(tree: Path) -> Path:
    command = ["sh", str(tree / "bin" / "kc.sh"), "build", *BUILD_OPTIONS]
    _run(command, tree, "Keycloak could not be built")
    return tree


def _run(command: list[str], folder: Path, failure: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment(), check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise KeycloakMissingError(f"{failure}:\n{(done.stdout + done.stderr)[-3000:]}")
