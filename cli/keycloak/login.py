"""Logging in at Keycloak's own page (device flow, RFC 8628, with PKCE), and the login that is kept.

The kept login is a file of its owner (0600) in the configuration folder: tokens, nothing else. Each
refresh replaces the refresh token, so that two commands at once must not use the same one: a lock.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.errors import FAILED, NOT_RUNNING, CliError
from cli.language import Words
from embedded.files import exclusive, private_folder, write_private

CLIENT = "dondoc-cli"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SPARE_SECONDS = 30.0  # a token this near to its end is refreshed
SLOWER_SECONDS = 5.0  # RFC 8628 3.5: what `slow_down` adds to the interval
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Login:
    """Tokens of one user at one issuer. `ends_at`: of the access token, seconds since the epoch."""

    issuer: str
    access_token: str
    refresh_token: str
    ends_at: float

    def claims(self) -> Mapping[str, Any]:
        """Of the access token, for showing: the services verify it, this does not."""
        part = self.access_token.split(".")[1]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return found


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that waits for its user at the page `url`; `ends_at` on the monotonic clock."""

    code: str
    url: str
    device_code: str
    verifier: str
    interval: float
    ends_at: float


def file() -> Path:
    """Where the login is kept."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "dondoc" / "login.json"


class Issuer:
    """Keycloak's realm as the command line sees it. Every method raises CliError."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS)
        found = self._answer(lambda: self._http.get(f"{self.url}/.well-known/openid-configuration"))
        # A page that names another issuer would send the user's code there.
        if found.status_code != 200 or found.json().get("issuer") != self.url:
            raise CliError(
                Words(
                    f"{self.url} không phải là một realm của Keycloak.",
                    f"{self.url} is no realm of Keycloak.",
                )
            )
        self._endpoints: Mapping[str, Any] = found.json()

    def begin(self) -> Pending:
        """Asks for a code. The verifier never leaves this process until the code was entered."""
        endpoint = self._endpoints.get("device_authorization_endpoint")
        if endpoint is None:
            raise CliError(
                Words(
                    "Máy chủ định danh này không có trang đăng nhập; trên một máy hãy dùng: "
                    "dondoc token --user <tên>",
                    "This issuer has no login page; on one machine use: dondoc token --user <name>",
                )
            )
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        answer = self._post(endpoint, code_challenge=challenge, code_challenge_method="S256")
        body = self._success(answer)
        return Pending(
            code=body["user_code"],
            url=body.get("verification_uri_complete") or body["verification_uri"],
            device_code=body["device_code"],
            verifier=verifier,
            interval=float(body.get("interval", 5)),
            ends_at=time.monotonic() + float(body["expires_in"]),
        )

    def wait(self, pending: Pending, sleep: Callable[[float], None] = time.sleep) -> Login:
        """Returns when the user has logged in and agreed."""
        interval = pending.interval
        while time.monotonic() < pending.ends_at:
            sleep(interval)
            form = {"device_code": pending.device_code, "code_verifier": pending.verifier}
            answer = self._token(grant_type=GRANT, **form)
            error = answer.json().get("error") if answer.status_code == 400 else None
            if error == "slow_down":
                interval += SLOWER_SECONDS
            elif error != "authorization_pending":
                return self._login(answer)
        raise CliError(Words("Mã đăng nhập đã hết hạn.", "The login code has expired."))

    def refresh(self, login: Login) -> Login:
        """New tokens; the old refresh token is used up."""
        return self._login(
            self._token(grant_type="refresh_token", refresh_token=login.refresh_token)
        )

    def log_out(self, login: Login) -> None:
        """Ends the session at Keycloak; one that has ended is no error."""
        endpoint = self._endpoints["end_session_endpoint"]
        self._post(endpoint, refresh_token=login.refresh_token)

    def _token(self, **form: str) -> httpx.Response:
        return self._post(self._endpoints["token_endpoint"], **form)

    def _post(self, url: str, **form: str) -> httpx.Response:
        return self._answer(lambda: self._http.post(url, data={"client_id": CLIENT, **form}))

    def _login(self, answer: httpx.Response) -> Login:
        body = self._success(answer)
        ends_at = time.time() + float(body["expires_in"])
        return Login(self.url, body["access_token"], body["refresh_token"], ends_at)

    def _answer(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return ask()
        except httpx.HTTPError as error:
            why = type(error).__name__
            raise CliError(
                Words(
                    f"Không kết nối được máy chủ định danh {self.url} ({why}).",
                    f"The issuer {self.url} cannot be reached ({why}).",
                )
            ) from None

    def _success(self, answer: httpx.Response) -> Mapping[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if answer.status_code == 200:
            found: Mapping[str, Any] = body
            return found
        why = str(body.get("error_description") or body.get("error") or answer.status_code)
        raise CliError(
            Words(f"Đăng nhập bị từ chối: {why}.", f"The login was refused: {why}."), FAILED
        )


def keep(login: Login) -> None:
    """Replaces what was kept."""
    private_folder(file().parent)
    write_private(file(), json.dumps(asdict(login)))


def kept() -> Login:
    """Raises CliError when nobody has logged in."""
    try:
        return Login(**json.loads(file().read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        raise CliError(
            Words(
                "Chưa đăng nhập. Hãy chạy: dondoc login --issuer <địa chỉ realm>",
                "Nobody has logged in. Run: dondoc login --issuer <address of the realm>",
            ),
            NOT_RUNNING,
        ) from None


def current() -> Login:
    """The kept login with a token that still lives, refreshed if need be. Raises CliError."""
    kept()
    with exclusive(file().parent):
        login = kept()
        if login.ends_at - time.time() < SPARE_SECONDS:
            login = Issuer(login.issuer).refresh(login)
            keep(login)
        return login


def forget() -> None:
    """Nobody is logged in any more, as far as this machine goes."""
    file().unlink(missing_ok=True)
