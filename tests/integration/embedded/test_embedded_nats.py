from __future__ import annotations

import stat
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.js.errors import NotFoundError

from embedded.nats import EmbeddedNats
from embedded.process import free_port, listener_on
from tests.fixtures.eventually import PATIENCE_SECONDS


async def _publish(url: str, text: bytes) -> None:
    client = await nats.connect(url)
    try:
        stream = client.jetstream(timeout=PATIENCE_SECONDS)
        await stream.add_stream(name="TASKS", subjects=["tasks.>"])
        await stream.publish("tasks.TaskForwarded", text)
    finally:
        await client.close()


async def _messages(url: str) -> int:
    client = await nats.connect(url)
    try:
        stream = client.jetstream(timeout=PATIENCE_SECONDS)
        return (await stream.stream_info("TASKS")).state.messages
    finally:
        await client.close()


async def _ignore(_: Exception) -> None:
    """The refusal is what the test expects."""


async def test_a_login_without_the_password_is_refused(nats_server: EmbeddedNats) -> None:
    for url in (
        f"nats://127.0.0.1:{nats_server.port}",
        f"nats://dondoc:guess@127.0.0.1:{nats_server.port}",
    ):
        with pytest.raises(nats.errors.Error):
            await nats.connect(
                url, allow_reconnect=False, error_cb=_ignore, connect_timeout=PATIENCE_SECONDS
            )


async def test_the_password_is_in_private_files_and_on_no_command_line(
    nats_server: EmbeddedNats,
) -> None:
    secret = nats_server.data_dir / "secrets" / "nats.password"
    configuration = nats_server.data_dir / "nats.conf"
    assert {stat.S_IMODE(file.stat().st_mode) for file in (secret, configuration)} == {0o600}
    command = Path(f"/proc/{nats_server._process.pid}/cmdline").read_bytes()
    assert secret.read_bytes() not in command
    assert secret.read_bytes() not in nats_server.log.read_bytes()


async def test_streams_survive_restart_and_crash_and_wipe_empties_the_store(
    tmp_path: Path,
) -> None:
    server = EmbeddedNats(tmp_path)
    await server.start()
    url = server.url
    await _publish(url, b"one")
    with pytest.raises(RuntimeError, match="stop the server"):
        server.wipe()
    await server.stop()

    await server.start()
    assert server.url == url
    assert await _messages(url) == 1
    await _publish(url, b"two")
    await server.kill()

    await server.start()
    assert await _messages(url) == 2
    await server.stop()

    server.wipe()
    async with server:
        with pytest.raises(NotFoundError):
            await _messages(url)


async def test_a_server_whose_owner_died_is_taken_over(tmp_path: Path) -> None:
    lost = EmbeddedNats(tmp_path)
    await lost.start()
    await _publish(lost.url, b"one")
    lost._lock.release()  # as the kernel does when the owning process dies
    async with EmbeddedNats(tmp_path) as server:
        assert not lost.running
        assert await _messages(server.url) == 1


async def test_a_port_that_is_taken_between_choice_and_start_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listener_on(0) as stranger:
        taken = stranger.getsockname()[1]
        ports = iter([taken, free_port()])
        monkeypatch.setattr("embedded.nats.free_port", lambda: next(ports))
        async with EmbeddedNats(tmp_path) as server:
            assert server.port != taken
            assert server.running
