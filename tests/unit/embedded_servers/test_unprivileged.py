from __future__ import annotations

import os
import pwd
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import process, unprivileged
from embedded.files import FolderInUseError, FolderLock, kept_secret, write_private
from embedded.unprivileged import Launcher, Mode, UnprivilegedError, available_mode


@pytest.fixture(autouse=True)
def _fresh_choice() -> Iterator[None]:
    available_mode.cache_clear()
    yield
    available_mode.cache_clear()


def test_an_ordinary_user_runs_servers_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert available_mode() is Mode.DIRECT


def test_root_without_user_namespaces_becomes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(unprivileged, "NAMESPACE_COMMAND", ("false",))
    assert available_mode() is Mode.NOBODY


def test_root_without_any_way_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> pwd.struct_passwd:
        raise KeyError

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(unprivileged, "NAMESPACE_COMMAND", ("no-such-program",))
    monkeypatch.setattr(pwd, "getpwnam", missing)
    with pytest.raises(UnprivilegedError, match="user namespaces") as refused:
        available_mode()
    assert "không gian tên người dùng" in str(refused.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
@pytest.mark.parametrize("mode", [Mode.USER_NAMESPACE, Mode.NOBODY])
def test_a_command_of_root_runs_without_its_number(mode: Mode, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as output:
        assert Launcher(mode).run(["sh", "-c", "id -u; grep CapEff /proc/self/status"], output) == 0
    number, capabilities = (tmp_path / "out").read_text(encoding="ascii").splitlines()
    assert int(number) != 0
    assert int(capabilities.split()[1], 16) == 0


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()
    with pytest.raises(FolderInUseError, match="đang được một tiến trình khác sử dụng"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "one"
    assert kept_secret(path) == kept_secret(path)
    assert len(kept_secret(path)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "one"
    write_private(path, "long content")
    write_private(path, "ngắn")
    assert path.read_text(encoding="utf-8") == "ngắn"
    assert list(tmp_path.iterdir()) == [path]


def test_a_free_port_is_not_one_that_is_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        monkeypatch.setattr(process, "_PORTS", [taken])
        with pytest.raises(process.ServerStartError, match="No free port"):
            process.free_port()
