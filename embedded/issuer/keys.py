"""The issuer's signing keys: ES256, chosen by `kid`, kept in `keys.json` (0600).

They outlive a restart, so that tokens issued before it still verify. `rotate` makes a new active
key and leaves the old ones in the JWKS (as a passive key in Keycloak); `retire` takes an old one
out, and tokens signed with it fail from then on. Refresh tokens are only read by the issuer
itself and carry an HS512 signature with a key that no rotation touches, as in Keycloak.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey

from embedded.files import exclusive, private_folder, write_private

ALGORITHM = "ES256"
_REFRESH_ALGORITHM = "HS512"


class InvalidTokenError(ValueError):
    """The token is none of ours: no JWT, unknown key, wrong algorithm or broken signature."""


class KeyRing:
    """All keys of one data folder; the last signing key is the active one."""

    def __init__(self, data_dir: Path) -> None:
        self._path = private_folder(data_dir) / "keys.json"
        with exclusive(data_dir):
            if not self._path.exists():
                self._signing = [_new_signing_key()]
                self._refresh = _new_refresh_key()
                self._save()
                return
        kept = json.loads(self._path.read_text(encoding="utf-8"))
        self._signing = [ECKey.import_key(key) for key in kept["signing"]]
        self._refresh = OctKey.import_key(kept["refresh"])

    @property
    def active_kid(self) -> str:
        """The id of the key that signs new tokens."""
        return _kid(self._signing[-1])

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWKS, the active one first."""
        return {"keys": [key.as_dict(private=False) for key in reversed(self._signing)]}

    def active_public_key(self) -> bytes:
        """The active key's public half, PEM."""
        return self._signing[-1].as_pem(private=False)

    def rotate(self) -> str:
        """Make a new active key and return its id; the old ones still verify."""
        self._signing = [*self._signing, _new_signing_key()]
        self._save()
        return self.active_kid

    def retire(self, kid: str) -> None:
        """Take an old key out of the JWKS.

        Raises KeyError for an unknown key and ValueError for the active one.
        """
        if kid == self.active_kid:
            raise ValueError("the active key cannot be retired; rotate first")
        rest = [key for key in self._signing if _kid(key) != kid]
        if len(rest) == len(self._signing):
            raise KeyError(kid)
        self._signing = rest
        self._save()

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT signed with the active key."""
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self.active_kid}
        return jwt.encode(header, claims, self._signing[-1], algorithms=[ALGORITHM])

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token of ours, its lifetime unchecked. Raises InvalidTokenError."""
        return _decode(token, KeySet(list(self._signing)), ALGORITHM)

    def sign_refresh(self, claims: dict[str, Any]) -> str:
        """A refresh token, which only this issuer can read."""
        header = {"alg": _REFRESH_ALGORITHM, "typ": "JWT", "kid": _kid(self._refresh)}
        return jwt.encode(header, claims, self._refresh, algorithms=[_REFRESH_ALGORITHM])

    def verify_refresh(self, token: str) -> dict[str, Any]:
        """The claims of a refresh token, its lifetime unchecked. Raises InvalidTokenError."""
        return _decode(token, self._refresh, _REFRESH_ALGORITHM)

    def _save(self) -> None:
        content = {
            "signing": [key.as_dict(private=True) for key in self._signing],
            "refresh": self._refresh.as_dict(private=True),
        }
        write_private(self._path, json.dumps(content, indent=1))


def _new_signing_key() -> ECKey:
    parameters: Any = {"kid": secrets.token_urlsafe(32), "alg": ALGORITHM, "use": "sig"}
    return ECKey.generate_key("P-256", parameters=parameters, private=True)


def _new_refresh_key() -> OctKey:
    parameters: Any = {"kid": secrets.token_urlsafe(16), "alg": _REFRESH_ALGORITHM, "use": "sig"}
    return OctKey.generate_key(512, parameters=parameters)


def _kid(key: ECKey | OctKey) -> str:
    assert key.kid is not None
    return key.kid


def _decode(token: str, key: KeySet | OctKey, algorithm: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError) as error:
        raise InvalidTokenError("token verification failed") from error
