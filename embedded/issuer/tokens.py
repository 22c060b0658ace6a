"""What the issuer does, without HTTP: grants, introspection, userinfo, revocation, logout.

Answers, error words and claims are those of Keycloak (tests/contract/keycloak holds the real
ones). `TokenIssuer` can be used by itself, too: `token_for` mints a token in-process. Tokens live
on real time, never on the simulated clock; access tokens live as long as the realm says
(300 s), which is the stated delay of a revocation where tokens are verified locally.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embedded.issuer.keys import InvalidTokenError, KeyRing
from embedded.issuer.realm import Client, Realm
from embedded.issuer.sessions import Session, Sessions
from embedded.issuer.store import IssuerStore, User

AUDIENCE = "dondoc"
_OPENID = "openid"
_INVALID_CLIENT = "Invalid client or Invalid client credentials"


class OAuthError(Exception):
    """An answer that refuses: HTTP status, OAuth's error code, and a description in English."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.error = error
        self.description = description


class TokenIssuer:
    """The issuer of one realm at `base_url`, on one data folder. May be called by any thread."""

    def __init__(
        self,
        data_dir: Path,
        realm: Realm,
        base_url: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.realm = realm
        self.issuer = f"{base_url}/realms/{realm.name}"
        self.store = IssuerStore(data_dir)
        self.keys = KeyRing(data_dir)
        self._clock = clock
        self._sessions = Sessions(realm.session_idle, realm.session_max)
        self._lock = threading.RLock()
        self._service_subjects = uuid.uuid5(uuid.NAMESPACE_URL, f"dondoc:realm:{realm.name}")

    # -- in-process -------------------------------------------------------------------------

    def token_for(self, username: str, client_id: str = "dondoc-cli") -> str:
        """An access token as the password grant gives it, without asking for the password.

        Raises KeyError for unknown names and OAuthError for a disabled user.
        """
        client = self.realm.clients[client_id]
        user = self.store.user(username)
        if user is None:
            raise KeyError(username)
        if not user.enabled:
            raise _account_disabled()
        with self._lock:
            return str(self._log_in(client, user, self._scope(client, ""))["access_token"])

    def client_token(self, client_id: str = "dondoc-shared-system") -> str:
        """An access token of a client's own. Raises KeyError or OAuthError."""
        answer = self.client_credentials_grant(self.realm.clients[client_id], "")
        return str(answer["access_token"])

    # -- clients ----------------------------------------------------------------------------

    def authenticate_client(self, client_id: str | None, secret: str | None) -> Client:
        """The client that calls. Raises OAuthError 401."""
        client = self.realm.clients.get(client_id or "")
        if client is None:
            raise OAuthError(401, "invalid_client", _INVALID_CLIENT)
        if client.public:
            return client
        if secret is None or not self.store.check_client_secret(client.client_id, secret):
            raise OAuthError(401, "unauthorized_client", _INVALID_CLIENT)
        return client

    # -- grants -----------------------------------------------------------------------------

    def password_grant(
        self, client: Client, username: str | None, password: str | None, scope: str
    ) -> dict[str, Any]:
        """Log a user in. Takes about 15 ms of CPU for the hash. Raises OAuthError."""
        if not client.direct_access:
            raise OAuthError(
                400, "unauthorized_client", "Client not allowed for direct access grants"
            )
        scope = self._scope(client, scope)
        if username is None:
            raise OAuthError(401, "invalid_request", "Missing parameter: username")
        user = self.store.check_password(username, password or "")
        if user is None:
            raise OAuthError(400, "invalid_grant", "Invalid user credentials")
        if not user.enabled:
            raise _account_disabled()
        with self._lock:
            return self._log_in(client, user, scope)

    def client_credentials_grant(self, client: Client, scope: str) -> dict[str, Any]:
        """A token of the client's service account: no session, no refresh. Raises OAuthError."""
        if client.public:
            raise OAuthError(
                401,
                "unauthorized_client",
                "Public client not allowed to retrieve service account",
            )
        if not client.service_accounts:
            raise OAuthError(
                401, "unauthorized_client", "Client not enabled to retrieve service account"
            )
        scope = self._scope(client, scope)
        account = self._service_account(client)
        claims = self._access_claims("trrtcc", account, client.client_id, scope)
        return self._answer(claims, scope, refresh_token=None, refresh_seconds=0)

    def refresh_grant(self, client: Client, refresh_token: str | None) -> dict[str, Any]:
        """New tokens for a refresh token, which is used up by that. Raises OAuthError 400."""
        if refresh_token is None:
            raise OAuthError(400, "invalid_request", "No refresh token")
        with self._lock:
            claims = self._refresh_claims(client, refresh_token)
            session = self._sessions.find(claims["sid"], self._clock())
            if session is None:
                raise OAuthError(400, "invalid_grant", "Session not active")
            if claims["jti"] != session.refresh_id:
                self._sessions.close(session.sid)
                raise OAuthError(
                    400, "invalid_grant", "Maximum allowed refresh token reuse exceeded"
                )
            user = self.store.user(session.username)
            if user is None or not user.enabled:
                raise OAuthError(400, "invalid_grant", "User disabled")
            return self._session_answer("onrtrt", session, user)

    # -- what becomes of tokens -------------------------------------------------------------

    def introspect(self, client: Client, token: str) -> dict[str, Any]:
        """All claims of a good access token, `{"active": false}` for anything else.

        Only a client named in the audience learns something. Raises OAuthError 403.
        """
        if client.public:
            raise OAuthError(403, "invalid_request", "Client not allowed.")
        inactive: dict[str, Any] = {"active": False}
        try:
            claims = self.keys.verify(token)
        except InvalidTokenError:
            return inactive
        if claims.get("aud") != client.client_id or self._why_not_good(claims) is not None:
            return inactive
        return {
            **claims,
            "client_id": claims["azp"],
            "username": claims["preferred_username"],
            "token_type": "Bearer",
            "active": True,
        }

    def userinfo(self, token: str) -> dict[str, Any]:
        """Claims about the user. Raises OAuthError 401 (bad token) and 403 (no scope openid)."""
        try:
            claims = self.keys.verify(token)
        except InvalidTokenError:
            raise OAuthError(401, "invalid_token", "Token verification failed") from None
        why = self._why_not_good(claims)
        if why is not None:
            raise OAuthError(401, "invalid_token", why)
        if _OPENID not in claims["scope"].split():
            raise OAuthError(403, "insufficient_scope", "Missing openid scope")
        told = ("sub", "agency", "realm_access", "preferred_username")
        return {name: claims[name] for name in told if name in claims}

    def revoke(self, client: Client, token: str) -> None:
        """End the session of a refresh token, or one access token alone.

        Raises OAuthError; Keycloak answers garbage with status 200 and an error in the body.
        """
        now = self._clock()
        with self._lock:
            claims = self._any_claims(token)
            if claims is None:
                raise OAuthError(200, "invalid_token", "Invalid token")
            if claims["azp"] != client.client_id:
                raise OAuthError(400, "invalid_request", "Unmatching clients")
            if claims["typ"] == "Refresh":
                self._sessions.close(claims["sid"])
            else:
                self._sessions.revoke_token(claims["jti"], claims["exp"], now)

    def log_out(self, client: Client, refresh_token: str) -> None:
        """End the session of a refresh token; again is no error. Raises OAuthError 400."""
        with self._lock:
            self._sessions.close(self._refresh_claims(client, refresh_token)["sid"])

    # -- inside -----------------------------------------------------------------------------

    def _scope(self, client: Client, requested: str) -> str:
        asked = requested.split()
        if not set(asked) <= {_OPENID, *client.default_scopes}:
            raise OAuthError(400, "invalid_scope", f"Invalid scopes: {requested}")
        return " ".join(([_OPENID] if _OPENID in asked else []) + list(client.default_scopes))

    def _log_in(self, client: Client, user: User, scope: str) -> dict[str, Any]:
        session = self._sessions.open(user.username, client.client_id, scope, self._clock())
        return self._session_answer("onrtro", session, user)

    def _session_answer(self, kind: str, session: Session, user: User) -> dict[str, Any]:
        now = self._clock()
        self._sessions.touch(session, now)
        session.refresh_id = str(uuid.uuid4())
        claims = self._access_claims(kind, user, session.client_id, session.scope, session.sid)
        refresh_token = self.keys.sign_refresh(
            {
                "exp": int(session.idle_until),
                "iat": int(now),
                "jti": session.refresh_id,
                "iss": self.issuer,
                "aud": self.issuer,
                "sub": user.sub,
                "typ": "Refresh",
                "azp": session.client_id,
                "sid": session.sid,
                "scope": session.scope,
            }
        )
        seconds = int(session.idle_until - now)
        return self._answer(claims, session.scope, refresh_token, seconds)

    def _access_claims(
        self, kind: str, user: User, client_id: str, scope: str, sid: str | None = None
    ) -> dict[str, Any]:
        now = int(self._clock())
        claims: dict[str, Any] = {
            "exp": now + self.realm.access_token_lifespan,
            "iat": now,
            "jti": f"{kind}:{uuid.uuid4()}",
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": user.sub,
            "typ": "Bearer",
            "azp": client_id,
        }
        if sid is not None:
            claims["sid"] = sid
        if user.roles:
            claims["realm_access"] = {"roles": list(user.roles)}
        claims["scope"] = scope
        if user.agency is not None:
            claims["agency"] = user.agency
        claims["preferred_username"] = user.username
        return claims

    def _answer(
        self,
        claims: dict[str, Any],
        scope: str,
        refresh_token: str | None,
        refresh_seconds: int,
    ) -> dict[str, Any]:
        access_token = self.keys.sign(claims)
        answer: dict[str, Any] = {
            "access_token": access_token,
            "expires_in": self.realm.access_token_lifespan,
            "refresh_expires_in": refresh_seconds,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": scope,
        }
        if refresh_token is not None:
            answer |= {"refresh_token": refresh_token, "session_state": claims["sid"]}
        if _OPENID in scope.split():
            answer["id_token"] = self.keys.sign(_id_claims(claims, access_token))
        return answer

    def _service_account(self, client: Client) -> User:
        return User(
            username=f"service-account-{client.client_id}",
            sub=str(uuid.uuid5(self._service_subjects, client.client_id)),
            agency=None,
            roles=client.service_roles,
            password_hash="",
        )

    def _refresh_claims(self, client: Client, token: str) -> dict[str, Any]:
        try:
            claims = self.keys.verify_refresh(token)
        except InvalidTokenError:
            raise OAuthError(400, "invalid_grant", "Invalid refresh token") from None
        if claims["azp"] != client.client_id:
            raise OAuthError(
                400,
                "invalid_grant",
                "Invalid refresh token. Token client and authorized client don't match",
            )
        return claims

    def _any_claims(self, token: str) -> dict[str, Any] | None:
        for verify in (self.keys.verify, self.keys.verify_refresh):
            try:
                return verify(token)
            except InvalidTokenError:
                continue
        return None

    def _why_not_good(self, claims: Mapping[str, Any]) -> str | None:
        """Why a token with our signature is no longer good as an access token, or None."""
        now = self._clock()
        if claims.get("typ") != "Bearer" or claims.get("iss") != self.issuer:
            return "Token verification failed"
        if claims["exp"] <= now or self._sessions.is_revoked(claims["jti"]):
            return "Token verification failed"
        if "sid" not in claims:  # a service account's token
            known = self.realm.clients.get(claims["azp"])
            return None if known is not None and known.service_accounts else "client_disabled"
        with self._lock:
            if self._sessions.find(claims["sid"], now) is None:
                return "user_session_not_found"
        user = self.store.user(claims["preferred_username"])
        return None if user is not None and user.enabled else "User disabled"


def _account_disabled() -> OAuthError:
    return OAuthError(400, "invalid_grant", "Account disabled")


def _id_claims(access: Mapping[str, Any], access_token: str) -> dict[str, Any]:
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    left_half = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")
    kept = ("exp", "iat", "iss", "sub", "azp", "sid")
    return {name: access[name] for name in kept if name in access} | {
        "jti": str(uuid.uuid4()),
        "aud": access["azp"],
        "typ": "ID",
        "at_hash": left_half,
    }
