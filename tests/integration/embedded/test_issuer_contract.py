from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from embedded.issuer import Client, IssuerServer, load_realm
from tests.fixtures.eventually import PATIENCE_SECONDS
from tests.integration.embedded.keycloak_answers import ANSWERS, assert_same_answer, recorded

USER = "cora"
CLIENT = "dondoc-test"
PROTOCOL = "/realms/dondoc/protocol/openid-connect"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IssuerServer]:
    """An issuer with the clients and the user that were there when Keycloak was recorded."""
    realm = load_realm()
    scopes = ("dondoc",)
    clients = [
        Client(CLIENT, public=False, service_accounts=False, direct_access=True),
        Client("dondoc-sync", public=False, service_accounts=True, direct_access=False),
        Client(
            "dondoc-system",
            public=False,
            service_accounts=True,
            direct_access=False,
            service_roles=("shared-system",),
        ),
    ]
    known = {client.client_id: replace(client, default_scopes=scopes) for client in clients}
    realm = replace(realm, clients={**realm.clients, **known})
    with IssuerServer(tmp_path_factory.mktemp("issuer"), realm) as server:
        server.issuer.store.ensure_user(USER, "ITC-1", ["it-center", "auditor"])
        yield server


class Keycloaks:
    """Sends recorded requests to the issuer, their secrets filled in."""

    def __init__(self, server: IssuerServer, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http

    async def replay(self, name: str, *, bearer: str | None = None, **fields: str) -> Any:
        """Send the recorded request, compare the answer, return its body (None if empty)."""
        answer = recorded(name)
        request = answer["request"]
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        form = dict(request.get("form", {}))
        basic = None
        if form.pop("_auth", None) == "basic":
            basic = ("dondoc-system", self.server.issuer.store.client_secret("dondoc-system"))
        hidden = {key for key, value in form.items() if value == "***"}
        defaults = {"password": self.server.issuer.store.password(USER)}
        if "client_secret" in hidden:
            client_id = form["client_id"]
            defaults["client_secret"] = self.server.issuer.store.client_secret(client_id)
        form |= {key: fields[key] if key in fields else defaults[key] for key in hidden}
        response = await self.http.request(
            request["method"], request["path"], data=form or None, headers=headers, auth=basic
        )
        ours = frozenset({"agency"}) if "client_credentials" in name else frozenset()
        assert_same_answer(answer, response, self.server.url, ours)
        return response.json() if response.content else None

    async def log_in(self) -> dict[str, str]:
        return await self.replay("token_password")


@pytest_asyncio.fixture
async def keycloaks(server: IssuerServer) -> AsyncIterator[Keycloaks]:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as http:
        yield Keycloaks(server, http)


@pytest.mark.parametrize(
    "name",
    [
        "certs",
        "realm_info",
        "realm_unknown",
        "token_password",
        "token_password_no_openid",
        "token_password_unknown_user",
        "token_client_credentials",
        "token_client_credentials_basic",
        "token_client_credentials_openid",
        "token_client_credentials_refused",
        "token_bad_scope",
        "token_get",
        "token_grant_not_allowed",
        "token_missing_client",
        "token_missing_grant",
        "token_unsupported_grant",
        "token_unknown_client",
        "userinfo_no_token",
    ],
)
async def test_a_request_without_history_is_answered_as_by_keycloak(
    keycloaks: Keycloaks, name: str
) -> None:
    await keycloaks.replay(name)


async def test_wrong_secrets_are_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    await keycloaks.replay("token_password_wrong", password="guess")
    await keycloaks.replay("token_wrong_secret", client_secret="guess")


async def test_a_json_body_is_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    answer = recorded("token_json_body")
    response = await keycloaks.http.post(f"{PROTOCOL}/token", json={"grant_type": "password"})
    assert_same_answer(answer, response, keycloaks.server.url, frozenset())


async def test_refreshing_is_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    first = await keycloaks.log_in()
    await keycloaks.replay("token_refresh_garbage", refresh_token="garbage")
    await keycloaks.replay("token_refresh_with_access_token", refresh_token=first["access_token"])
    await keycloaks.replay("token_refresh_wrong_client", refresh_token=first["refresh_token"])
    second = await keycloaks.replay("token_refresh", refresh_token=first["refresh_token"])
    assert second["session_state"] == first["session_state"]


async def test_a_refresh_token_that_comes_twice_ends_the_session(keycloaks: Keycloaks) -> None:
    first = await keycloaks.log_in()
    second = await keycloaks.replay("token_refresh", refresh_token=first["refresh_token"])
    refused = await keycloaks.http.post(
        f"{PROTOCOL}/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": first["refresh_token"],
            "client_id": CLIENT,
            "client_secret": keycloaks.server.issuer.store.client_secret(CLIENT),
        },
    )
    assert refused.status_code == 400
    assert refused.json() == {
        "error": "invalid_grant",
        "error_description": "Maximum allowed refresh token reuse exceeded",
    }
    await keycloaks.replay("token_refresh_after_logout", refresh_token=second["refresh_token"])


