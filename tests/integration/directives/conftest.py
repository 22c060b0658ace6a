"""A running `directives` with agencies in its directory."""

from __future__ import annotations

import pytest_asyncio

from tests.fixtures.house import StartService
from tests.integration.directives.directives_house import Intake, furnish


@pytest_asyncio.fixture
async def intake(start_service: StartService) -> Intake:
    return await furnish(await start_service("directives"))
