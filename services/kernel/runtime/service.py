"""A service as a process: what it needs is waited for with a clear message, what runs is drained."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import grpc
import httpx
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kernel.runtime import crashpoints, db, migrate, telemetry
from services.kernel.runtime.access import rules_of
from services.kernel.runtime.bus import Bus
from services.kernel.runtime.clock import RealClock, SimulatedClock, make_clock
from services.kernel.runtime.commands import Runner, Subtree
from services.kernel.runtime.consumer import Consumer, Handler
from services.kernel.runtime.gate import Gate
from services.kernel.runtime.identity import TokenVerifier, Verifier
from services.kernel.runtime.pages import Pages
from services.kernel.runtime.positions import Positions
from services.kernel.runtime.relay import Relay
from services.kernel.runtime.settings import Settings

logger = logging.getLogger("dondoc.service")

MESSAGE_BYTES = 4 * 1024 * 1024  # of one request
FIRST_JUDGEMENT_SECONDS = 5.0


class StartError(Exception):
    """The service cannot start; the text says what is missing and what to do."""


class Timer(Protocol):
    """Something that time does. `counts` names the field of limits.v1.Time that its backlog fills."""

    counts: str

    async def run(self) -> int:
        """Does what is due at the legal now; returns how much."""
        ...

    async def next_at(self, connection: AsyncConnection) -> datetime | None:
        """When the next thing is due that has not been done; past ones included."""
        ...

    async def backlog(self, connection: AsyncConnection, now: datetime) -> int:
        """How many things are due at `now` and not done."""
        ...


@dataclass(frozen=True, slots=True)
class Mounted:
    """A gRPC service: its descriptor, its servicer, and the generated function that adds it."""

    descriptor: ServiceDescriptor
    servicer: Any
    add: Callable[[Any, Any], None]


@dataclass
class Kernel:
    """What the kernel hands to a service's bootstrap to wire itself with."""

    service: str
    settings: Settings
    engine: AsyncEngine
    clock: RealClock | SimulatedClock
    bus: Bus
    relay: Relay
    runner: Runner
    pages: Pages
    salt: bytes
    verifier: Verifier
    readers: Sequence[str] = ()


