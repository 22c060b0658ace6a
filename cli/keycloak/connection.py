"""The administrator's connection, from the environment alone: arguments can be read by everybody.

DONDOC_KEYCLOAK_URL is Keycloak's base URL. Then either the provisioning client, which may write groups
and nothing else of the realm:

    DONDOC_KEYCLOAK_CLIENT_ID      dondoc-provisioning by default
    DONDOC_KEYCLOAK_CLIENT_SECRET

or an administrator, for the realm itself:

    DONDOC_KEYCLOAK_ADMIN, DONDOC_KEYCLOAK_ADMIN_PASSWORD
    DONDOC_KEYCLOAK_ADMIN_REALM    master by default
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.errors import FAILED, USAGE, CliError
from cli.language import Words

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin
    from keycloak.exceptions import KeycloakError

PREFIX = "DONDOC_KEYCLOAK_"
PROVISIONING_CLIENT = "dondoc-provisioning"


@dataclass(frozen=True, slots=True)
class Connection:
    """`whole_realm`: roles, clients and mappers can be read and written, and not groups alone."""

    admin: KeycloakAdmin
    whole_realm: bool


def connect(realm: str, environment: Mapping[str, str]) -> Connection:
    """Raises CliError when the environment does not say how; nothing is called yet."""
    from keycloak import KeycloakAdmin

    def setting(name: str) -> str:
        return environment.get(PREFIX + name, "")

    url, admin, secret = setting("URL"), setting("ADMIN"), setting("CLIENT_SECRET")
    if not url or not (admin or secret):
        raise CliError(_how(), USAGE)
    if admin:
        return Connection(
            KeycloakAdmin(
                server_url=url,
                username=admin,
                password=setting("ADMIN_PASSWORD"),
                realm_name=realm,
                user_realm_name=setting("ADMIN_REALM") or "master",
            ),
            whole_realm=True,
        )
    client = setting("CLIENT_ID") or PROVISIONING_CLIENT
    return Connection(
        KeycloakAdmin(server_url=url, client_id=client, client_secret_key=secret, realm_name=realm),
        whole_realm=False,
    )


@contextmanager
def told_by_keycloak() -> Iterator[None]:
    """Turns a refusal of Keycloak into a CliError with its status and words."""
    from keycloak.exceptions import KeycloakError

    try:
        yield
    except KeycloakError as error:
        raise CliError(_words(error), FAILED) from None


def _words(error: KeycloakError) -> Words:
    status, said = error.response_code, _said(error)
    if not status:
        return Words(
            f"Không kết nối được Keycloak ({said}).", f"Keycloak cannot be reached ({said})."
        )
    if status == 403:
        return Words(
            f"Keycloak không cho phép (403): tài khoản này không đủ quyền quản trị. {said}",
            f"Keycloak refuses (403): this account lacks the administrator's rights. {said}",
        )
    return Words(f"Keycloak từ chối ({status}): {said}", f"Keycloak refuses ({status}): {said}")


def _said(error: KeycloakError) -> str:
    try:
        body = json.loads(error.response_body or b"")
    except ValueError:
        return str(error.error_message)[:200]
    if not isinstance(body, dict):
        return ""
    return str(body.get("error_description") or body.get("errorMessage") or body.get("error", ""))


def _how() -> Words:
    variables = (
        "DONDOC_KEYCLOAK_URL; DONDOC_KEYCLOAK_CLIENT_SECRET (dondoc-provisioning) / "
        "DONDOC_KEYCLOAK_ADMIN + DONDOC_KEYCLOAK_ADMIN_PASSWORD"
    )
    return Words(
        f"Hãy đặt các biến môi trường: {variables}. Xem docs/administration.md.",
        f"Set these environment variables: {variables}. See docs/administration.md.",
    )
