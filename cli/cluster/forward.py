"""`kubectl port-forward` to one Service, at a local port that stays the same.

kubectl holds on to one pod and ends when that goes, as it does in every upgrade: it is begun again then.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from pathlib import Path

from cli.errors import CliError
from cli.language import Words
from embedded.files import private_folder
from embedded.process import open_log, read_from

READY_SECONDS, PAUSE_SECONDS, LOOK_SECONDS = 30.0, 0.5, 0.05


class Forward:
    """To port 8080 of a Service. `address`: host:port on this machine."""

    def __init__(self, name: str, command: Sequence[str], port: int, data: Path) -> None:
        self.name, self.address = name, f"127.0.0.1:{port}"
        self.log = private_folder(data / "log") / f"{name}.log"
        self._command = [*command, f"{port}:8080"]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns when it listens. Raises CliError with what kubectl says."""
        with open_log(self.log) as log:
            offset = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal reaches `dondoc connect` alone
            )
        try:
            async with asyncio.timeout(READY_SECONDS):
                while "Forwarding from" not in (said := read_from(self.log, offset)):
                    if self._process.returncode is not None:
                        raise CliError(Words(f"{self.name}: {said}", f"{self.name}: {said}"))
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            await self.stop()
            raise CliError(
                Words(f"{self.name}: kubectl không trả lời", f"{self.name}: kubectl says nothing")
            ) from None

    async def keep(self) -> None:
        """Begins it again whenever it ends. Runs until cancelled."""
        while True:
            assert self._process
            await self._process.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            with contextlib.suppress(CliError):  # in the log; the next pod may not be there yet
                await self.start()

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()
