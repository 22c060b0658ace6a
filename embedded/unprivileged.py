"""Running a server binary without root's rights, also when we are root.

PostgreSQL refuses to run as root, and containers often run as root in a folder that only root
can enter. So: as an ordinary user the binary runs directly; as root it runs in a user namespace
in which root bears an ordinary number (files keep their owner, no capability is left); where
user namespaces are forbidden, a copy of the binaries that `nobody` can read runs as `nobody`.
If none of this works, the error tells what is missing. `UnprivilegedError` is bilingual.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import IO

NAMESPACE_COMMAND = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


class UnprivilegedError(RuntimeError):
    """No way was found to run a server without root's rights."""


class Mode(StrEnum):
    """How a binary is run without root's rights."""

    DIRECT = "direct"
    USER_NAMESPACE = "user-namespace"
    NOBODY = "nobody"


@cache
def available_mode() -> Mode:
    """The mode that works here: tried once for each process, by running `true`.

    Raises UnprivilegedError if we are root without user namespaces and without `nobody`.
    """
    if os.geteuid() != 0:
        return Mode.DIRECT
    if _namespaces_work():
        return Mode.USER_NAMESPACE
    if _nobody() is not None:
        return Mode.NOBODY
    raise UnprivilegedError(
        "Không thể chạy máy chủ dưới quyền root: hệ thống cấm không gian tên người dùng "
        "(unshare --user) và không có người dùng `nobody`. Hãy chạy bằng người dùng thường. "
        "/ Servers cannot be run as root here: user namespaces (unshare --user) are forbidden "
        "and there is no user `nobody`. Run as an ordinary user."
    )


def _namespaces_work() -> bool:
    if shutil.which(NAMESPACE_COMMAND[0]) is None:
        return False
    probe = subprocess.run(  # noqa: S603 - a constant
        [*NAMESPACE_COMMAND, "true"], capture_output=True, check=False, timeout=10
    )
    return probe.returncode == 0


def _nobody() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return None


@dataclass(frozen=True, slots=True)
class Launcher:
    """Runs the binaries of one package without root's rights, in the mode given."""

    mode: Mode

    def readable_copy(self, sources: Sequence[Path], copies: Path) -> Path:
        """The folder that holds readable `sources` (siblings, files or folders).

        That is their own parent, except for `nobody`: virtual environments often lie in a home
        folder that others cannot enter, so the sources are copied to `copies` (once for each
        state of the package). Raises UnprivilegedError if `nobody` cannot reach `copies`.
        """
        if self.mode is not Mode.NOBODY:
            return sources[0].parent
        self._check_reachable(copies)
        state = "\n".join(f"{source} {source.stat().st_mtime_ns}" for source in sources)
        mark = copies / ".source"
        if not mark.exists() or mark.read_text(encoding="utf-8") != state:
            shutil.rmtree(copies, ignore_errors=True)
            copies.mkdir(parents=True)
            for source in sources:
                if source.is_dir():
                    shutil.copytree(source, copies / source.name, symlinks=True)
                else:
                    shutil.copy2(source, copies / source.name)
            _open_for_reading(copies)
            mark.write_text(state, encoding="utf-8")
        return copies

    def hand_over(self, path: Path) -> None:
        """Give `path` and all below it to the user that the servers run as."""
        if self.mode is not Mode.NOBODY:
            return
        user = self._user()
        for entry in (path, *path.rglob("*")):
            os.chown(entry, user.pw_uid, user.pw_gid, follow_symlinks=False)

    def let_pass(self, folder: Path) -> None:
        """Let the servers' user walk through `folder` (to what it owns below), not list it."""
        if self.mode is Mode.NOBODY:
            folder.chmod(0o711)
            self._check_reachable(folder)

    def popen(self, command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start `command` in a session of its own; both its outputs go to `output`.

        The process id is that of the server itself: `unshare` replaces itself by the command.
        """
        user = self._user() if self.mode is Mode.NOBODY else None
        return subprocess.Popen(  # noqa: S603 - the command is built from our own paths
            self._command(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
            cwd="/",
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )

    def run(self, command: Sequence[str], output: IO[bytes]) -> int:
        """Run `command` to its end and return its exit code."""
        return self.popen(command, output).wait()

    def _command(self, command: Sequence[str]) -> list[str]:
        prefix = NAMESPACE_COMMAND if self.mode is Mode.USER_NAMESPACE else ()
        return [*prefix, *command]

    def _user(self) -> pwd.struct_passwd:
        user = _nobody()
        if user is None:
            raise UnprivilegedError(
                "Không có người dùng `nobody`. / There is no user `nobody` on this machine."
            )
        return user

    def _check_reachable(self, folder: Path) -> None:
        user = self._user()
        for parent in folder.absolute().parents:
            if not parent.exists() or _may_enter(parent, user):
                continue
            raise UnprivilegedError(
                f"Người dùng `nobody` không vào được {parent} (nằm trên {folder}) và hệ thống cấm "
                "không gian tên người dùng. Hãy chọn thư mục dữ liệu khác, cho phép "
                "unshare --user, hoặc chạy bằng người dùng thường. "
                f"/ The user `nobody` cannot enter {parent} (above {folder}), and user namespaces "
                "are forbidden. Choose another data folder, allow unshare --user, or run as an "
                "ordinary user."
            )


def _may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    status = folder.stat()
    if status.st_uid == user.pw_uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.pw_gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _open_for_reading(folder: Path) -> None:
    for entry in (folder, *folder.rglob("*")):
        if not entry.is_symlink():
            executable = entry.is_dir() or entry.stat().st_mode & stat.S_IXUSR
            entry.chmod(0o755 if executable else 0o644)
