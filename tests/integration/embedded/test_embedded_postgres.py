from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import asyncpg
import pytest

from embedded.files import FolderInUseError
from embedded.postgres import EmbeddedPostgres
from embedded.process import free_port, listener_on
from embedded.unprivileged import Mode, UnprivilegedError


async def _query(dsn: str, sql: str, *arguments: object) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql, *arguments)
    finally:
        await connection.close()


async def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=postgres.port, user="postgres", password="postgres"
        )


async def test_a_service_is_refused_in_the_database_of_another(postgres: EmbeddedPostgres) -> None:
    own = await postgres.create_role_and_database("first")
    await postgres.create_role_and_database("second")
    assert await _query(own, "SELECT current_database()") == "first"
    for foreign in ("second", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(postgres.dsn(foreign, "dondoc_first"))


async def test_a_service_can_make_tables_in_its_own_database_and_is_no_superuser(
    postgres: EmbeddedPostgres,
) -> None:
    own = await postgres.create_role_and_database("maker")
    await _query(own, "CREATE TABLE note (text text)")
    assert await _query(own, "SELECT count(*) FROM note") == 0
    assert await _query(own, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


async def test_creating_role_and_database_twice_keeps_password_and_data(
    postgres: EmbeddedPostgres,
) -> None:
    first = await postgres.create_role_and_database("twice")
    await _query(first, "CREATE TABLE note AS SELECT 7 AS number")
    assert await postgres.create_role_and_database("twice") == first
    assert await _query(first, "SELECT number FROM note") == 7


async def test_a_copy_of_a_template_has_its_tables_owner_and_closed_door(
    postgres: EmbeddedPostgres,
) -> None:
    template = await postgres.create_role_and_database("template_of_tasks")
    await _query(template, "CREATE TABLE note AS SELECT 7 AS number")
    await postgres.create_role_and_database("stranger")
    copy = await postgres.create_database_from_template("copy_of_tasks", "template_of_tasks")
    assert await _query(copy, "SELECT number FROM note") == 7
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.dsn("copy_of_tasks", "dondoc_stranger"))
    await postgres.drop_database("copy_of_tasks")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(copy)


async def test_an_injected_database_name_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await postgres.create_role_and_database('x"; DROP DATABASE postgres; --')


async def test_the_server_listens_on_loopback_only_and_logs_no_content(
    postgres: EmbeddedPostgres,
) -> None:
    own = await postgres.create_role_and_database("quiet")
    await _query(own, "CREATE TABLE note (id int PRIMARY KEY, text text)")
    await _query(own, "INSERT INTO note VALUES (1, 'a planted sentence')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await _query(own, "INSERT INTO note VALUES (1, $1)", "another planted sentence")
    with pytest.raises(asyncpg.DataError):
        await _query(own, "SELECT 'a planted sentence'::text || ($1::text::int)", "planted number")
    log = postgres.log.read_text(encoding="utf-8")
    assert "duplicate key value" in log
    assert "DETAIL" not in log
    assert "another planted sentence" not in log
    admin = postgres.dsn("postgres")
    assert await _query(admin, "SHOW listen_addresses") == "127.0.0.1"
    assert await _query(admin, "SHOW unix_socket_directories") == ""
    assert await _query(admin, "SHOW timezone") == "UTC"
    assert await _query(admin, "SHOW log_error_verbosity") == "terse"
    methods = await _query(admin, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules")
    assert methods == ["scram-sha-256"]


async def test_secrets_are_readable_by_their_owner_alone(postgres: EmbeddedPostgres) -> None:
    await postgres.create_role_and_database("secretive")
    files = list((postgres.data_dir / "secrets").iterdir())
    assert {"postgres.password", "dondoc_secretive.password"} <= {file.name for file in files}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    command = Path(f"/proc/{postgres._process.pid}/cmdline").read_bytes()
    assert not any(file.read_bytes() in command for file in files)


async def test_data_survives_a_restart_a_crash_and_a_move_of_the_folder(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "here")
    await server.start()
    own = await server.create_role_and_database("tasks")
    await _query(own, "CREATE TABLE note AS SELECT 1 AS number")
    await server.stop()

    await server.start()
    assert await _query(own, "SELECT max(number) FROM note") == 1
    await _query(own, "INSERT INTO note VALUES (2)")
    await server.kill()
    assert (server.data_dir / "cluster" / "postmaster.pid").exists()

    await server.start()
    assert await _query(own, "SELECT max(number) FROM note") == 2
    await server.stop()

    moved = (tmp_path / "here").rename(tmp_path / "there")
    async with EmbeddedPostgres(moved) as server:
        own = await server.create_role_and_database("tasks")
        assert await _query(own, "SELECT max(number) FROM note") == 2
        assert await _query(own, "SHOW fsync") == "on"


async def test_a_pid_file_that_names_a_living_stranger_does_not_hinder_the_start(
    tmp_path: Path,
) -> None:
    server = EmbeddedPostgres(tmp_path, durable=False)
    await server.start()
    await server.kill()
    pid_file = tmp_path / "cluster" / "postmaster.pid"
    lines = pid_file.read_text(encoding="ascii").split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]), encoding="ascii")
    async with server:
        assert await _query(server.dsn("postgres"), "SELECT 1") == 1


async def test_a_server_whose_owner_died_is_taken_over(tmp_path: Path) -> None:
    lost = EmbeddedPostgres(tmp_path, durable=False)
    await lost.start()
    lost._lock.release()  # as the kernel does when the owning process dies
    async with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert await _query(server.dsn("postgres"), "SELECT 1") == 1
        assert not lost.running


async def test_a_folder_in_use_is_refused(postgres: EmbeddedPostgres) -> None:
    second = EmbeddedPostgres(postgres.data_dir)
    with pytest.raises(FolderInUseError, match="in use by another process"):
        await second.start()
    assert await _query(postgres.dsn("postgres"), "SELECT 1") == 1


async def test_an_interrupted_initdb_leaves_nothing_that_looks_like_a_cluster(
    tmp_path: Path,
) -> None:
    (tmp_path / "cluster.new" / "half").mkdir(parents=True)
    async with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert await _query(server.dsn("postgres"), "SELECT 1") == 1


async def test_it_runs_in_a_folder_that_only_its_owner_can_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with EmbeddedPostgres(closed / "data", durable=False) as server:
        assert await _query(server.dsn("postgres"), "SELECT 1") == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
async def test_root_without_user_namespaces_runs_it_as_nobody() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o711)
        data = Path(folder) / "data"
        async with EmbeddedPostgres(data, durable=False, mode=Mode.NOBODY) as server:
            own = await server.create_role_and_database("tasks")
            assert await _query(own, "SELECT 1") == 1
            assert Path(f"/proc/{server._process.pid}").stat().st_uid != 0
            assert stat.S_IMODE((data / "secrets").stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
async def test_nobody_is_told_which_folder_it_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(UnprivilegedError, match="cannot enter"):
        await EmbeddedPostgres(closed / "data", mode=Mode.NOBODY).start()


async def test_a_port_that_is_taken_between_choice_and_start_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listener_on(0) as stranger:
        taken = stranger.getsockname()[1]
        ports = iter([taken, free_port()])
        monkeypatch.setattr("embedded.postgres.free_port", lambda: next(ports))
        async with EmbeddedPostgres(tmp_path, durable=False) as server:
            assert server.port != taken
            assert await _query(server.dsn("postgres"), "SELECT 1") == 1
