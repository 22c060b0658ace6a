"""Users and secrets of the embedded issuer: files of the data folder, all of them 0600.

`users.json` holds username, subject, agency, roles and a salted hash; `passwords.json` and
`client-secrets.json` hold what was generated, so that the operator of the one machine can look it
up. Several processes may use a folder at once (the server, the command line): writes are
serialised by a lock and a reader notices that a file has changed. Passwords have 192 random bits;
the hash's modest cost is enough for them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from embedded.files import exclusive, new_password, private_folder, write_private

_SUBJECTS = uuid.uuid5(uuid.NAMESPACE_URL, "dondoc:issuer")
_SCRYPT = {"n": 2**12, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class User:
    """A person (or role mailbox). `sub` never changes; `agency` is a slug, None without agency."""

    username: str
    sub: str
    agency: str | None
    roles: tuple[str, ...]
    password_hash: str
    enabled: bool = True


class _JsonFile:
    """A JSON object in a file, read again when another process has replaced the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state: tuple[int, int] | None = None
        self._content: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return {}
        state = (status.st_ino, status.st_mtime_ns)
        if state != self._state:
            self._content = json.loads(self._path.read_text(encoding="utf-8"))
            self._state = state
        return self._content

    def put(self, key: str, value: Any) -> None:
        content = {**self.read(), key: value}
        write_private(self._path, json.dumps(content, ensure_ascii=False, indent=1))


class IssuerStore:
    """The users and client secrets of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = private_folder(data_dir)
        self._users = _JsonFile(data_dir / "users.json")
        self._passwords = _JsonFile(data_dir / "passwords.json")
        self._client_secrets = _JsonFile(data_dir / "client-secrets.json")
        self._nobodys_hash = _hash(new_password())

    def ensure_user(self, username: str, agency: str | None, roles: Collection[str]) -> User:
        """Make sure that the user exists with this agency and these roles.

        A new user gets a generated password (see `password`) and a subject that is derived from the
        name, so that the same acts are the same facts in every house. A known one keeps subject,
        password and whether it is enabled.
        """
        with exclusive(self.data_dir):
            user = self.user(username)
            wanted = tuple(sorted(roles))
            if user is None:
                password = new_password()
                user = User(
                    username, str(uuid.uuid5(_SUBJECTS, username)), agency, wanted, _hash(password)
                )
                self._passwords.put(username, password)
            elif (user.agency, user.roles) == (agency, wanted):
                return user
            else:
                user = replace(user, agency=agency, roles=wanted)
            self._users.put(username, asdict(user))
            return user

    def disable_user(self, username: str) -> None:
        """No login, no refresh from now on; access tokens end by themselves (5 minutes at most).

        Raises KeyError for an unknown user.
        """
        with exclusive(self.data_dir):
            user = self.user(username)
            if user is None:
                raise KeyError(username)
            self._users.put(username, asdict(replace(user, enabled=False)))

    def user(self, username: str) -> User | None:
        """The user of that name (exact spelling), or None."""
        entry = self._users.read().get(username)
        return None if entry is None else _user(entry)

    def usernames(self) -> list[str]:
        """All usernames in alphabetical order."""
        return sorted(self._users.read())

    def password(self, username: str) -> str:
        """The generated password. Raises KeyError for an unknown user."""
        password = self._passwords.read()[username]
        assert isinstance(password, str)
        return password

    def check_password(self, username: str, password: str) -> User | None:
        """The user if the password is right, else None; as slow for unknown users as for known."""
        user = self.user(username)
        right = _matches(password, self._nobodys_hash if user is None else user.password_hash)
        return user if right else None

    def client_secret(self, client_id: str) -> str:
        """The secret of a confidential client, generated on the first call."""
        known = self._client_secrets.read().get(client_id)
        if known is None:
            with exclusive(self.data_dir):
                known = self._client_secrets.read().get(client_id)
                if known is None:
                    known = new_password()
                    self._client_secrets.put(client_id, known)
        assert isinstance(known, str)
        return known

    def check_client_secret(self, client_id: str, secret: str) -> bool:
        """Whether that is the client's secret; compared in constant time."""
        return hmac.compare_digest(self.client_secret(client_id).encode(), secret.encode())


def _user(entry: Mapping[str, Any]) -> User:
    return User(**{**entry, "roles": tuple(entry["roles"])})


def _hash(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt).hex()}"


def _matches(password: str, kept: str) -> bool:
    salt, digest = kept.split("$")
    found = _scrypt(password, bytes.fromhex(salt))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_SCRYPT)
