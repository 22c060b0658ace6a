"""What the embedded servers share: a free port, waiting for a server, and leftovers of a crash.

A server outlives a supervisor that was killed. The next start holds the lock of the data folder,
so whatever still runs on that folder has lost its owner and is stopped first. Waiting means to
connect, and to notice at once when the process has died: never a blind sleep.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

# Below the range from which Linux takes the ports of outgoing connections (32768 and above):
# otherwise a client could occupy a server's port while that server restarts.
_PORTS = range(18000, 32000)
READY_SECONDS = 90.0  # only what does not start takes so long
_PORT_TAKEN = ("address already in use", "port taken", "failed to bind")


class ServerStartError(RuntimeError):
    """A server did not become ready; the message holds the end of its log."""


_NO_PORT = "Không tìm được cổng trống trên 127.0.0.1. / No free port was found on 127.0.0.1."


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    for _ in range(200):
        port = secrets.choice(_PORTS)
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerStartError(_NO_PORT)


def listener_on(port: int) -> socket.socket:
    """Listens on that port of 127.0.0.1, so that a client never meets a closed one. 0 takes a free port and
    holds it at once. Raises OSError if it is taken."""
    for _ in range(200):
        listener = socket.socket()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port or secrets.choice(_PORTS)))
            listener.listen(128)
        except OSError:
            listener.close()
            if port:
                raise
            continue
        return listener
    raise ServerStartError(_NO_PORT)


def port_taken(said: str) -> bool:
    """Whether a server ended because another program had taken its port between choice and start."""
    return any(sign in said.lower() for sign in _PORT_TAKEN)


async def wait_until_ready(
    process: subprocess.Popen[bytes],
    connects: Callable[[], Awaitable[bool]],
    *,
    name: str,
    log: Path,
    log_start: int,
    seconds: float = READY_SECONDS,
) -> None:
    """Wait until `connects()` is true.

    Raises ServerStartError when the process ends before that or `seconds` have passed; the
    message carries what the server wrote to `log` from the offset `log_start` on.
    """
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        trying = asyncio.ensure_future(connects())
        # Somebody else may sit on the port and be silent: ours has ended then.
        while not trying.done() and process.poll() is None and time.monotonic() < deadline:
            await asyncio.wait({trying}, timeout=0.05)
        if trying.done() and trying.result():
            return
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        await asyncio.sleep(0.02)
    raise ServerStartError(
        f"{name} không khởi động được. / {name} did not become ready.\n"
        + read_from(log, log_start)[-2000:]
    )


def open_log(path: Path) -> IO[bytes]:
    """The log of a server, opened for appending; only the owner may read it."""
    path.touch(mode=0o600)
    return path.open("ab")


def read_from(log: Path, offset: int) -> str:
    """The text of `log` from a byte offset on."""
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode("utf-8", errors="replace")


async def wait_for_exit(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait until the process has ended; False if it still runs after `seconds`."""
    try:
        await asyncio.to_thread(process.wait, seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def runs_on(pid: int, program: str, folder_or_file: Path) -> bool:
    """Whether `pid` is the server `program` started on that path, and no reused number."""
    command = _command_line(pid)
    return bool(command) and Path(command[0]).name == program and str(folder_or_file) in command[1:]


def _command_line(pid: int) -> list[str]:
    if Path("/proc/self").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(part) for part in raw.split(b"\0") if part]
    listing = subprocess.run(  # noqa: S603 - a number is the only argument
        ["ps", "-p", str(pid), "-o", "command="],  # noqa: S607 - macOS has it in the path
        capture_output=True,
        check=False,
    )
    return os.fsdecode(listing.stdout).split()


async def stop_orphan(pid: int, program: str, path: Path, how: signal.Signals) -> None:
    """Stop a server whose supervisor is gone; kill it if it has not ended after 30 seconds."""
    deadline = time.monotonic() + 30.0
    while runs_on(pid, program, path):
        overtime = time.monotonic() > deadline
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if overtime else how)
        await asyncio.sleep(0.05)


def descendants(pid: int) -> list[int]:
    """The processes below `pid`; empty where the kernel does not tell."""
    found: list[int] = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return found
    for child in map(int, children):
        found += [child, *descendants(child)]
    return found
