"""The same requests to the embedded issuer and to Keycloak: status, fields and claims are the same.

The recorded answers in tests/contract/keycloak are held against the embedded issuer in every run of the
tests; here the real server answers itself, so that a new version of it cannot drift away unseen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from joserfc import jws

from embedded.issuer import IssuerServer
from tests.keycloak.people import PASSWORD, TEST_CLIENT, People
from tests.keycloak.server import Keycloak

AGENCY, USER, ROLES = "so-noi-vu", "same.answers", ("auditor", "department")
SYSTEM = "dondoc-shared-system"


@dataclass
class Server:
    """One of the two, and how to log in there."""

    url: str
    client: str
    password: str
    secret: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=60))

    @property
    def issuer(self) -> str:
        return f"{self.url}/realms/dondoc"

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"{self.url}{path}")

    def token(self, **form: str) -> httpx.Response:
        return self.http.post(f"{self.issuer}/protocol/openid-connect/token", data=form)

    def log_in(self, **form: str) -> httpx.Response:
        login = {"username": USER, "password": self.password, "client_id": self.client}
        return self.token(grant_type="password", **{**login, **form})

    def as_system(self, **form: str) -> httpx.Response:
        login = {"client_id": SYSTEM, "client_secret": self.secret}
        return self.token(grant_type="client_credentials", **{**login, **form})


@dataclass
class Both:
    embedded: Server
    real: Server

    def __iter__(self) -> Iterator[Server]:
        return iter((self.embedded, self.real))


@pytest.fixture(scope="module")
def both(issuer: IssuerServer, keycloak: Keycloak, people: People) -> Both:
    store = issuer.issuer.store
    store.ensure_user(USER, AGENCY, ROLES)
    people.group("/departments", AGENCY)
    people.user(USER, f"/departments/{AGENCY}", "auditor")
    client = people.admin.get_client_id(SYSTEM)
    secret = people.admin.get_client_secrets(client)["value"]
    return Both(
        Server(issuer.url, "dondoc-cli", store.password(USER), store.client_secret(SYSTEM)),
        Server(keycloak.url, TEST_CLIENT, PASSWORD, secret),
    )


def decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims."""
    found = jws.extract_compact(token.encode())
    return dict(found.headers()), json.loads(found.payload)


def shape(value: Any) -> Any:
    """Names of fields and kinds of values, whatever the values are."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return type(value).__name__


def assert_same_claims(both: Both, tokens: list[str]) -> None:
    (header, claims), (real_header, real_claims) = map(decoded, tokens)
    assert shape(header) == shape(real_header)
    assert header["alg"] == real_header["alg"]
    assert shape(claims) == shape(real_claims)
    for name in ("aud", "typ", "scope"):
        assert claims[name] == real_claims[name], name
    assert claims["exp"] - claims["iat"] == real_claims["exp"] - real_claims["iat"] == 300
    assert claims["iss"] == both.embedded.issuer
    assert real_claims["iss"] == both.real.issuer


def test_discovery_names_the_same_places_and_nothing_that_keycloak_lacks(both: Both) -> None:
    ours, theirs = (
        server.get("/realms/dondoc/.well-known/openid-configuration").json() for server in both
    )
    for name, value in ours.items():
        if isinstance(value, list):
            assert set(value) <= set(theirs[name]), name
        else:
            assert value.replace(both.embedded.url, both.real.url) == theirs[name], name


def test_the_published_keys_have_the_same_form(both: Both) -> None:
    ours, theirs = (
        server.get("/realms/dondoc/protocol/openid-connect/certs").json()["keys"] for server in both
    )
    of_es256 = [key for key in theirs if key["alg"] == "ES256"]
    assert of_es256
    for key in of_es256:
        assert shape(key) == shape(ours[0])
        assert {name: key[name] for name in ("kty", "alg", "use", "crv")} == {
            name: ours[0][name] for name in ("kty", "alg", "use", "crv")
        }


@pytest.mark.parametrize("scope", ["", "openid"])
def test_a_login_gives_the_same_answer_and_claims(both: Both, scope: str) -> None:
    ours, theirs = (server.log_in(**({"scope": scope} if scope else {})) for server in both)
    assert ours.status_code == theirs.status_code == 200
    assert shape(ours.json()) == shape(theirs.json())
    assert ours.headers["cache-control"] == theirs.headers["cache-control"]
    tokens = [ours.json()["access_token"], theirs.json()["access_token"]]
    assert_same_claims(both, tokens)
    claims, real = (decoded(token)[1] for token in tokens)
    assert claims["agency"] == real["agency"] == AGENCY
    assert claims["preferred_username"] == real["preferred_username"] == USER
    assert set(claims["realm_access"]["roles"]) == set(ROLES)
    assert set(ROLES) <= set(real["realm_access"]["roles"])


def test_a_systems_own_token_is_the_same(both: Both) -> None:
    ours, theirs = (server.as_system() for server in both)
    assert ours.status_code == theirs.status_code == 200
    assert shape(ours.json()) == shape(theirs.json())
    assert_same_claims(both, [answer.json()["access_token"] for answer in (ours, theirs)])


def test_a_refresh_gives_the_same_answer_and_uses_the_token_up(both: Both) -> None:
    first = [server.log_in().json()["refresh_token"] for server in both]

    def refreshed(token_of: list[str]) -> list[httpx.Response]:
        return [
            server.token(grant_type="refresh_token", client_id=server.client, refresh_token=token)
            for server, token in zip(both, token_of, strict=True)
        ]

    ours, theirs = refreshed(first)
    assert ours.status_code == theirs.status_code == 200
    assert shape(ours.json()) == shape(theirs.json())
    assert_same_claims(both, [answer.json()["access_token"] for answer in (ours, theirs)])
    ours, theirs = refreshed(first)
    assert ours.status_code == theirs.status_code == 400
    assert ours.json() == theirs.json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "guess"},
        {"username": "nobody"},
        {"client_id": "nobody"},
        {"client_id": "dondoc-cli-2", "client_secret": "x"},
        {"scope": "everything"},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_wrong_login_is_refused_in_the_same_words(both: Both, wrong: dict[str, str]) -> None:
    ours, theirs = (server.log_in(**wrong) for server in both)
    assert ours.status_code == theirs.status_code
    assert ours.json() == theirs.json()


@pytest.mark.parametrize(
    "wrong",
    [{"client_secret": "guess"}, {"client_secret": ""}, {"client_id": "dondoc"}],
    ids=["wrong", "empty", "of-another"],
)
def test_a_wrong_secret_is_refused_in_the_same_words(both: Both, wrong: dict[str, str]) -> None:
    ours, theirs = (server.as_system(**wrong) for server in both)
    assert ours.status_code == theirs.status_code
    assert ours.json() == theirs.json()


def test_the_command_line_may_not_log_in_by_password_where_there_is_a_login_page(
    both: Both,
) -> None:
    """The one difference that is meant: one machine has no login page."""
    answer = both.real.log_in(client_id="dondoc-cli")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
