"""The issuer as a running server: uvicorn in a thread, on 127.0.0.1 and nowhere else.

The socket is opened before the issuer exists, because the issuer's name contains its port. No
access log is written: query strings and headers of such requests are secrets.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from embedded.files import FolderLock, private_folder
from embedded.issuer.http import create_app
from embedded.issuer.realm import Realm
from embedded.issuer.tokens import TokenIssuer
from embedded.process import listener_on


class IssuerServer:
    """One issuer on one data folder; `with` starts and stops it. `port` 0 takes a free one.

    Users may be added to the same folder while it runs, by `issuer.store` or by another process.
    """

    def __init__(self, data_dir: Path, realm: Realm, port: int = 0) -> None:
        self.data_dir = private_folder(data_dir)
        self._realm = realm
        self._port = port
        self._lock = FolderLock(data_dir)
        self._issuer: TokenIssuer | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:port`; known once the server has started."""
        if not self._port:
            raise RuntimeError("the port is chosen at the first start")
        return f"http://127.0.0.1:{self._port}"

    @property
    def issuer(self) -> TokenIssuer:
        """The issuer that answers the requests; its users, keys and tokens."""
        if self._issuer is None:
            raise RuntimeError("the server has not been started")
        return self._issuer

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
        """Serve; returns when requests are answered. Raises OSError, FolderInUseError."""
        self._lock.acquire()
        try:
            listener = listener_on(self._port)
        except BaseException:
            self._lock.release()
            raise
        try:
            self._port = listener.getsockname()[1]
            self._issuer = TokenIssuer(self.data_dir, self._realm, self.url)
        except BaseException:
            listener.close()
            self._lock.release()
            raise
        config = uvicorn.Config(
            create_app(self._issuer),
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=_serve, args=(self._server.run, listener), name="issuer", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered and close the port."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None
        self._lock.release()


def _serve(run: Callable[[list[socket.socket]], None], listener: socket.socket) -> None:
    with listener:
        run([listener])
