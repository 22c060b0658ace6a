from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedded.issuer import IssuerStore, OAuthError, TokenIssuer, load_realm

USER = "so-noi-vu.officer"


class Clock:
    """Seconds since the epoch, moved by the test."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(tmp_path: Path, clock: Clock) -> TokenIssuer:
    realm = load_realm().allowing_password_grant("dondoc-cli")
    issuer = TokenIssuer(tmp_path, realm, "http://127.0.0.1:1", clock)
    issuer.store.ensure_user(USER, "so-noi-vu", ["department", "officer"])
    return issuer


def _is_active(issuer: TokenIssuer, token: str) -> bool:
    return bool(issuer.introspect(issuer.realm.clients["dondoc"], token)["active"])


def _refused(call: Callable[..., Any], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(OAuthError) as refused:
        call(*arguments)
    return refused.value.status, refused.value.error, refused.value.description


def test_an_access_token_is_good_for_300_seconds(issuer: TokenIssuer, clock: Clock) -> None:
    token = issuer.token_for(USER)
    clock.now += 299
    assert _is_active(issuer, token)
    clock.now += 1
    assert not _is_active(issuer, token)


def test_a_session_ends_when_it_idles_and_at_the_latest_after_its_longest_life(
    issuer: TokenIssuer, clock: Clock
) -> None:
    client = issuer.realm.clients["dondoc-cli"]
    password = issuer.store.password(USER)
    tokens = issuer.password_grant(client, USER, password, "")
    clock.now += 1801
    assert _refused(issuer.refresh_grant, client, tokens["refresh_token"])[2] == (
        "Session not active"
    )
    tokens = issuer.password_grant(client, USER, password, "")
    for _ in range(20):
        clock.now += 1750
        tokens = issuer.refresh_grant(client, tokens["refresh_token"])
    assert tokens["refresh_expires_in"] == 36_000 - 20 * 1750
    clock.now += tokens["refresh_expires_in"]
    assert _refused(issuer.refresh_grant, client, tokens["refresh_token"])[2] == (
        "Session not active"
    )


def test_tokens_of_before_a_restart_still_verify_and_sessions_have_ended(
    issuer: TokenIssuer, tmp_path: Path, clock: Clock
) -> None:
    token = issuer.token_for(USER)
    restarted = TokenIssuer(tmp_path, issuer.realm, "http://127.0.0.1:1", clock)
    assert restarted.keys.active_kid == issuer.keys.active_kid
    assert restarted.keys.verify(token)["preferred_username"] == USER
    assert not _is_active(restarted, token)


def test_a_changed_role_stands_in_the_next_refreshed_token(issuer: TokenIssuer) -> None:
    client = issuer.realm.clients["dondoc-cli"]
    tokens = issuer.password_grant(client, USER, issuer.store.password(USER), "")
    issuer.store.ensure_user(USER, "so-noi-vu", ["department", "head"])
    tokens = issuer.refresh_grant(client, tokens["refresh_token"])
    claims = issuer.keys.verify(tokens["access_token"])
    assert claims["realm_access"]["roles"] == ["department", "head"]


def test_a_user_without_roles_and_agency_has_no_such_claims(issuer: TokenIssuer) -> None:
    issuer.store.ensure_user("bare", None, [])
    assert not {"realm_access", "agency"} & issuer.keys.verify(issuer.token_for("bare")).keys()


def test_a_client_cannot_revoke_or_log_out_the_session_of_another(issuer: TokenIssuer) -> None:
    client = issuer.realm.clients["dondoc-cli"]
    other = issuer.realm.clients["dondoc-provisioning"]
    tokens = issuer.password_grant(client, USER, issuer.store.password(USER), "")
    assert _refused(issuer.revoke, other, tokens["access_token"])[:2] == (400, "invalid_request")
    assert _refused(issuer.log_out, other, tokens["refresh_token"])[:2] == (400, "invalid_grant")
    assert _is_active(issuer, tokens["access_token"])


def test_an_unknown_user_costs_as_many_hashes_as_a_known_one(
    issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[int] = []
    scrypt = hashlib.scrypt

    def counted(*arguments: Any, **options: Any) -> bytes:
        hashes.append(options["n"])
        return scrypt(*arguments, **options)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    assert issuer.store.check_password(USER, "guess") is None
    known, hashes[:] = list(hashes), []
    assert issuer.store.check_password("unknown", "guess") is None
    assert hashes == known


def test_ensuring_a_known_user_keeps_subject_password_and_being_disabled(tmp_path: Path) -> None:
    store = IssuerStore(tmp_path)
    first = store.ensure_user(USER, "so-noi-vu", ["department"])
    password = store.password(USER)
    store.disable_user(USER)
    again = store.ensure_user(USER, "so-y-te", ["head", "department"])
    assert (again.sub, again.agency, again.roles) == (first.sub, "so-y-te", ("department", "head"))
    assert not again.enabled
    assert store.password(USER) == password
    with pytest.raises(KeyError):
        store.disable_user("unknown")


def test_a_second_process_sees_what_the_first_has_written(tmp_path: Path) -> None:
    writer, reader = IssuerStore(tmp_path), IssuerStore(tmp_path)
    for number in range(3):
        writer.ensure_user(f"user-{number}", None, ["auditor"])
        assert reader.usernames() == [f"user-{known}" for known in range(number + 1)]
    assert reader.client_secret("dondoc") == writer.client_secret("dondoc")


def test_passwords_are_random_and_not_kept_in_the_users_file(tmp_path: Path) -> None:
    store = IssuerStore(tmp_path)
    for name in ("one", "two"):
        store.ensure_user(name, None, ["auditor"])
    assert store.password("one") != store.password("two")
    users = (tmp_path / "users.json").read_text(encoding="utf-8")
    assert store.password("one") not in users
