"""The whole plan, and carrying it out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cli.errors import CliError
from cli.keycloak.agencies import PARENTS, AgencyFacts
from cli.keycloak.client_plan import plan_clients, plan_scopes, plan_service_accounts
from cli.keycloak.connection import Connection, told_by_keycloak
from cli.keycloak.group_plan import plan_groups, refuse_torn
from cli.keycloak.groups import read_groups
from cli.keycloak.plan import Change, Plan
from cli.keycloak.realm_plan import (
    Realm,
    plan_groups_of_kinds,
    plan_new_realm,
    plan_profile,
    plan_roles,
    plan_settings,
    realm_exists,
)
from cli.language import Words
from embedded.issuer import DEFAULT_REALM_FILE


def read_realm(path: Path = DEFAULT_REALM_FILE) -> Realm:
    """The realm's file: the one that Keycloak imports and the embedded issuer reads."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def make_plan(
    connection: Connection, file: Realm, agencies: Sequence[AgencyFacts] | None
) -> tuple[Plan, list[Words]]:
    """The plan, and why it may not be carried out (nothing when it may). Reads Keycloak, writes nothing.

    `agencies` None: their groups are not looked at. Raises CliError when Keycloak refuses or does not answer.
    """
    admin, plan = connection.admin, Plan()
    with told_by_keycloak():
        if connection.whole_realm and not realm_exists(admin, file["realm"]):
            plan.add(plan_new_realm(file))
            plan.add(plan_groups(admin, agencies or (), {}))
            return plan, []
        found = read_groups(admin)
        if connection.whole_realm:
            plan.add(plan_settings(admin, file))
            plan.add(plan_roles(admin, file))
            plan.add(plan_scopes(admin, file))
            plan.add(plan_clients(admin, file))
            plan.add(plan_service_accounts(admin, file))
            plan.add(plan_profile(admin, file))
            plan.add(plan_groups_of_kinds(admin, file, found))
        elif missing := [name for name in PARENTS.values() if (name,) not in found]:
            names = ", ".join(missing)
            raise CliError(
                Words(
                    f"Realm chưa có nhóm: {names}. Quản trị viên cần chạy provision trước.",
                    f"The realm lacks the groups {names}: an administrator must provision it first.",
                )
            )
        if agencies is not None:
            plan.add(plan_groups(admin, agencies, found))
        return plan, refuse_torn(admin, found)


def carry_out(
    connection: Connection, changes: Sequence[Change], on_change: Callable[[Change], None]
) -> None:
    """One call after the other. Raises CliError at the first that is refused, naming it.

    What was done before stays done: the next run plans the rest.
    """
    for done, change in enumerate(changes):
        try:
            with told_by_keycloak():
                change.apply(connection.admin)
        except CliError as error:
            place = f"{change.kind} {change.name} ({done}/{len(changes)})"
            raise CliError(
                Words(f"{place}: {error.words.vi}", f"{place}: {error.words.en}")
            ) from None
        on_change(change)
