"""An SMTP server that keeps what it receives as numbered `.eml` files and sends nothing on.

It stands in for the province's mail server on one machine and in tests. Each accepted message
becomes `000001.eml`, `000002.eml` … in the order of receipt, with the envelope in front of it as
`Return-Path` and `Delivered-To`. Tests can make it fail as real servers do: refuse with 451, or
break the connection after DATA, when the sender cannot know whether the message has arrived.
The server runs in a thread of its own, so that it answers whatever its owner is doing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from embedded.files import private_folder
from embedded.process import listener_on

REFUSED = "451 4.3.0 Requested action aborted: try again later"
ACCEPTED = "250 2.0.0 Message accepted"


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """One message of the folder: its running number, its file, its parsed content."""

    number: int
    path: Path
    message: EmailMessage

    @property
    def message_id(self) -> str | None:
        """The Message-ID header as it was sent, with its angle brackets."""
        value = self.message["Message-ID"]
        return None if value is None else str(value)

    @property
    def recipients(self) -> list[str]:
        """The addresses of the envelope, in the order of RCPT TO."""
        return [str(value) for value in self.message.get_all("Delivered-To", [])]


class SmtpSink:
    """The sink; `with` starts and stops it. `port` 0 takes a free one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = private_folder(folder)
        self._wanted_port = port
        self._port: int | None = None
        self._refusals = 0
        self._drops = 0
        self._changed = threading.Condition()
        self._stopping = asyncio.Event()
        self._last = max((_number(path) for path in self._files()), default=0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1, the same over restarts of this object."""
        if self._port is None:
            raise RuntimeError("the sink has not been started")
        return self._port

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        listener = listener_on(self._port or self._wanted_port)
        self._port = listener.getsockname()[1]
        self._stopping = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop, listener), name="smtp-sink", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._loop = self._thread = None

    def _run(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        server = await asyncio.get_running_loop().create_server(self._protocol, sock=listener)
        await self._stopping.wait()
        server.close()  # the runner ends the open conversations

    def refuse_next(self, times: int = 1) -> None:
        """Answer the next `times` messages with 451 and do not keep them."""
        with self._changed:
            self._refusals = times

    def drop_next(self, times: int = 1) -> None:
        """Keep the next `times` messages, but break the connection instead of answering."""
        with self._changed:
            self._drops = times

    def received(self) -> list[ReceivedMessage]:
        """All messages of the folder in the order of receipt."""
        return [
            ReceivedMessage(_number(path), path, _parse(path)) for path in sorted(self._files())
        ]

    def clear(self) -> None:
        """Forget the messages (the numbers go on) and the failures that were asked for."""
        with self._changed:
            self._refusals = self._drops = 0
            for path in self._files():
                path.unlink()

    async def wait_for(
        self, condition: Callable[[list[ReceivedMessage]], bool], seconds: float = 120.0
    ) -> list[ReceivedMessage]:
        """The messages, as soon as `condition` holds for them. Raises TimeoutError."""
        return await asyncio.to_thread(self._wait_for, condition, seconds)

    def _wait_for(
        self, condition: Callable[[list[ReceivedMessage]], bool], seconds: float
    ) -> list[ReceivedMessage]:
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self.received()), seconds):
                raise TimeoutError(f"the condition does not hold after {seconds} s")
            return self.received()

    def _protocol(self) -> SMTP:
        loop = asyncio.get_running_loop()
        return SMTP(self, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd when a message is complete."""
        with self._changed:
            if self._refusals > 0:
                self._refusals -= 1
                return REFUSED
            self._keep(envelope)
            drop, self._drops = self._drops > 0, max(0, self._drops - 1)
            self._changed.notify_all()
        if drop and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return ACCEPTED

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        head = [f"Return-Path: <{envelope.mail_from or ''}>"]
        head += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        number = self._last + 1
        path = self.folder / f"{number:06d}.eml"
        unfinished = path.with_suffix(".part")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write("".join(f"{line}\r\n" for line in head).encode("utf-8") + content)
        unfinished.replace(path)
        self._last = number

    def _files(self) -> list[Path]:
        return [path for path in self.folder.glob("*.eml") if path.stem.isdigit()]


def _number(path: Path) -> int:
    return int(path.stem)


def _parse(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def main() -> None:
    """Run the sink until SIGTERM or Ctrl-C; the first line of stdout is JSON with the port."""
    parser = argparse.ArgumentParser(prog="python -m embedded.smtp_sink", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="folder for the .eml files")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 = a free one")
    arguments = parser.parse_args()
    # Blocked before the thread starts, which inherits this: so the signals wait for us here.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with SmtpSink(arguments.dir, arguments.port) as sink:
        sys.stdout.write(json.dumps({"host": "127.0.0.1", "port": sink.port}) + "\n")
        sys.stdout.flush()
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
