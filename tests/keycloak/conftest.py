"""One real Keycloak for all tests of this folder, and the services that take its tokens."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from services.kernel.runtime.identity import TokenVerifier
from tests.fixtures.world import World
from tests.keycloak.distribution import KeycloakMissingError
from tests.keycloak.officer_desk import Realm
from tests.keycloak.people import People
from tests.keycloak.server import Keycloak, running

_realms = itertools.count(1)


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """Keycloak with the realm of deploy/keycloak; without Java the whole run fails and says so."""
    try:
        with running(tmp_path_factory.mktemp("keycloak")) as server:
            yield server
    except KeycloakMissingError as error:
        pytest.exit(f"No Keycloak to test on: {error}", returncode=1)


@pytest.fixture(scope="session")
def people(keycloak: Keycloak) -> People:
    """Makes users of agencies and logs them in."""
    return People(keycloak)


@pytest.fixture(scope="session")
def keycloak_world(world: World, keycloak: Keycloak) -> Iterator[World]:
    """The world of the access tests, its five services trusting Keycloak and nobody else."""
    before = {}
    for name, room in world.rooms.items():
        before[name] = room.running.gate._verifier
        room.running.gate._verifier = TokenVerifier(keycloak.issuer, "dondoc")
    yield world
    for name, verifier in before.items():
        world.rooms[name].running.gate._verifier = verifier


@pytest.fixture
def realm(keycloak: Keycloak) -> Realm:
    """One for this test alone."""
    return Realm(keycloak, f"officers-{next(_realms)}")


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened
