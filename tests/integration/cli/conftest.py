"""A whole house for the tests of the command line: five processes on a simulated clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from cli import clock
from cli.client import House
from cli.importing.agencies import import_agencies
from cli.importing.directives import import_directives
from cli.importing.report import Report
from embedded.supervisor import Supervisor

SAMPLE = Path(__file__).parents[3] / "sample"


def sample(name: str) -> Any:
    return json.loads((SAMPLE / name).read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Imported:
    """The two files of the sample, entered on their dates."""

    house: House
    agencies: Report
    directives: Report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: Any) -> AsyncIterator[House]:
    """Watched, so that a service that a test kills comes back."""
    said: list[str] = []
    supervisor = Supervisor(
        tmp_path_factory.mktemp("house"), "simulated", durable=False, say=said.append
    )
    await supervisor.start()
    stopped = asyncio.Event()
    watching = asyncio.create_task(supervisor.watch(stopped))
    try:
        async with House.load(supervisor.data) as found:
            yield found
    finally:
        stopped.set()
        await watching
        await supervisor.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def imported(house: House) -> Imported:
    agencies = await import_agencies(house, sample("organisations.json"), placeholder_officers=True)
    directives = await import_directives(house, sample("directives.json"), on_dates=True)
    await clock.settle(house)
    return Imported(house, agencies, directives)
