"""`dondoc up` as an operator uses it: real processes, one data folder over several lives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from embedded.alive import Mark
from embedded.run_file import RunFile, RunningService
from tests.fixtures.eventually import eventually

pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parents[2]
SERVICES = ["directives", "tasks", "inspections", "reporting", "notify"]
NOT_RUNNING, USAGE = 3, 2


async def dondoc(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A finished `dondoc …` on that data folder, in English."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        env={**os.environ, "DONDOC_DATA": str(data), "DONDOC_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )


def well(done: subprocess.CompletedProcess[str]) -> bool:
    """What `status` says at its end; on a busy machine a part may be late for a moment."""
    return done.returncode == 0


@asynccontextmanager
async def up(data: Path, *arguments: str) -> AsyncIterator[tuple[dict[str, Any], Any]]:
    """`dondoc up --json`: what it printed, and its process; stopped afterwards in any case."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli.main", "up", "--json", *arguments,
        cwd=ROOT,
        env={**os.environ, "DONDOC_DATA": str(data), "DONDOC_LANG": "en"},
        stdout=asyncio.subprocess.PIPE,
        stderr=(data.parent / f"{data.name}.stderr").open("ab"),
    )  # fmt: skip
    assert process.stdout
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 120)
        assert line, (data.parent / f"{data.name}.stderr").read_text("utf-8")
        yield json.loads(line), process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), 120)


def agencies_file(folder: Path) -> Path:
    file = folder / "agencies.json"
    office = {"id": "O03", "name": "Văn phòng UBND tỉnh", "kind": "office"}
    file.write_text(json.dumps({"organisations": [office]}), "utf-8")
    return file


def marks(data: Path) -> dict[str, Mark]:
    """The children that the supervisor remembers."""
    records = (data / "run").glob("*.json")
    return {record.stem: Mark(**json.loads(record.read_text("utf-8"))) for record in records}


async def test_up_tells_where_everything_is_until_down_stops_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with up(data, "--clock", "simulated") as (told, process):
        assert list(told["services"]) == SERVICES
        run_file = data / "run.json"
        assert stat.S_IMODE(run_file.stat().st_mode) == 0o600
        found = RunFile.read(data)
        assert {name: s.address for name, s in found.services.items()} == told["services"]
        assert (found.issuer, found.clock) == (told["issuer"], "simulated")
        assert all(s.dsn.endswith(f"/{name}") for name, s in found.services.items())
        assert Path(found.smtp_folder).is_dir()

        secrets = [s.dsn.split(":")[2].split("@")[0] for s in found.services.values()]
        secrets += [kept.read_text("utf-8") for kept in (data / "secrets").iterdir()]
        running = marks(data).values()
        for pid in [*(child.pid for child in running), process.pid]:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
            assert not any(secret in command for secret in secrets)

        health = await eventually(lambda: dondoc(data, "status", "--json"), well)
        assert json.loads(health.stdout)["healthy"] is True

        second = await dondoc(data, "up")
        assert second.returncode == NOT_RUNNING
        assert f"process {process.pid}" in second.stderr

        imported = await dondoc(data, "agencies", "import", str(agencies_file(tmp_path)), "--json")
        assert json.loads(imported.stdout)["totals"] == {"agency": {"given": 1, "entered": 1}}
        token = await dondoc(data, "token", "--user", "van-phong-ubnd-tinh.head")
        assert (token.stdout.count("."), token.stdout.count("\n"), token.stderr) == (2, 1, "")

        down = await dondoc(data, "down")
        assert down.returncode == 0, down.stderr
        assert await asyncio.wait_for(process.wait(), 120) == 0
    assert not run_file.exists()
    assert not marks(data)
    assert not any(child.alive() for child in running)
    nothing = await dondoc(data, "status")
    assert (nothing.returncode, "dondoc up" in nothing.stderr) == (NOT_RUNNING, True)


async def test_what_a_killed_supervisor_leaves_does_not_stop_the_next_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with up(data, "--clock", "simulated") as (_, process):
        await dondoc(data, "agencies", "import", str(agencies_file(tmp_path)))
        orphans = marks(data)
        assert set(orphans) == {*SERVICES, "issuer", "smtp"}
        process.kill()
        await process.wait()
        assert all(orphan.alive() for orphan in orphans.values())
        nothing = await dondoc(data, "status")
        assert nothing.returncode == NOT_RUNNING
    async with up(data) as (told, _):
        assert told["clock"] == "simulated"
        assert not any(orphan.alive() for orphan in orphans.values())
        listed = await dondoc(data, "agencies", "list", "--json")
        assert [agency["name"] for agency in json.loads(listed.stdout)] == [
            "agencies/van-phong-ubnd-tinh"
        ]


async def test_the_real_clock_is_not_set_and_a_folder_keeps_its_clock(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with up(data) as (told, process):
        assert told["clock"] == "real"
        for command in (["set", "2030-01-01"], ["advance", "1d"], ["show"]):
            refused = await dondoc(data, "clock", *command)
            assert refused.returncode == USAGE
            assert "runs on the real clock, which cannot be set" in refused.stderr
        await eventually(lambda: dondoc(data, "status"), well)

        # A service that dies comes back by itself, at its address.
        before = RunFile.read(data).services["tasks"]
        os.kill(before.pid, signal.SIGKILL)

        async def told() -> RunningService:
            return RunFile.read(data).services["tasks"]

        now = await eventually(told, lambda service: service.pid != before.pid)
        assert now.address == before.address
        await eventually(lambda: dondoc(data, "status"), well)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 120) == 0
    other = await dondoc(data, "up", "--clock", "simulated")
    assert other.returncode == 1
    assert "is on the real clock" in other.stderr