async def test_introspection_is_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    tokens = await keycloaks.log_in()
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    for name in ("introspect_active", "introspect_by_issuing_client", "introspect_by_other_client"):
        await keycloaks.replay(name, token=access)
    for name in ("introspect_no_client_auth", "introspect_public_client"):
        await keycloaks.replay(name, token=access)
    await keycloaks.replay("introspect_garbage", token="garbage")
    await keycloaks.replay("introspect_refresh", token=refresh)


async def test_userinfo_is_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    tokens = await keycloaks.log_in()
    await keycloaks.replay("userinfo", bearer=tokens["access_token"])
    await keycloaks.replay("userinfo_post", bearer=tokens["access_token"])
    await keycloaks.replay("userinfo_bad_token", bearer="garbage")
    without = await keycloaks.replay("token_password_no_openid")
    await keycloaks.replay("userinfo_no_openid_scope", bearer=without["access_token"])


async def test_logging_out_is_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    tokens = await keycloaks.log_in()
    await keycloaks.replay("logout", refresh_token=tokens["refresh_token"])
    await keycloaks.replay("logout_again", refresh_token=tokens["refresh_token"])
    await keycloaks.replay("token_refresh_after_logout", refresh_token=tokens["refresh_token"])
    await keycloaks.replay("introspect_after_logout", token=tokens["access_token"])
    await keycloaks.replay("userinfo_after_logout", bearer=tokens["access_token"])


async def test_revoking_is_answered_as_by_keycloak(keycloaks: Keycloaks) -> None:
    tokens = await keycloaks.log_in()
    await keycloaks.replay("revoke_access", token=tokens["access_token"])
    inactive = await keycloaks.replay("introspect_after_logout", token=tokens["access_token"])
    assert inactive == {"active": False}
    await keycloaks.replay("revoke_refresh", token=tokens["refresh_token"])
    await keycloaks.replay("token_refresh_after_revoke", refresh_token=tokens["refresh_token"])
    await keycloaks.replay("revoke_garbage", token="garbage")


@pytest.mark.parametrize(
    "path",
    [
        "/realms/dondoc/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/realms/dondoc",
    ],
)
async def test_discovery_says_nothing_that_keycloak_does_not_say(
    keycloaks: Keycloaks, path: str
) -> None:
    answer = recorded("discovery")
    response = await keycloaks.http.get(path)
    assert response.headers["cache-control"] == answer["headers"]["cache-control"]
    ours = response.json()
    for field, value in ours.items():
        theirs = answer["body"][field]
        if isinstance(value, list):
            assert set(value) <= set(theirs), field
        else:
            assert value == theirs.replace("{BASE}", keycloaks.server.url), field
    assert {"issuer", "jwks_uri", "token_endpoint", "introspection_endpoint"} <= ours.keys()


def test_every_recorded_answer_is_replayed_by_a_test_of_this_file() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    missing = [file.stem for file in ANSWERS.glob("*.json") if f'"{file.stem}"' not in source]
    assert missing == []
