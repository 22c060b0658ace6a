"""The running house as one object: call any service as any user. For the command line and for tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from dondoc.directory.v1 import directory_service_pb2 as directory_pb
from dondoc.directory.v1.agency_pb2 import Agency
from dondoc.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from google.protobuf.message import Message

from cli.cluster.people import TrialPeople
from cli.people import EmbeddedPeople, People
from cli.tokens import Tokens
from embedded.run_file import RunFile
from embedded.users import OFFICE_USER

PAGE = 500
CALL_SECONDS = 60.0
RETRY_SECONDS = 60.0  # a service that died is back before that, on a busy machine too
# A server that begins to stop answers CANCELLED to calls that had reached it and that it had not begun.
TRIED_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0

# A service that died comes back at the same address: the channel tries again soon.
_CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
]
# Packages that are served by a service of another name; `limits` is on every one of them.
_HOME = {"directory": "directives", "calendar": "directives"}

# Names of methods that write nothing begin so.
_READING = ("Get", "List", "Resolve", "Explain", "Export", "Preview")


class House:
    """`async with House.load(data) as house: await house.call(TaskServiceStub, "GetTask", request)`.

    `positions` holds the last `dondoc-position` of each service, to be given as `after` to a call
    that must see what was written. `quiet` is what the clock saw when everything had settled; None as
    soon as something may have been written since.
    """

    def __init__(self, found: RunFile) -> None:
        self.found = found
        self.positions: dict[str, str] = {}
        self.quiet: Mapping[str, Any] | None = None
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._people = _people_of(found)
        self._tokens = Tokens(self._people, self.provision_users)

    @classmethod
    def load(cls, data: Path) -> House:
        """The house that runs on this data folder. Raises NotRunningError."""
        return cls(RunFile.read(data))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))
        self._channels.clear()
        await self._tokens.close()

    @property
    def services(self) -> tuple[str, ...]:
        """Those that run, in the order in which facts flow."""
        return tuple(self.found.services)

    def channel(self, service: str) -> grpc.aio.Channel:
        """One channel for each service."""
        if service not in self._channels:
            address = self.found.services[service].address
            self._channels[service] = grpc.aio.insecure_channel(address, options=_CHANNEL)
        return self._channels[service]

    async def token(self, user: str) -> str:
        """An access token. Raises CliError for unknown users."""
        return await self._tokens.token(user)

    async def call(
        self,
        stub: type[Any],
        method: str,
        request: Message,
        *,
        user: str = OFFICE_USER,
        after: str = "",
        service: str = "",
        patience: float = RETRY_SECONDS,
    ) -> Any:
        """Calls `method` of the generated `stub`, by default on the service that owns the package.

        UNAVAILABLE is tried again with the same request for `patience` seconds: its request id makes
        that safe. Raises grpc.aio.AioRpcError for every other refusal.
        """
        service = service or service_of(stub)
        if not method.startswith(_READING):
            self.quiet = None
        deadline, pause = time.monotonic() + patience, FIRST_PAUSE
        renewed = False
        while True:
            metadata = [("authorization", f"Bearer {await self.token(user)}")]
            if after:
                metadata.append(("dondoc-after", after))
            invoke = getattr(stub(self.channel(service)), method)
            calling = invoke(request, metadata=metadata, timeout=CALL_SECONDS)
            try:
                response = await calling
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAUTHENTICATED and not renewed:
                    # The issuer may have new keys, or have been set up anew.
                    renewed = True
                    self._tokens.forget(user)
                    continue
                if error.code() not in TRIED_AGAIN or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(pause)
                await self._look_again(service)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            for key, value in await calling.trailing_metadata() or ():
                if key == "dondoc-position":
                    self.positions[service] = str(value)
            return response

    async def _look_again(self, service: str) -> None:
        """A service that was started again is at its old address, unless that was taken meanwhile."""
        before = self.found.services[service].address
        self.found = RunFile.read(Path(self.found.data))
        if self.found.services[service].address != before:
            await self._channels.pop(service).close()

    async def pages(
        self, stub: type[Any], method: str, request: Any, field: str, *, user: str = OFFICE_USER
    ) -> list[Any]:
        """All of a list: `field` of each page. `request` is not changed."""
        asked = type(request)()
        asked.CopyFrom(request)
        asked.page_size = PAGE
        found: list[Any] = []
        while True:
            page = await self.call(stub, method, asked, user=user)
            found += getattr(page, field)
            if not page.next_page_token:
                return found
            asked.page_token = page.next_page_token

    async def agencies(self) -> list[Agency]:
        """All agencies of the directory."""
        ask = directory_pb.ListAgenciesRequest()
        return await self.pages(DirectoryServiceStub, "ListAgencies", ask, "agencies")

    async def provision_users(self, agencies: Iterable[Agency] | None = None) -> list[str]:
        """Makes sure that each agency has its users at the issuer; their names."""
        known = await self.agencies() if agencies is None else list(agencies)
        return await asyncio.to_thread(self._people.ensure, known)


def _people_of(found: RunFile) -> People:
    if found.keycloak is None:
        return EmbeddedPeople(found)
    return TrialPeople(found)


def service_of(stub: type[Any]) -> str:
    """The service whose package the stub belongs to: `dondoc.tasks.v1…` → `tasks`."""
    package = stub.__module__.split(".")[1]
    if package == "limits":
        raise ValueError("limits is on every service: say which one with `service=`")
    return _HOME.get(package, package)
