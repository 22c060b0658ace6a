"""Who calls: an access token of Keycloak (or of the embedded issuer), verified once, then remembered.

ES256 only, the key chosen by `kid`: a token that names another algorithm is refused, whatever keys the
issuer publishes. A revocation takes hold when the token ends, at most five minutes later.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.kernel.runtime.errors import DondocError, unavailable

ALGORITHMS = ["ES256"]
REMEMBERED = 10_000  # tokens
KEYS_AGE_SECONDS = 300.0
RETRY_SECONDS = 5.0  # between two fetches of keys for unknown kids
LEEWAY_SECONDS = 5

POSITIONS = ("head", "officer")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. `agency` is the slug of his own agency, empty for a system."""

    subject: str
    agency: str
    roles: frozenset[str]
    expires_at: float

    @property
    def positions(self) -> frozenset[str]:
        return self.roles & frozenset(POSITIONS)


class Verifier(Protocol):
    async def verify(self, token: str) -> Principal: ...


def unauthenticated(en: str, vi: str) -> DondocError:
    return DondocError(grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", vi, en)


class TokenVerifier:
    """Verifies against the issuer's published keys; keys are fetched again for an unknown kid."""

    def __init__(self, issuer: str, audience: str, keys_url: str = "") -> None:
        self._issuer, self._audience, self._keys_url = issuer, audience, keys_url
        self._keys: dict[str, Any] = {}
        self._fetched = self._tried = 0.0
        self._lock = asyncio.Lock()
        self._known: OrderedDict[bytes, Principal] = OrderedDict()

    async def fetch_keys(self) -> None:
        """Raises httpx.HTTPError when the issuer cannot be reached."""
        self._tried = time.monotonic()
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            if not self._keys_url:
                found = await client.get(f"{self._issuer}/.well-known/openid-configuration")
                self._keys_url = str(found.raise_for_status().json()["jwks_uri"])
            answer = (await client.get(self._keys_url)).raise_for_status().json()
        usable = [k for k in answer["keys"] if k.get("kty") == "EC" and k.get("alg") in ALGORITHMS]
        kept = {key["kid"]: KeySet.import_key_set({"keys": [key]}).keys[0] for key in usable}
        if set(self._keys) - set(kept):
            self._known.clear()  # a key was withdrawn: what it signed counts no more
        self._keys, self._fetched = kept, time.monotonic()

    async def _key(self, kid: str) -> Any:
        now = time.monotonic()
        aged = now - self._fetched > KEYS_AGE_SECONDS
        if (kid not in self._keys or aged) and now - self._tried > RETRY_SECONDS:
            async with self._lock:
                if time.monotonic() - self._tried > RETRY_SECONDS:
                    try:
                        await self.fetch_keys()
                    except (httpx.HTTPError, KeyError, ValueError):
                        if kid not in self._keys:
                            raise unavailable(
                                "ISSUER_UNREACHABLE",
                                "Không kết nối được máy chủ định danh.",
                                "the token issuer cannot be reached",
                            ) from None
        if kid not in self._keys:
            raise unauthenticated("the token's key is not known", "Khóa ký của mã không hợp lệ.")
        return self._keys[kid]

    async def verify(self, token: str) -> Principal:
        """UNAUTHENTICATED for anything but a valid, unexpired access token for our audience."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known and time.monotonic() - self._fetched <= KEYS_AGE_SECONDS:
            if known.expires_at + LEEWAY_SECONDS > time.time():
                return known
            raise unauthenticated("the token has expired", "Mã truy cập đã hết hạn.")
        principal = await self._verify(token)
        self._known[digest] = principal
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return principal

    async def _verify(self, token: str) -> Principal:
        try:
            header = _header(token)
            if header.get("alg") not in ALGORITHMS:
                raise ValueError
            key = await self._key(str(header.get("kid", "")))
            decoded = jwt.decode(token, key, algorithms=ALGORITHMS)
            registry = jwt.JWTClaimsRegistry(
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._audience},
                exp={"essential": True},
                sub={"essential": True},
            )
            registry.validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise unauthenticated("the token is not valid", "Mã truy cập không hợp lệ.") from None
        claims = decoded.claims
        if claims.get("typ", "Bearer") != "Bearer":
            raise unauthenticated("this is no access token", "Đây không phải mã truy cập.")
        agency = claims.get("agency") or ""
        roles = (claims.get("realm_access") or {}).get("roles", [])
        if not isinstance(agency, str) or not isinstance(roles, list):
            raise unauthenticated("the token's claims are malformed", "Mã truy cập không hợp lệ.")
        return Principal(
            subject=str(claims["sub"]),
            agency=agency,
            roles=frozenset(str(role) for role in roles),
            expires_at=float(claims["exp"]),
        )


def _header(token: str) -> dict[str, Any]:
    part = token.split(".", 1)[0]
    decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(decoded, dict):
        raise ValueError
    return decoded
