from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from embedded.files import FolderInUseError
from embedded.issuer import IssuerServer, IssuerStore, load_realm
from tests.fixtures.eventually import PATIENCE_SECONDS

TOKEN = "/realms/dondoc/protocol/openid-connect/token"
CERTS = "/realms/dondoc/protocol/openid-connect/certs"
# Each request on a connection of its own, as servers come and go here.
HTTP = httpx.Client(timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))


def _log_in(url: str, username: str, password: str) -> httpx.Response:
    form = {"grant_type": "password", "client_id": "dondoc-cli"}
    return HTTP.post(url + TOKEN, data={**form, "username": username, "password": password})


def _claims(url: str, token: str) -> dict[str, object]:
    keys = KeySet.import_key_set(HTTP.get(url + CERTS).json())
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


def test_a_user_logs_in_with_the_generated_password(issuer: IssuerServer) -> None:
    store = issuer.issuer.store
    user = store.ensure_user("so-noi-vu.officer", "so-noi-vu", ["department", "officer"])
    answer = _log_in(issuer.url, user.username, store.password(user.username))
    claims = _claims(issuer.url, answer.json()["access_token"])
    assert claims["iss"] == f"{issuer.url}/realms/dondoc"
    assert (claims["sub"], claims["agency"]) == (user.sub, "so-noi-vu")
    assert claims["realm_access"] == {"roles": ["department", "officer"]}
    assert claims["exp"] - claims["iat"] == 300


def test_the_shared_system_logs_in_with_its_secret_and_has_its_role(issuer: IssuerServer) -> None:
    secret = issuer.issuer.store.client_secret("dondoc-shared-system")
    form = {"grant_type": "client_credentials"}
    answer = HTTP.post(issuer.url + TOKEN, data=form, auth=("dondoc-shared-system", secret))
    claims = _claims(issuer.url, answer.json()["access_token"])
    assert claims["realm_access"] == {"roles": ["shared-system"]}
    assert "agency" not in claims


def test_a_disabled_user_gets_no_token_anew(issuer: IssuerServer) -> None:
    store = issuer.issuer.store
    store.ensure_user("gone.officer", "gone", ["department"])
    password = store.password("gone.officer")
    refresh = _log_in(issuer.url, "gone.officer", password).json()["refresh_token"]
    store.disable_user("gone.officer")
    answer = _log_in(issuer.url, "gone.officer", password)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Account disabled")
    form = {"grant_type": "refresh_token", "client_id": "dondoc-cli", "refresh_token": refresh}
    assert HTTP.post(issuer.url + TOKEN, data=form).json() == {
        "error": "invalid_grant",
        "error_description": "User disabled",
    }


def test_a_rotated_key_still_verifies_until_it_is_retired(tmp_path: Path) -> None:
    with IssuerServer(tmp_path, load_realm()) as server:
        issuer = server.issuer
        issuer.store.ensure_user("office.officer", "office", ["office"])
        old_kid, old = issuer.keys.active_kid, issuer.token_for("office.officer")
        new_kid = issuer.keys.rotate()
        new = issuer.token_for("office.officer")
        assert [key["kid"] for key in HTTP.get(server.url + CERTS).json()["keys"]] == [
            new_kid,
            old_kid,
        ]
        assert _claims(server.url, old)["sub"] == _claims(server.url, new)["sub"]
        issuer.keys.retire(old_kid)
        with pytest.raises(InvalidKeyIdError):
            _claims(server.url, old)
        assert _claims(server.url, new)["agency"] == "office"
        with pytest.raises(ValueError, match="rotate first"):
            issuer.keys.retire(new_kid)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"grant_type=password&grant_type=password", 400, "invalid_request"),
        (b"grant_type=\xff", 400, "invalid_request"),
        (b"&".join(b"f%d=1" % number for number in range(60)), 400, "invalid_request"),
        (b"a=" + b"x" * 70_000, 413, "invalid_request"),
        (
            b"grant_type=password&client_id=dondoc-cli&username=%00&password=%00",
            400,
            "invalid_grant",
        ),
    ],
)
def test_a_malformed_form_is_refused_and_never_an_inner_error(
    issuer: IssuerServer, body: bytes, status: int, error: str
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = HTTP.post(issuer.url + TOKEN, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("endpoint", "fields", "status", "error", "description"),
    [
        (
            "token",
            {"grant_type": "password"},
            401,
            "invalid_request",
            "Missing parameter: username",
        ),
        ("token", {"grant_type": "refresh_token"}, 400, "invalid_request", "No refresh token"),
        (
            *("token", {"grant_type": "client_credentials"}, 401, "unauthorized_client"),
            "Public client not allowed to retrieve service account",
        ),
        ("revoke", {}, 400, "invalid_request", "Token not provided"),
        ("logout", {"refresh_token": "x"}, 400, "invalid_grant", "Invalid refresh token"),
    ],
)
def test_a_missing_field_is_answered_in_the_words_of_keycloak(
    issuer: IssuerServer,
    endpoint: str,
    fields: dict[str, str],
    status: int,
    error: str,
    description: str,
) -> None:
    url = f"{issuer.url}/realms/dondoc/protocol/openid-connect/{endpoint}"
    answer = HTTP.post(url, data={"client_id": "dondoc-cli", **fields})
    assert answer.status_code == status
    assert answer.json() == {"error": error, "error_description": description}


def test_a_second_server_on_the_same_folder_is_refused(issuer: IssuerServer) -> None:
    with pytest.raises(FolderInUseError):
        IssuerServer(issuer.data_dir, load_realm()).start()


def test_as_a_process_it_sees_new_users_keeps_its_keys_and_prints_no_secret(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "embedded.issuer", "--data", str(tmp_path)]
    command += ["--port", "0", "--allow-password-grant", "dondoc-cli"]
    store = IssuerStore(tmp_path)
    store.ensure_user("office.officer", "office", ["office"])
    tokens, output = [], ""
    for _ in range(2):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                url = json.loads(line)["url"]
                store.ensure_user("later.officer", None, ["auditor"])
                answer = _log_in(url, "later.officer", store.password("later.officer"))
                tokens.append(answer.json()["access_token"])
                assert all(_claims(url, token)["realm_access"] for token in tokens)
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0
                output += line + process.stdout.read()
            finally:
                process.kill()
    files = [file for file in tmp_path.iterdir() if file.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert store.password("later.officer") not in output
    assert not any(token in output for token in tokens)
