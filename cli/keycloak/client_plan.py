"""Client scopes with their mappers, clients, and the rights of service accounts, held to the file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from cli.keycloak.plan import Action, Change, Plan, by, created, differences, merged
from cli.keycloak.realm_plan import Realm

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

Entry = Mapping[str, Any]


def plan_scopes(admin: KeycloakAdmin, file: Realm) -> Plan:
    """The scopes of the file and every mapper in them; a mapper besides is to delete, since whatever
    it writes into tokens is a claim."""
    plan = Plan()
    found = by("name", admin.get_client_scopes())
    for scope in file["clientScopes"]:
        name, fields = scope["name"], {k: v for k, v in scope.items() if k != "protocolMappers"}
        if name not in found:
            make = partial(_create_scope, scope=scope)
            plan.changes.append(Change(Action.CREATE, "client scope", name, make, created(fields)))
            continue
        if changed := differences(fields, found[name]):
            update = partial(_update_scope, scope=merged(found[name], fields))
            plan.changes.append(Change(Action.UPDATE, "client scope", name, update, changed))
        plan.add(_plan_mappers(scope, found[name]))
    defaults = {each["name"] for each in admin.get_default_default_client_scopes()}
    for name in file["defaultDefaultClientScopes"]:
        if name not in defaults:
            make = partial(_make_default, scope=name)
            plan.changes.append(Change(Action.CREATE, "default client scope", name, make))
    return plan


def _plan_mappers(wanted: Entry, scope: Entry) -> Plan:
    plan = Plan()
    found = by("name", scope.get("protocolMappers", ()))
    for mapper in wanted["protocolMappers"]:
        name = f"{scope['name']} / {mapper['name']}"
        now = found.pop(mapper["name"], None)
        if now is None:
            make = partial(_add_mapper, scope=scope["id"], mapper=mapper)
            plan.changes.append(Change(Action.CREATE, "mapper", name, make, created(mapper)))
        elif changed := differences(mapper, now):
            update = partial(_update_mapper, scope=scope["id"], mapper=merged(now, mapper))
            plan.changes.append(Change(Action.UPDATE, "mapper", name, update, changed))
    for name, mapper in found.items():
        drop = partial(_delete_mapper, scope=scope["id"], mapper=mapper["id"])
        plan.changes.append(Change(Action.DELETE, "mapper", f"{scope['name']} / {name}", drop))
    return plan


def plan_clients(admin: KeycloakAdmin, file: Realm) -> Plan:
    """The clients of the file: settings and default scopes. Secrets are Keycloak's own to make."""
    plan = Plan()
    found = by("clientId", admin.get_clients())
    for client in file["clients"]:
        name = client["clientId"]
        # An update of a client leaves its scopes as they are: they have calls of their own.
        fields = {k: v for k, v in client.items() if not k.endswith("ClientScopes")}
        if name not in found:
            make = partial(_create_client, client=client)
            plan.changes.append(Change(Action.CREATE, "client", name, make, created(fields)))
            continue
        now = found[name]
        if changed := differences(fields, now):
            update = partial(_update_client, client=now["id"], fields=fields)
            plan.changes.append(Change(Action.UPDATE, "client", name, update, changed))
        shall, has = set(client["defaultClientScopes"]), set(now["defaultClientScopes"])
        for action, scopes in ((Action.CREATE, shall - has), (Action.DELETE, has - shall)):
            for scope in sorted(scopes):
                change = partial(_give_scope, action=action, client=now["id"], scope=scope)
                plan.changes.append(
                    Change(action, "scope of a client", f"{name} → {scope}", change)
                )
    return plan


def plan_service_accounts(admin: KeycloakAdmin, file: Realm) -> Plan:
    """What the clients' own accounts may do; a right that the file does not give is to delete.

    The role that Keycloak gives to everybody is left out of sight.
    """
    plan = Plan()
    clients = by("clientId", admin.get_clients())
    for account in file["users"]:
        client = account["serviceAccountClientId"]
        shall = _rights(account)
        has: set[tuple[str, str]] = set()
        if client in clients and clients[client]["serviceAccountsEnabled"]:
            user = admin.get_client_service_account_user(clients[client]["id"])["id"]
            found = admin.get_all_roles_of_user(user)
            has = {("", role["name"]) for role in found.get("realmMappings", ())}
            has -= {("", f"default-roles-{file['realm']}")}
            for owner, mapping in found.get("clientMappings", {}).items():
                has |= {(owner, role["name"]) for role in mapping["mappings"]}
        for action, rights in ((Action.CREATE, shall - has), (Action.DELETE, has - shall)):
            for owner, role in sorted(rights):
                change = partial(_give_right, action=action, client=client, owner=owner, role=role)
                name = f"{client} → {f'{owner}/' if owner else ''}{role}"
                plan.changes.append(Change(action, "right of a service account", name, change))
    return plan


def _rights(account: Entry) -> set[tuple[str, str]]:
    """(client that owns the role, empty for the realm; role)."""
    rights = {("", role) for role in account.get("realmRoles", ())}
    for owner, roles in account.get("clientRoles", {}).items():
        rights |= {(owner, role) for role in roles}
    return rights


def _create_scope(admin: KeycloakAdmin, scope: Entry) -> None:
    admin.create_client_scope(dict(scope))


def _update_scope(admin: KeycloakAdmin, scope: Entry) -> None:
    admin.update_client_scope(scope["id"], dict(scope))


def _make_default(admin: KeycloakAdmin, scope: str) -> None:
    admin.add_default_default_client_scope(_scope_id(admin, scope))


def _add_mapper(admin: KeycloakAdmin, scope: str, mapper: Entry) -> None:
    admin.add_mapper_to_client_scope(scope, dict(mapper))


def _update_mapper(admin: KeycloakAdmin, scope: str, mapper: Entry) -> None:
    admin.update_mapper_in_client_scope(scope, mapper["id"], dict(mapper))


def _delete_mapper(admin: KeycloakAdmin, scope: str, mapper: str) -> None:
    admin.delete_mapper_from_client_scope(scope, mapper)


def _create_client(admin: KeycloakAdmin, client: Entry) -> None:
    admin.create_client(dict(client))


def _update_client(admin: KeycloakAdmin, client: str, fields: Entry) -> None:
    admin.update_client(client, merged(admin.get_client(client), fields))


def _give_scope(admin: KeycloakAdmin, action: Action, client: str, scope: str) -> None:
    found = _scope_id(admin, scope)
    if action is Action.CREATE:
        payload = {"realm": admin.get_current_realm(), "client": client, "clientScopeId": found}
        admin.add_client_default_client_scope(client, found, payload)
    else:
        admin.delete_client_default_client_scope(client, found)


def _give_right(admin: KeycloakAdmin, action: Action, client: str, owner: str, role: str) -> None:
    account = admin.get_client_service_account_user(_client_id(admin, client))["id"]
    if not owner:
        change = (
            admin.assign_realm_roles
            if action is Action.CREATE
            else admin.delete_realm_roles_of_user
        )
        change(account, [admin.get_realm_role(role)])
        return
    owner_id = _client_id(admin, owner)
    found = [admin.get_client_role(owner_id, role)]
    if action is Action.CREATE:
        admin.assign_client_role(account, owner_id, found)
    else:
        admin.delete_client_roles_of_user(account, owner_id, found)


def _scope_id(admin: KeycloakAdmin, name: str) -> str:
    return str(by("name", admin.get_client_scopes())[name]["id"])


def _client_id(admin: KeycloakAdmin, name: str) -> str:
    return str(by("clientId", admin.get_clients())[name]["id"])
