"""The connection to NATS that all parts of a process share."""

from __future__ import annotations

import asyncio
from typing import Any

import nats
import pytest
from nats.js.errors import NotFoundError

from embedded.nats import EmbeddedNats
from services.kernel.runtime import bus as bus_module
from services.kernel.runtime.bus import Bus
from tests.fixtures.eventually import PATIENCE_SECONDS, eventually


async def test_parts_that_connect_at_the_same_time_share_one_client(
    fresh_nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = [], nats.connect

    async def counted(*arguments: Any, **options: Any) -> Any:
        client = await real(*arguments, **options)
        made.append(client)
        return client

    monkeypatch.setattr(nats, "connect", counted)
    bus = Bus(fresh_nats.url)
    await asyncio.gather(*(bus.connect() for _ in range(5)))
    await bus.close()
    assert [client.is_closed for client in made] == [True]


async def test_what_is_pending_can_be_asked_before_anybody_connected(
    fresh_nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kernel.runtime.bus.ANSWER_SECONDS", PATIENCE_SECONDS)
    bus = Bus(fresh_nats.url)
    try:
        assert await bus.pending("tasks", "notify") == 0
    finally:
        await bus.close()


async def test_a_reader_is_forgotten_however_long_nats_takes_to_hear_it(
    fresh_nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bus_module, "ANSWER_SECONDS", PATIENCE_SECONDS)
    bus = Bus(fresh_nats.url)
    await bus.connect()
    try:
        await bus.ensure_stream("tasks")
        await bus.subscribe("tasks", "notify")
        await fresh_nats.kill()
        monkeypatch.setattr(bus_module, "ANSWER_SECONDS", 0.05)
        forgetting = asyncio.create_task(bus.forget_reader("tasks", "notify"))

        async def waits() -> bool:
            return "waiting for NATS" in caplog.messages

        await eventually(waits)
        monkeypatch.setattr(bus_module, "ANSWER_SECONDS", PATIENCE_SECONDS)
        await fresh_nats.start()
        await forgetting
        with pytest.raises(NotFoundError):
            await bus.jetstream.consumer_info("tasks", "notify")
    finally:
        await bus.close()
