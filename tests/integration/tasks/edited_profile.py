"""A `tasks` that carries out another regulation: that of the province, with one thing said otherwise."""

from __future__ import annotations

from pathlib import Path

from services.kernel.limits.adapters.profile_files import SHIPPED
from tests.fixtures.house import StartService
from tests.integration.tasks.tasks_house import TasksHouse

_FILE = "69-2019-qd-ubnd.yaml"


async def house_of(start: StartService, folder: Path, said: str, instead: str) -> TasksHouse:
    """Where `said` stands in the profile, `instead` stands."""
    whole = (SHIPPED / _FILE).read_text(encoding="utf-8")
    assert said in whole
    (folder / _FILE).write_text(whole.replace(said, instead), encoding="utf-8")
    made = TasksHouse(await start("tasks", profile_path=str(folder)))
    await made.furnish()
    return made
