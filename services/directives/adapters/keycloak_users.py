"""Members of agencies' groups and their roles, read from Keycloak as a client that may view users alone.

Keycloak cuts lists short unless it is asked in the right way: groups are walked by asking each for its
children without a query, which pages to the end, and so are members. Roles come user by user, since a
list of a role's users takes the right to view the realm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import httpx
from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakConnectionError, KeycloakError

from services.directives.domain.officers import User

CALL_SECONDS = 10
AT_ONCE = 8
_REFUSED = (400, 401, 403)  # 400: what Keycloak says to a client whose grant is switched off


class Failure(StrEnum):
    """OFFICERS_FAILURE_* of dondoc.directory.v1."""

    UNREACHABLE = "UNREACHABLE"
    REFUSED = "REFUSED"
    UNEXPECTED = "UNEXPECTED"
    NO_AGENCIES = "NO_AGENCIES"


class ReadingError(Exception):
    """Keycloak could not be read. Never carries what it said: that may hold what was sent."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class KeycloakUsers:
    """`realm` is an address like https://host/realms/dondoc."""

    def __init__(self, realm: str, client_id: str, client_secret: str) -> None:
        self.realm, self.client_id = realm, client_id
        self._base, self._name = realm.rsplit("/realms/", 1)
        self._secret = client_secret

    async def members(self) -> dict[str, list[User]]:
        """Of each agency that has a group, by slug. Raises ReadingError."""
        # A token and connections of this reading alone: nothing of an earlier Keycloak lives on.
        admin = KeycloakAdmin(
            server_url=self._base,
            realm_name=self._name,
            client_id=self.client_id,
            client_secret_key=self._secret,
            timeout=CALL_SECONDS,
        )
        try:
            found = await _members(admin)
        except KeycloakConnectionError:
            raise ReadingError(Failure.UNREACHABLE) from None
        except KeycloakError as error:
            refused = error.response_code in _REFUSED
            raise ReadingError(Failure.REFUSED if refused else Failure.UNEXPECTED) from None
        except httpx.TransportError:
            raise ReadingError(Failure.UNREACHABLE) from None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ReadingError(Failure.UNEXPECTED) from None
        finally:
            await _close(admin)
        if not found:
            raise ReadingError(Failure.NO_AGENCIES)
        return found


async def _members(admin: KeycloakAdmin) -> dict[str, list[User]]:
    groups: list[tuple[str, str]] = []
    for root in await admin.a_get_groups():
        # In that list top groups come without their attributes.
        await _walk(admin, await admin.a_get_group(root["id"]), "", groups)
    agencies: dict[str, set[str]] = {agency: set() for _, agency in groups}
    entries: dict[str, Mapping[str, Any]] = {}
    for group, agency in groups:
        for entry in await admin.a_get_group_members(group):
            agencies[agency].add(entry["id"])
            entries[entry["id"]] = entry
    users = await _with_roles(admin, entries)
    return {agency: [users[subject] for subject in found] for agency, found in agencies.items()}


async def _walk(
    admin: KeycloakAdmin, entry: Mapping[str, Any], agency: str, found: list[tuple[str, str]]
) -> None:
    """Group id and agency: its own attribute, else that of the nearest group above, as in tokens."""
    agency = next(iter((entry.get("attributes") or {}).get("agency", ())), agency)
    if agency:
        found.append((entry["id"], agency))
    if entry.get("subGroupCount", 1):
        for child in await admin.a_get_group_children(entry["id"]):
            await _walk(admin, child, agency, found)


async def _with_roles(
    admin: KeycloakAdmin, entries: Mapping[str, Mapping[str, Any]]
) -> dict[str, User]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(entry: Mapping[str, Any]) -> User:
        async with gate:
            roles = await admin.a_get_composite_realm_roles_of_user(entry["id"])
        return User(
            subject=entry["id"],
            username=entry["username"],
            email=entry.get("email") or "",
            enabled=entry["enabled"],
            roles=frozenset(role["name"] for role in roles),
        )

    try:
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(one(entry)) for entry in entries.values()]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return {user.subject: user for user in (task.result() for task in reading)}


async def _close(admin: KeycloakAdmin) -> None:
    await admin.connection.aclose()
    await admin.connection.keycloak_openid.connection.aclose()
