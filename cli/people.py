"""Who acts in the house: users of its issuer, made for each agency, with generated passwords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from dondoc.directory.v1.agency_pb2 import Agency, AgencyKind

from embedded.issuer import IssuerStore
from embedded.run_file import RunFile
from embedded.supervisor import CLI_CLIENT
from embedded.users import ensure_users_of


class People(Protocol):
    """Users by name: `vanphong`, `so-noi-vu.officer` …"""

    @property
    def token_url(self) -> str:
        """Where they log in."""
        ...

    def credentials(self, user: str) -> Mapping[str, str] | None:
        """What the password grant of this user takes; None for one that is not there."""
        ...

    def ensure(self, agencies: Sequence[Agency]) -> list[str]:
        """Makes sure that each of these agencies has its users; their names. Raises CliError."""
        ...


class EmbeddedPeople:
    """Those of the embedded issuer, whose data folder is at hand."""

    def __init__(self, found: RunFile) -> None:
        self.token_url = f"{found.issuer}/protocol/openid-connect/token"
        self._store = IssuerStore(Path(found.issuer_folder))

    def credentials(self, user: str) -> Mapping[str, str] | None:
        if self._store.user(user) is None:
            return None
        return {
            "client_id": CLI_CLIENT,
            "username": user,
            "password": self._store.password(user),
        }

    def ensure(self, agencies: Sequence[Agency]) -> list[str]:
        pairs = [
            (
                agency.name.removeprefix("agencies/"),
                AgencyKind.Name(agency.kind).removeprefix("AGENCY_KIND_"),
            )
            for agency in agencies
        ]
        return ensure_users_of(self._store, pairs)
