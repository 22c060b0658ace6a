"""What Keycloak writes into tokens, as the services' own verifier reads it."""

from __future__ import annotations

import pytest
from joserfc import jws

from services.kernel.runtime.errors import DondocError
from services.kernel.runtime.identity import TokenVerifier
from tests.keycloak.people import GROUP_OF_ROLE, People
from tests.keycloak.server import Keycloak

AGENCY = "so-noi-vu"
BUILT_IN = {"default-roles-dondoc", "offline_access", "uma_authorization"}


@pytest.mark.parametrize("role", GROUP_OF_ROLE)
@pytest.mark.parametrize("position", ["head", "officer"])
async def test_a_user_of_an_agencys_group_is_known_by_agency_role_and_position(
    keycloak: Keycloak, people: People, role: str, position: str
) -> None:
    token = people.member(AGENCY, role, position)
    principal = await TokenVerifier(keycloak.issuer, "dondoc").verify(token)
    assert principal.agency == AGENCY
    assert principal.roles - BUILT_IN == {role, position}
    assert principal.subject == people.user(f"{AGENCY}.{role}-{position}")


async def test_a_user_without_a_group_has_neither_agency_nor_role(
    keycloak: Keycloak, people: People
) -> None:
    people.user("an-outsider")
    token = people.log_in("an-outsider").json()["access_token"]
    principal = await TokenVerifier(keycloak.issuer, "dondoc").verify(token)
    assert principal.agency == ""
    assert principal.roles <= BUILT_IN


async def test_tokens_are_signed_with_es256_for_the_services_alone(people: People) -> None:
    token = people.member(AGENCY, "department", "officer")
    assert jws.extract_compact(token.encode()).headers()["alg"] == "ES256"


async def test_a_token_for_another_audience_or_of_another_issuer_is_refused(
    keycloak: Keycloak, people: People
) -> None:
    token = people.member(AGENCY, "department", "officer")
    with pytest.raises(DondocError, match="not valid"):
        await TokenVerifier(keycloak.issuer, "somebody-else").verify(token)
    keys = f"{keycloak.issuer}/protocol/openid-connect/certs"
    other = TokenVerifier("http://127.0.0.1:1/realms/dondoc", "dondoc", keys)
    with pytest.raises(DondocError, match="not valid"):
        await other.verify(token)


async def test_neither_an_id_token_nor_a_refresh_token_lets_anybody_in(
    keycloak: Keycloak, people: People
) -> None:
    people.member(AGENCY, "department", "officer")
    answer = people.log_in(f"{AGENCY}.department-officer", scope="openid").json()
    verifier = TokenVerifier(keycloak.issuer, "dondoc")
    for kind in ("id_token", "refresh_token"):
        with pytest.raises(DondocError):
            await verifier.verify(answer[kind])


def test_a_user_cannot_give_himself_an_agency(people: People) -> None:
    """The group's attribute is a claim: a user attribute of that name would win over it."""
    user = people.user("an-ambitious-one", "", "officer")
    found = people.admin.get_user(user)
    people.admin.update_user(user, {**found, "attributes": {"agency": ["van-phong-ubnd-tinh"]}})
    token = people.log_in("an-ambitious-one").json()["access_token"]
    assert b"agency" not in jws.extract_compact(token.encode()).payload
