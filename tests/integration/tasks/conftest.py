from __future__ import annotations

import pytest_asyncio

from tests.fixtures.house import StartService
from tests.integration.tasks.tasks_house import TasksHouse


@pytest_asyncio.fixture
async def house(start_service: StartService) -> TasksHouse:
    """A running `tasks` that knows its agencies and the calendar, and no task yet."""
    made = TasksHouse(await start_service("tasks"))
    await made.furnish()
    return made
