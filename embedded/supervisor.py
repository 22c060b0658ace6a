"""The house on one machine: PostgreSQL, NATS, issuer, SMTP sink, and the services as processes.

One supervisor owns one data folder. It starts everything on free ports of 127.0.0.1, tells where in
run.json, starts again what dies, and drains in the order in which facts flow. When it was killed,
the next one on the same folder stops what is left over and goes on with the same data.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedded.alive import Mark
from embedded.child import Child, stop_orphans
from embedded.files import FolderLock, kept_secret, private_folder
from embedded.issuer import IssuerStore
from embedded.nats import EmbeddedNats
from embedded.postgres import EmbeddedPostgres
from embedded.process import ServerStartError, free_port, port_taken
from embedded.run_file import ClockMode, RunFile, RunningService
from embedded.unprivileged import Launcher, available_mode
from embedded.users import ensure_first_users
from services.kernel.runtime import db, migrate

# In the order in which facts flow: nothing calls up.
SERVICES = ("directives", "tasks", "inspections", "reporting", "notify")
SENDER = "dondoc@dondoc.example"
CLI_CLIENT = "dondoc-cli"
# What the operator may set from outside; everything else is the supervisor's to decide.
PASSED_ON = (
    "DONDOC_OTLP_ENDPOINT",
    "DONDOC_OTLP_PROTOCOL",
    "DONDOC_TRACE_RATIO",
    "DONDOC_METRICS_SECONDS",
    "DONDOC_DUE_SOON_DAYS",
    "DONDOC_LOG_LEVEL",
    "DONDOC_PROFILE_PATH",
    "DONDOC_REPORTS_FROM",
)
# On the simulated clock, which begins in 2020: before the scripted years nobody sends a report.
SIMULATED_REPORTS_FROM = "2024-01-01"
WATCH_SECONDS = 0.2
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 30.0
HEALTHY_SECONDS = 60.0  # after this long a part's next death is a first one again

Say = Callable[[str], None]


class ClockModeError(RuntimeError):
    """The data folder was begun on the other clock: dates of one make no sense on the other."""


@dataclass
class _Part:
    """Something that is kept running."""

    name: str
    running: Callable[[], bool]
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]
    kill: Callable[[], Awaitable[None]]
    started_at: float = 0.0
    deaths: int = 0
    restarting: asyncio.Task[None] | None = field(default=None, repr=False)


class Supervisor:
    """`start`, then `watch` until it is told to stop, then `stop`.

    `services` may leave out the last ones (for tests); `overrides` adds variables to a service's
    environment; `say` is told, in a line each, what the operator should know.
    """

    def __init__(
        self,
        data: Path,
        clock: ClockMode | None = None,
        *,
        services: Sequence[str] = SERVICES,
        overrides: Mapping[str, Mapping[str, str]] | None = None,
        durable: bool = True,
        say: Say = lambda line: None,
    ) -> None:
        self.data = data.absolute()
        self.services = tuple(services)
        self._wanted_clock = clock
        self.clock: ClockMode = clock or "real"
        self._overrides = overrides or {}
        self._say = say
        self._lock = FolderLock(self.data)
        self.postgres = EmbeddedPostgres(self.data / "postgres", durable=durable)
        self.nats = EmbeddedNats(self.data / "nats")
        self.smtp_folder = self.data / "mail"
        self.issuer_folder = self.data / "issuer"
        self._children: dict[str, Child] = {}
        self._parts: list[_Part] = []
        self._ports: dict[str, int] = {}
        self._dsns: dict[str, str] = {}

    async def start(self) -> RunFile:
        """Everything up and ready. What was started is stopped again when one part fails.

        Raises FolderInUseError (a house runs on this folder), ClockModeError, ServerStartError,
        UnprivilegedError.
        """
        private_folder(self.data)
        self._lock.acquire()
        try:
            self.clock = self._settled_clock()
            # Where servers run as `nobody`, they must be able to walk through the data folder.
            Launcher(available_mode()).let_pass(self.data)
            for name in await stop_orphans(self.data):
                self._say(f"dừng tiến trình sót lại {name} / stopped the leftover process {name}")
            await self._start_servers()
            await self._prepare_databases()
            ensure_first_users(IssuerStore(self.issuer_folder))
            await asyncio.gather(*(self._start_part(self._service(s)) for s in self.services))
            return self._write()
        except BaseException:
            await self.stop()
            raise

    async def watch(self, stopped: asyncio.Event) -> None:
        """Starts again what dies, with back-off, until `stopped` is set."""
        while not stopped.is_set():
            for part in self._parts:
                if part.restarting and part.restarting.done():
                    part.restarting.result()
                    part.restarting = None
                if not part.running() and part.restarting is None:
                    part.restarting = asyncio.create_task(self._restart(part))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), WATCH_SECONDS)

    async def stop(self) -> None:
        """Services in the order of the flow of facts, then the servers that they need."""
        RunFile.remove(self.data)
        for part in self._parts:
            if part.restarting:
                part.restarting.cancel()
                await asyncio.gather(part.restarting, return_exceptions=True)
        order = {name: index for index, name in enumerate(SERVICES)}
        services = [part for part in self._parts if part.name in order]
        for part in sorted(services, key=lambda part: order[part.name]):
            await part.stop()
        servers = [part for part in self._parts if part.name not in order]
        await asyncio.gather(*(part.stop() for part in servers))
        self._parts.clear()
        self._lock.release()

    # -- starting ---------------------------------------------------------------------------

    def _settled_clock(self) -> ClockMode:
        """The folder's own clock; a new folder takes the one asked for, else the real one."""
        kept = kept_secret(self.data / "clock", lambda: self._wanted_clock or "real").strip()
        if self._wanted_clock not in (None, kept):
            raise ClockModeError(
                f"Thư mục {self.data} dùng đồng hồ {kept}; hãy chọn thư mục khác cho đồng hồ "
                f"{self._wanted_clock}. / The folder {self.data} is on the {kept} clock; choose "
                f"another folder for the {self._wanted_clock} one."
            )
        return "simulated" if kept == "simulated" else "real"

    async def _start_servers(self) -> None:
        issuer = self._child(
            "issuer",
            lambda: [
                sys.executable, "-m", "embedded.issuer", "--data", str(self.issuer_folder),
                "--port", str(self._ports["issuer"]), "--allow-password-grant", CLI_CLIENT,
            ],
            lambda line: "issuer" in line,
        )  # fmt: skip
        smtp = self._child(
            "smtp",
            lambda: [
                sys.executable, "-m", "embedded.smtp_sink", "--dir", str(self.smtp_folder),
                "--port", str(self._ports["smtp"]),
            ],
            lambda line: "port" in line,
        )  # fmt: skip
        postgres, nats = self.postgres, self.nats
        servers = [
            _Part(
                "postgres", lambda: postgres.running, postgres.start, postgres.stop, postgres.kill
            ),
            _Part("nats", lambda: nats.running, nats.start, nats.stop, nats.kill),
            issuer,
            smtp,
        ]
        await asyncio.gather(*map(self._start_part, servers))

    async def _prepare_databases(self) -> None:
        for service in self.services:
            self._dsns[service] = await self.postgres.create_role_and_database(service)
            engine = db.engine_for(self._dsns[service], pool=2)
            try:
                await migrate.upgrade(engine, service)
            finally:
                await engine.dispose()

    def _service(self, service: str) -> _Part:
        return self._child(
            service,
            lambda: [sys.executable, "-m", f"services.{service}", "serve"],
            lambda line: line.get("message") == "ready" and "address" in line,
            lambda: self._settings(service),
        )

    def _settings(self, service: str) -> dict[str, str]:
        """The whole environment of a service."""
        port = self._ports[service]
        key = kept_secret(private_folder(self.data / "secrets") / f"page-token-key.{service}")
        settings = _outside() | {
            "DONDOC_DATABASE_URL": self._dsns[service],
            "DONDOC_NATS_URL": self.nats.url,
            "DONDOC_ISSUER_URL": str(self._children["issuer"].said["issuer"]),
            "DONDOC_LISTEN": f"127.0.0.1:{port}",
            "DONDOC_PAGE_TOKEN_KEY": key,
            "DONDOC_CLOCK": self.clock,
        }
        if service == "reporting" and self.clock == "simulated":
            settings.setdefault("DONDOC_REPORTS_FROM", SIMULATED_REPORTS_FROM)
        if service == "notify":
            settings |= {
                "DONDOC_SMTP_HOST": "127.0.0.1",
                "DONDOC_SMTP_PORT": str(self._ports["smtp"]),
                "DONDOC_SMTP_FROM": SENDER,
            }
        return settings | dict(self._overrides.get(service, {}))

    def _child(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        is_ready: Callable[[dict[str, object]], bool],
        environment: Callable[[], Mapping[str, str]] | None = None,
    ) -> _Part:
        child = Child(name, self.data, command, environment or _outside, is_ready)
        self._children[name] = child

        async def start() -> None:
            # The port stays the same over restarts, so that addresses stay true; another program
            # may have taken it meanwhile, then it is worth one more try on another one.
            for last in (False, True):
                self._ports.setdefault(name, free_port())
                try:
                    await child.start()
                    break
                except ServerStartError as error:
                    if last or not port_taken(str(error)):
                        raise
                    del self._ports[name]

        return _Part(name, lambda: child.running, start, child.stop, child.kill)

    async def _start_part(self, part: _Part) -> None:
        self._parts.append(part)  # first, so that `stop` knows it whatever happens
        await part.start()
        part.started_at = time.monotonic()

    # -- keeping alive ----------------------------------------------------------------------

    async def _restart(self, part: _Part) -> None:
        if time.monotonic() - part.started_at > HEALTHY_SECONDS:
            part.deaths = 0
        while True:
            pause = min(FIRST_BACK_OFF * 2**part.deaths, LONGEST_BACK_OFF)
            part.deaths += 1
            self._say(
                f"{part.name} đã dừng, khởi động lại sau {pause:g} giây "
                f"/ {part.name} died, starting again in {pause:g} s"
            )
            await asyncio.sleep(pause)
            try:
                await part.kill()  # lets its locks go
                await part.start()
            except Exception as error:  # whatever it is: the others go on, and it is tried again
                self._say(f"{part.name}: {str(error).partition(chr(10))[0]}")
                continue
            part.started_at = time.monotonic()
            self._write()
            self._say(f"{part.name} đã chạy lại / {part.name} runs again")
            return

    def _write(self) -> RunFile:
        """run.json as it is now."""
        found = RunFile(
            data=str(self.data),
            clock=self.clock,
            issuer=str(self._children["issuer"].said["issuer"]),
            issuer_folder=str(self.issuer_folder),
            nats=self.nats.url,
            smtp_host="127.0.0.1",
            smtp_port=self._ports["smtp"],
            smtp_folder=str(self.smtp_folder),
            supervisor=Mark.of(os.getpid()),
            services={
                service: RunningService(
                    address=str(self._children[service].said["address"]),
                    dsn=self._dsns[service],
                    pid=self._children[service].pid,
                    log=str(self._children[service].log),
                )
                for service in self.services
            },
        )
        found.write()
        return found


def _outside() -> dict[str, str]:
    """The environment of the machine without settings of other houses."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DONDOC_") or name in PASSED_ON
    }
