"""The sessions behind the tokens: who logged in, through which client, and until when.

They live in memory: after a restart of the issuer access tokens still verify, but users log in
again. Each refresh replaces the refresh token; one that comes a second time was stolen or leaked,
so it ends the session for both who hold it (Keycloak: revokeRefreshToken, refreshTokenMaxReuse 0).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass


@dataclass(slots=True)
class Session:
    """One login. Times are seconds since the epoch; `refresh_id` is the only one still good."""

    sid: str
    username: str
    client_id: str
    scope: str
    ends_at: float
    idle_until: float
    refresh_id: str = ""


class Sessions:
    """All open sessions, and the access tokens that were revoked one by one."""

    def __init__(self, idle: int, longest: int) -> None:
        self._idle = idle
        self._longest = longest
        self._sessions: dict[str, Session] = {}
        self._revoked: dict[str, float] = {}

    def open(self, username: str, client_id: str, scope: str, now: float) -> Session:
        """Open a session, and forget those that have ended."""
        self._sessions = {
            sid: session for sid, session in self._sessions.items() if session.idle_until > now
        }
        session = Session(
            sid=secrets.token_urlsafe(18),
            username=username,
            client_id=client_id,
            scope=scope,
            ends_at=now + self._longest,
            idle_until=now,
        )
        self.touch(session, now)
        self._sessions[session.sid] = session
        return session

    def touch(self, session: Session, now: float) -> None:
        """The session was used: it idles anew, but never beyond its end."""
        session.idle_until = min(now + self._idle, session.ends_at)

    def find(self, sid: object, now: float) -> Session | None:
        """The open session of that id, or None."""
        session = self._sessions.get(sid) if isinstance(sid, str) else None
        return session if session is not None and session.idle_until > now else None

    def close(self, sid: str) -> None:
        """End a session; nothing happens if it has ended."""
        self._sessions.pop(sid, None)

    def revoke_token(self, token_id: str, expires_at: float, now: float) -> None:
        """Remember, until it expires anyway, that an access token is no longer good."""
        self._revoked = {jti: until for jti, until in self._revoked.items() if until > now}
        self._revoked[token_id] = expires_at

    def is_revoked(self, token_id: object) -> bool:
        """Whether that access token was revoked."""
        return token_id in self._revoked
