"""NATS JetStream: a stream for each service, one durable consumer for each pair. Streams are disposable."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import nats
import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError, ServiceUnavailableError

logger = logging.getLogger("dondoc.bus")

ACK_WAIT_SECONDS = 10  # after it, what a killed reader held goes to another one
DUPLICATE_WINDOW_SECONDS = 120
ANSWER_SECONDS = 5.0  # then NATS is taken for away, and asked again
RETRY_SECONDS = 0.25


class Bus:
    """One connection of one process, reconnecting by itself."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def connect(self) -> None:
        """Returns at once when connected; raises nats errors when the server cannot be reached.

        Relay, readers and timers call it at the same time: a second client would be lost sight of, and
        never be closed.
        """

        async def quiet(_: Exception) -> None:
            return None

        async with self._connecting:
            if self._client is not None and not self._client.is_closed:
                return
            self._client = await nats.connect(
                self._url,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RETRY_SECONDS,
                connect_timeout=2,
                error_cb=quiet,
                ping_interval=10,
                allow_reconnect=True,
            )

    @property
    def jetstream(self) -> JetStreamContext:
        if self._client is None:
            raise ConnectionError("not connected to NATS")
        return self._client.jetstream(timeout=ANSWER_SECONDS)

    async def close(self) -> None:
        if self._client is not None and not self._client.is_closed:
            await self._client.close()

    async def ensure_stream(self, service: str) -> datetime:
        """Makes the stream of `service` if there is none; returns when it was made."""
        js = self.jetstream
        try:
            info = await js.stream_info(service)
        except NotFoundError:
            info = await js.add_stream(
                StreamConfig(
                    name=service,
                    subjects=[f"{service}.>"],
                    retention=RetentionPolicy.LIMITS,
                    storage=StorageType.FILE,
                    duplicate_window=DUPLICATE_WINDOW_SECONDS,
                )
            )
        created = info.created
        if created is None:
            raise ConnectionError("JetStream does not tell when the stream was made")
        return created if created.tzinfo else created.replace(tzinfo=UTC)

    async def subscribe(self, stream: str, reader: str) -> JetStreamContext.PullSubscription:
        """The durable consumer of `reader` on `stream`, from the first message on."""
        return await self.jetstream.pull_subscribe(
            subject=f"{stream}.>",
            durable=reader,
            stream=stream,
            config=ConsumerConfig(
                durable_name=reader,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_SECONDS,
                max_ack_pending=500,
            ),
        )

    async def last(self, stream: str, type: str) -> bytes | None:
        """The event of this type that came last; None where there is none. Raises nats errors."""
        await self.connect()
        try:
            message = await self.jetstream.get_last_msg(stream, f"{stream}.{type}")
        except NotFoundError:
            return None
        return message.data

    async def pending(self, stream: str, reader: str) -> int:
        """Messages that `reader` has not acknowledged yet, delivered or not.

        All of the stream before the reader has subscribed for the first time. Connects where nobody
        has yet: the clock may be asked the moment the server listens.
        """
        await self.connect()
        try:
            info: Any = await self.jetstream.consumer_info(stream, reader)
        except NotFoundError:
            try:
                return (await self.jetstream.stream_info(stream)).state.messages
            except NotFoundError:
                return 0
        return int(info.num_pending or 0) + int(info.num_ack_pending or 0)

    async def forget_reader(self, stream: str, reader: str) -> None:
        """`reader` begins anew when it subscribes again. Asks until NATS answers: what was made of the
        events may be forgotten already."""
        while True:
            try:
                await self.jetstream.delete_consumer(stream, reader)
            except NotFoundError:
                return
            except (nats.errors.TimeoutError, ServiceUnavailableError):
                logger.warning("waiting for NATS", extra={"stream": stream})
                await asyncio.sleep(RETRY_SECONDS)
                continue
            return
