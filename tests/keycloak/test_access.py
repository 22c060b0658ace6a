"""The access table of the embedded issuer's tests, cell by cell, with tokens of a real Keycloak."""

from __future__ import annotations

import pytest

from tests.fixtures.world import World
from tests.integration.access import test_access_table as table
from tests.keycloak.people import People


@pytest.mark.rule("R6.3b", "R8.1a", "R21.3")
@pytest.mark.parametrize("rpc", table.EXPECTED)
async def test_access_with_keycloaks_tokens_is_as_the_table_says(
    keycloak_world: World, people: People, monkeypatch: pytest.MonkeyPatch, rpc: str
) -> None:
    monkeypatch.setattr(table, "token", people.member)
    assert not await table.differences(keycloak_world, rpc)
