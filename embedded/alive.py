"""Which process is meant: its number and when it started, since numbers are used again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mark:
    """A process: `pid` and `started` (as the kernel tells it; empty when nobody tells)."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Mark:
        return cls(pid, _started(pid))

    def alive(self) -> bool:
        """Whether that very process still runs; a zombie does not."""
        return bool(self.started) and _started(self.pid) == self.started

    def send(self, sign: signal.Signals) -> None:
        """Sends a signal to that very process; nothing when it is gone."""
        with contextlib.suppress(ProcessLookupError):
            if self.alive():
                os.kill(self.pid, sign)

    async def gone(self, seconds: float) -> bool:
        """Waits for its end; False if it still runs after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def stop(self, seconds: float = 15.0) -> None:
        """SIGTERM; SIGKILL when it has not ended after `seconds`. For processes of ours."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            self.send(sign)
            if await self.gone(seconds):
                return


def _started(pid: int) -> str:
    """Start of a living process; empty for none. Ticks since the boot, or what `ps` tells."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            # The name of the program stands in parentheses and may hold blanks.
            after_name = fields.rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if after_name[0] in "ZX" else f"{_boot()}:{after_name[19]}"
    listing = subprocess.run(  # noqa: S603 - a number is the only argument
        ["ps", "-p", str(pid), "-o", "lstart="],  # noqa: S607 - macOS has it in the path
        capture_output=True,
        check=False,
    )
    return os.fsdecode(listing.stdout).strip()


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "boot"
