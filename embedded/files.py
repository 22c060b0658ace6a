"""Private files of the data folder: secrets, state, and the lock that gives a folder one owner.

Everything that is secret is created with mode 0600 from its first byte on (never opened wide
and narrowed later) and replaced atomically, so that a crash leaves the old or the new content.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUseError(RuntimeError):
    """Another process runs a server on this data folder."""


def private_folder(folder: Path) -> Path:
    """Create `folder` (mode 0700) if it is missing and return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, content: str) -> None:
    """Replace `path` atomically by `content`, readable by the owner alone."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def new_password() -> str:
    """A password of 192 random bits, made of letters, digits, '-' and '_' (safe in a URL)."""
    return secrets.token_urlsafe(24)


def kept_secret(path: Path, make: Callable[[], str] = new_password) -> str:
    """The secret kept in `path`; made and kept (0600) on the first call."""
    if not path.exists():
        private_folder(path.parent)
        write_private(path, make())
    return path.read_text(encoding="utf-8")


class FolderLock:
    """An exclusive lock on a folder, let go by the kernel when its process dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises FolderInUseError at once if another holder has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            folder = self._path.parent
            raise FolderInUseError(
                f"Thư mục dữ liệu {folder} đang được một tiến trình khác sử dụng. "
                f"/ The data folder {folder} is in use by another process."
            ) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the lock go; nothing happens if it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Wait for, hold and release the write lock of `folder` (short sections only)."""
    descriptor = os.open(folder / ".write-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