@dataclass(frozen=True)
class Wiring:
    """What a bootstrap hands back: servicers, stream → handler, timers, workers that always run,
    starters that run once before the first call, and parts that may be unwell while calls go on, by
    the name under which gRPC health tells of them."""

    mounted: Sequence[Mounted]
    consumers: Mapping[str, Handler] = field(default_factory=dict)
    timers: Sequence[Timer] = ()
    workers: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    starters: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    health: Mapping[str, Callable[[], bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A service, as its bootstrap.py declares it."""

    name: str
    metadata: MetaData
    wire: Callable[[Kernel], Wiring]
    subtree: Subtree
    streams: Sequence[str] = ()  # of other services, that this one reads
    settings: type[Settings] = Settings
    # Deletes what was made from a stream's events, so that `replay` makes it again from nothing.
    forget: Callable[[AsyncConnection, str], Awaitable[None]] | None = None


def build(definition: Definition, settings: Settings, verifier: Verifier | None = None) -> Kernel:
    """The kernel of one process; opens no connection yet."""
    engine = db.engine_for(settings.database_url.get_secret_value(), settings.database_pool)
    key = settings.page_token_key.get_secret_value().encode()
    clock = make_clock(settings.clock)
    bus = Bus(settings.nats_url.get_secret_value())
    relay = Relay(definition.name, engine, bus, settings.poll_seconds)
    salt = hashlib.sha256(b"audit" + key).digest()
    return Kernel(
        service=definition.name,
        settings=settings,
        engine=engine,
        clock=clock,
        bus=bus,
        relay=relay,
        runner=Runner(
            definition.name, engine, clock,
            subtree=definition.subtree, committed=relay.wake, salt=salt,
        ),
        pages=Pages(hashlib.sha256(b"pages" + key).digest()),
        salt=salt,
        verifier=verifier
        or TokenVerifier(settings.issuer_url, settings.audience, settings.issuer_keys_url),
        readers=tuple(definition.streams),
    )  # fmt: skip


async def wait_for_what_it_needs(kernel: Kernel) -> None:
    """Database and issuer, until the start timeout; StartError says which one is missing."""
    end = time.monotonic() + kernel.settings.start_timeout_seconds
    said = ""
    while True:
        try:
            async with kernel.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
            if isinstance(kernel.verifier, TokenVerifier):
                await kernel.verifier.fetch_keys()
            return
        except (OSError, DBAPIError) as error:
            need, kind = "PostgreSQL (DONDOC_DATABASE_URL)", type(error).__name__
        except (httpx.HTTPError, KeyError, ValueError) as error:
            need, kind = "the token issuer (DONDOC_ISSUER_URL)", type(error).__name__
        if said != need:
            logger.warning("waiting", extra={"needed": need, "error": kind})
            said = need
        if time.monotonic() > end:
            raise StartError(f"{need} cannot be reached: {kind}")
        await asyncio.sleep(0.2)


class Running:
    """A started service: `address` it listens on; `stop` drains it."""

    def __init__(self, kernel: Kernel, definition: Definition) -> None:
        self.kernel, self.definition = kernel, definition
        self.address = ""
        self._tasks: list[asyncio.Task[None]] = []
        self.health = HealthServicer()
        self._server: grpc.aio.Server | None = None
        self.wiring = definition.wire(kernel)
        self.positions = Positions(kernel.service, definition.streams, kernel.engine)
        rules = rules_of(mounted.descriptor for mounted in self.wiring.mounted)
        self.gate = Gate(rules, kernel.verifier, self.positions)
        self.consumers = [
            Consumer(
                kernel.service, stream, handler,
                engine=kernel.engine, bus=kernel.bus, clock=kernel.clock,
                positions=self.positions, committed=kernel.relay.wake, salt=kernel.salt,
            )
            for stream, handler in self.wiring.consumers.items()
        ]  # fmt: skip

    async def start(self) -> None:
        kernel = self.kernel
        lacking = await migrate.missing(kernel.engine, kernel.service)
        if lacking:
            raise StartError(
                f"the database lacks the revisions {', '.join(lacking)}: "
                f"run `python -m services.{kernel.service} migrate` first"
            )
        server = grpc.aio.server(
            interceptors=[self.gate],
            options=[
                ("grpc.max_receive_message_length", MESSAGE_BYTES),
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 5000),
            ],
        )
        for mounted in self.wiring.mounted:
            mounted.add(mounted.servicer, server)
        health_pb2_grpc.add_HealthServicer_to_server(  # type: ignore[no-untyped-call]
            self.health, server
        )
        names = [mounted.descriptor.full_name for mounted in self.wiring.mounted]
        reflection.enable_server_reflection(  # type: ignore[no-untyped-call]
            [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server
        )
        port = server.add_insecure_port(kernel.settings.listen)
        if not port:
            raise StartError(f"cannot listen on {kernel.settings.listen}: is the port taken?")
        self.address = f"{kernel.settings.listen.rsplit(':', 1)[0]}:{port}"
        self._server = server
        for starter in self.wiring.starters:
            await starter()
        await server.start()
        self._spawn(kernel.relay.run(), "relay")
        for consumer in self.consumers:
            self._spawn(consumer.run(), f"consumer of {consumer.stream}")
        for worker in self.wiring.workers:
            self._spawn(worker(), "worker")
        if not kernel.clock.simulated:
            self._spawn(self._timers(), "timers")
        self._spawn(self._watch_parts(), "health of parts")
        for name in ["", *names]:
            await self.health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _timers(self) -> None:
        while True:
            for timer in self.wiring.timers:
                try:
                    if await timer.run():
                        self.kernel.relay.wake.set()
                except Exception as error:
                    # Whatever it is, the next round tries again: a timer that ends is a missed limit.
                    logger.error("a timer failed", extra={"error": type(error).__name__})
            await asyncio.sleep(self.kernel.settings.poll_seconds)

    async def _watch_parts(self) -> None:
        """Health of the name `relay`, and of the service's own parts: unwell, and writes go on."""
        while True:
            await self._tell_parts()
            await asyncio.sleep(0.5)

    async def _tell_parts(self) -> None:
        parts = {"relay": lambda: self.kernel.relay.healthy, **self.wiring.health}
        for name, healthy in parts.items():
            state = (
                health_pb2.HealthCheckResponse.SERVING
                if healthy()
                else health_pb2.HealthCheckResponse.NOT_SERVING
            )
            await self.health.set(name, state)

    async def first_judgement(self) -> None:
        """Returns when the health of `relay` says something; before, it is not known to be well.

        Calls are answered meanwhile, for they need no relay; and without NATS nobody waits for long.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.kernel.relay.judged.wait(), FIRST_JUDGEMENT_SECONDS)
        await self._tell_parts()

    async def stop(self) -> None:
        """Says NOT_SERVING, lets running calls end within the grace, then closes everything."""
        await self.health.enter_graceful_shutdown()
        if self._server:
            await self._server.stop(self.kernel.settings.drain_seconds)
        # Asked until it is heard: Python 3.11's wait_for drops a cancellation that meets its result.
        running = set(self._tasks)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.5)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.kernel.bus.close()
        await self.kernel.engine.dispose()


async def serve(definition: Definition, settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, or until a part of it fails for good."""
    telemetry.start_logging(definition.name, settings.log_level)
    provider = telemetry.start_tracing(definition.name, settings)
    crashpoints.arm(settings.crash_at)
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    kernel = build(definition, settings)
    await wait_for_what_it_needs(kernel)
    running = Running(kernel, definition)
    await running.start()
    await running.first_judgement()
    logger.info("ready", extra={"address": running.address})
    with contextlib.suppress(asyncio.CancelledError):
        await stopped.wait()
    logger.info("draining")
    await running.stop()
    provider.shutdown()
