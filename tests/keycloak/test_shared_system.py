"""The shared software system: its own token, and its user's token exchanged for one of dondoc."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from services.kernel.runtime.identity import TokenVerifier
from tests.keycloak.people import PASSWORD, TEST_CLIENT, People
from tests.keycloak.server import Keycloak

SYSTEM, PORTAL = "dondoc-shared-system", "portal-of-the-tests"
AGENCY, USER = "so-xay-dung", "portal.officer"


@dataclass
class SharedSystem:
    """Knows its secret, as the administrator gave it."""

    keycloak: Keycloak
    secret: str

    def token(self, **form: str) -> httpx.Response:
        login = {"client_id": SYSTEM, "client_secret": self.secret}
        url = self.keycloak.token_url
        return httpx.post(url, data={**login, **form}, trust_env=False, timeout=60)

    def exchange(self, token: str) -> httpx.Response:
        return self.token(
            grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token=token,
            subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        )


@pytest.fixture(scope="module")
def shared_system(keycloak: Keycloak, people: People) -> SharedSystem:
    portal = {
        "clientId": PORTAL,
        "publicClient": True,
        "directAccessGrantsEnabled": True,
        "defaultClientScopes": ["dondoc-exchange"],
    }
    people.admin.create_client(portal, skip_exists=True)
    people.group("/departments", AGENCY)
    people.user(USER, f"/departments/{AGENCY}", "officer")
    client = people.admin.get_client_id(SYSTEM)
    return SharedSystem(keycloak, people.admin.get_client_secrets(client)["value"])


def login(people: People, client: str) -> str:
    answer = people.grant(grant_type="password", username=USER, password=PASSWORD, client_id=client)
    return str(answer.raise_for_status().json()["access_token"])


async def test_the_systems_own_token_has_its_role_and_no_agency(
    shared_system: SharedSystem, keycloak: Keycloak
) -> None:
    answer = shared_system.token(grant_type="client_credentials")
    token = answer.raise_for_status().json()["access_token"]
    principal = await TokenVerifier(keycloak.issuer, "dondoc").verify(token)
    assert "shared-system" in principal.roles
    assert principal.agency == ""


async def test_a_portals_user_token_is_exchanged_for_one_that_speaks_for_the_user(
    shared_system: SharedSystem, keycloak: Keycloak, people: People
) -> None:
    answer = shared_system.exchange(login(people, PORTAL))
    token = answer.raise_for_status().json()["access_token"]
    principal = await TokenVerifier(keycloak.issuer, "dondoc").verify(token)
    assert principal.subject == people.user(USER)
    assert principal.agency == AGENCY
    assert {"department", "officer"} <= principal.roles
    assert "shared-system" not in principal.roles


def test_the_token_of_a_client_that_was_not_given_to_the_system_is_not_exchanged(
    shared_system: SharedSystem, people: People
) -> None:
    refused = shared_system.exchange(login(people, TEST_CLIENT))
    assert refused.status_code in (400, 403)
    assert "audience" in refused.json()["error_description"]
