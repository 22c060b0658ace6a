"""A child process of the supervisor: started with its environment, ready when it says so, stopped.

Its output goes to `log/<name>.log` of the data folder. Secrets reach it by its environment, never
by its command line, which every user of the machine can read. `run/<name>.json` remembers it, so
that the next supervisor stops what a killed one has left behind.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from embedded.alive import Mark
from embedded.files import private_folder, write_private
from embedded.process import ServerStartError, open_log, read_from, wait_for_exit

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90.0  # a slow machine imports five services at once
STOP_SECONDS = 20.0

Line = dict[str, Any]


class Child:
    """One process. `is_ready` recognises the JSON line of its output that says it is ready."""

    def __init__(
        self,
        name: str,
        data: Path,
        command: Callable[[], Sequence[str]],
        environment: Callable[[], Mapping[str, str]],
        is_ready: Callable[[Line], bool],
    ) -> None:
        self.name = name
        self.log = private_folder(data / "log") / f"{name}.log"
        self.said: Line = {}
        self._record = private_folder(data / "run") / f"{name}.json"
        self._command, self._environment, self._is_ready = command, environment, is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the last start; 0 before the first."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Returns when it is ready, with its line in `said`. Raises ServerStartError."""
        with open_log(self.log) as log:
            offset = log.tell()
            self._process = self._popen(log)
        write_private(self._record, json.dumps(asdict(Mark.of(self._process.pid))))
        try:
            self.said = await self._ready_line(offset)
        except BaseException:
            await self.kill()
            raise

    def _popen(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the command is our own
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(self._environment()),
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
        )

    async def _ready_line(self, offset: int) -> Line:
        deadline = time.monotonic() + READY_SECONDS
        while self.running and time.monotonic() < deadline:
            for text in read_from(self.log, offset).splitlines(keepends=True):
                if text.endswith("\n") and (line := _json(text)) and self._is_ready(line):
                    return line
            await asyncio.sleep(0.03)
        raise ServerStartError(
            f"{self.name} không khởi động được. / {self.name} did not become ready.\n"
            + read_from(self.log, offset)[-2000:]
        )

    async def stop(self) -> None:
        """SIGTERM: it drains what runs; SIGKILL when that takes longer than STOP_SECONDS."""
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGTERM)
            if not await wait_for_exit(self._process, STOP_SECONDS):
                await self.kill()
        self._record.unlink(missing_ok=True)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await wait_for_exit(self._process, STOP_SECONDS)
        self._record.unlink(missing_ok=True)


async def stop_orphans(data: Path) -> list[str]:
    """Stops the children that a killed supervisor left on this folder; their names.

    The caller holds the folder's lock, so whatever still runs has lost its owner.
    """
    stopped = []
    for record in sorted((data / "run").glob("*.json")):
        mark = _mark(record)
        if mark and mark.alive():
            await mark.stop()
            stopped.append(record.stem)
        record.unlink(missing_ok=True)
    return stopped


def _mark(record: Path) -> Mark | None:
    try:
        return Mark(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _json(text: str) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
