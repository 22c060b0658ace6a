"""`dondoc keycloak provision` and `diff` on a real Keycloak, each test on a realm of its own."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.keycloak.province import Province
from tests.keycloak.server import Keycloak

_numbers = itertools.count(1)

INTERIOR = {"id": "1", "name": "Sở Nội vụ", "kind": "department", "parent": "UBND tỉnh"}
FINANCE = {"id": "2", "name": "Sở Tài chính", "kind": "department", "valid_from": "2020-01-01"}
PROVINCE = {"id": "3", "name": "UBND tỉnh", "kind": "authority"}
SMALL = [INTERIOR, FINANCE, PROVINCE]


@pytest.fixture
def province(keycloak: Keycloak, tmp_path: Path) -> Province:
    """No realm of that name exists yet."""
    return Province(keycloak, f"province-{next(_numbers)}", tmp_path)


@pytest.fixture
def provisioned(province: Province) -> Province:
    province.provision(province.agencies(SMALL))
    return province


def attributes(province: Province, path: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = province.admin.get_group_by_path(path)["attributes"]
    return found


def add_user(province: Province, name: str, *groups: str) -> str:
    payload = {"username": name, "enabled": True, "groups": list(groups)}
    return str(province.admin.create_user(payload))


def realms(province: Province) -> list[str]:
    return [realm["realm"] for realm in province.keycloak.admin("master").get_realms()]


def test_nothing_is_done_before_it_was_asked_for(province: Province) -> None:
    shown = province.run("provision", "--agencies", str(province.agencies(SMALL)))
    assert shown.returncode == 0
    assert f"+ realm {province.name}" in shown.stdout
    assert "+ group /departments/so-noi-vu" in shown.stdout
    assert "Nothing was done" in shown.stderr
    assert province.name not in realms(province)


def test_a_realm_is_made_from_its_file_with_a_group_for_each_agency(provisioned: Province) -> None:
    assert attributes(provisioned, "/departments/so-noi-vu") == {
        "agency": ["so-noi-vu"],
        "kind": ["department"],
        "parent": ["ubnd-tinh"],
        "connected": ["true"],
    }
    assert attributes(provisioned, "/departments/so-tai-chinh")["valid_from"] == ["2020-01-01"]
    groups = [group["name"] for group in provisioned.admin.get_groups()]
    assert sorted(groups) == [
        "departments", "districts", "it-center", "leadership", "office", "others",
    ]  # fmt: skip
    clients = {client["clientId"] for client in provisioned.admin.get_clients()}
    assert {"dondoc", "dondoc-cli", "dondoc-shared-system"} <= clients
    assert {"dondoc-provisioning", "dondoc-directory"} <= clients


def test_a_second_run_finds_nothing_to_do_with_more_than_a_hundred_children(
    province: Province,
) -> None:
    entries = [
        {"id": str(number), "name": f"Cơ quan số {number}", "kind": "other"}
        for number in range(120)
    ]
    agencies = province.agencies(entries)
    province.provision(agencies)
    others = province.admin.get_group_by_path("/others")["id"]
    children = province.admin.get_group_children(others)
    assert {child["name"] for child in children} == {f"co-quan-so-{n}" for n in range(120)}
    assert province.changes(agencies) == []
    assert "Done: 0." in province.provision(agencies).stderr


def test_drift_is_shown_by_diff_and_mended_by_provision(provisioned: Province) -> None:
    admin, agencies = provisioned.admin, provisioned.agencies(SMALL)
    _spoil(provisioned)
    assert sorted(provisioned.changes(agencies)) == [
        "create mapper dondoc / sub",
        "create right of a service account dondoc-shared-system → shared-system",
        "create role of a group /departments → department",
        "delete mapper dondoc / clearance",
        "delete right of a service account dondoc-provisioning → realm-management/manage-realm",
        "delete role of a group /departments → office",
        "delete user attribute agency",
        "update client dondoc-cli: redirectUris, attributes.pkce.code.challenge.method",
        "update group /departments/so-noi-vu: agency, officer",
        "update mapper dondoc / agency: config.multivalued",
        f"update realm {provisioned.name}: accessTokenLifespan",
        "update role auditor: description",
        f"update user profile {provisioned.name}: unmanagedAttributePolicy",
    ]
    provisioned.provision(agencies, "--delete")
    assert provisioned.changes(agencies) == []
    kept = attributes(provisioned, "/departments/so-noi-vu")
    assert kept["telephone"] == ["0259"], "an administrator's own attribute stays"
    names = [each["name"] for each in admin.get_realm_users_profile()["attributes"]]
    assert "badge" in names, "an administrator's own part of the profile stays"


def _spoil(province: Province) -> None:
    """As a hurried administrator might."""
    admin = province.admin
    admin.update_realm(province.name, {"accessTokenLifespan": 3600})
    auditor = admin.get_realm_role("auditor")
    admin.update_realm_role("auditor", {**auditor, "description": "?"})

    departments = admin.get_group_by_path("/departments")["id"]
    admin.assign_group_realm_roles(departments, [admin.get_realm_role("office")])
    admin.delete_group_realm_roles(departments, [admin.get_realm_role("department")])
    interior = admin.get_group_by_path("/departments/so-noi-vu")
    changed = {**interior["attributes"], "agency": ["so-tai-chinh"], "telephone": ["0259"]}
    changed["officer"] = ["somebody@elsewhere.example"]
    admin.update_group(interior["id"], {"name": "so-noi-vu", "attributes": changed})

    scope = admin.get_client_scope_by_name("dondoc")
    mappers = {mapper["name"]: mapper for mapper in scope["protocolMappers"]}
    mappers["agency"]["config"]["multivalued"] = "true"
    admin.update_mapper_in_client_scope(scope["id"], mappers["agency"]["id"], mappers["agency"])
    admin.delete_mapper_from_client_scope(scope["id"], mappers["sub"]["id"])
    more = {key: value for key, value in mappers["agency"].items() if key != "id"}
    more = {**more, "name": "clearance", "config": {**more["config"], "claim.name": "clearance"}}
    admin.add_mapper_to_client_scope(scope["id"], more)

    client = admin.get_client(_client(province, "dondoc-cli"))
    client["redirectUris"].append("http://elsewhere.example/*")
    client["attributes"]["pkce.code.challenge.method"] = "plain"
    admin.update_client(client["id"], client)
    system = admin.get_client_service_account_user(_client(province, "dondoc-shared-system"))
    admin.delete_realm_roles_of_user(system["id"], [admin.get_realm_role("shared-system")])
    provisioning = admin.get_client_service_account_user(_client(province, "dondoc-provisioning"))
    management = _client(province, "realm-management")
    right = admin.get_client_role(management, "manage-realm")
    admin.assign_client_role(provisioning["id"], management, [right])

    profile = admin.get_realm_users_profile()
    free = {"permissions": {"view": ["admin"], "edit": ["admin", "user"]}, "validations": {}}
    profile["attributes"] += [{"name": "agency", **free}, {"name": "badge", **free}]
    admin.update_realm_users_profile({**profile, "unmanagedAttributePolicy": "ENABLED"})


def _client(province: Province, name: str) -> str:
    found = province.admin.get_client_id(name)
    assert found
    return found


def test_what_is_missing_from_a_realm_is_made_without_importing_over_it(
    provisioned: Province,
) -> None:
    """Users keep their ids and groups: Keycloak's own import would have made all of them anew."""
    admin, agencies = provisioned.admin, provisioned.agencies(SMALL)
    user = add_user(provisioned, "an.officer", "/departments/so-noi-vu")
    before = admin.get_user_groups(user)
    admin.delete_client(_client(provisioned, "dondoc-shared-system"))
    admin.delete_realm_role("auditor")
    admin.delete_group(admin.get_group_by_path("/districts")["id"])
    found = provisioned.changes(agencies)
    assert "create client dondoc-shared-system" in found
    assert "create role auditor" in found
    assert "create role of a group /districts → district" in found
    provisioned.provision(agencies)
    assert provisioned.changes(agencies) == []
    assert admin.get_user_id("an.officer") == user
    assert admin.get_user_groups(user) == before


def test_an_agency_of_the_directory_that_changed_changes_its_group_alone(
    provisioned: Province,
) -> None:
    user = add_user(provisioned, "an.officer", "/departments/so-tai-chinh")
    ended = {**FINANCE, "valid_to": "2025-02-28", "successor": "Sở Nội vụ", "connected": False}
    agencies = provisioned.agencies([INTERIOR, ended, PROVINCE])
    assert provisioned.changes(agencies) == [
        "update group /departments/so-tai-chinh: valid_to, successor, connected"
    ]
    provisioned.provision(agencies)
    assert attributes(provisioned, "/departments/so-tai-chinh") == {
        "agency": ["so-tai-chinh"],
        "kind": ["department"],
        "valid_from": ["2020-01-01"],
        "valid_to": ["2025-02-28"],
        "successor": ["so-noi-vu"],
        "connected": ["false"],
    }
    assert [g["path"] for g in provisioned.admin.get_user_groups(user)] == [
        "/departments/so-tai-chinh"
    ]


def test_nothing_is_deleted_without_the_flag_and_a_group_with_users_never(
    provisioned: Province,
) -> None:
    add_user(provisioned, "an.officer", "/departments/so-tai-chinh")
    fewer = provisioned.agencies([PROVINCE])
    kept = provisioned.provision(fewer)
    assert "- group /departments/so-noi-vu (stays; --delete)" in kept.stdout
    assert provisioned.admin.get_group_by_path("/departments/so-noi-vu")["name"] == "so-noi-vu"

    done = provisioned.provision(fewer, "--delete")
    assert "which still has users: an.officer" in done.stdout
    departments = provisioned.admin.get_group_by_path("/departments")["id"]
    left = [group["name"] for group in provisioned.admin.get_group_children(departments)]
    assert left == ["so-tai-chinh"]


def test_a_user_in_two_agencies_stops_everything(provisioned: Province) -> None:
    add_user(provisioned, "a.double", "/departments/so-noi-vu", "/departments/so-tai-chinh")
    third = {"id": "4", "name": "Sở Y tế", "kind": "department"}
    agencies = provisioned.agencies([*SMALL, third])
    refused = provisioned.run("provision", "--agencies", str(agencies), "--yes")
    assert refused.returncode == 1
    assert "a.double is in groups of several agencies" in refused.stderr
    assert "/departments/so-noi-vu, /departments/so-tai-chinh" in refused.stderr
    departments = provisioned.admin.get_group_by_path("/departments")["id"]
    names = [group["name"] for group in provisioned.admin.get_group_children(departments)]
    assert "so-y-te" not in names


def as_provisioning_client(province: Province) -> dict[str, str]:
    client = _client(province, "dondoc-provisioning")
    secret: str = province.admin.get_client_secrets(client)["value"]
    return {"DONDOC_KEYCLOAK_ADMIN": "", "DONDOC_KEYCLOAK_CLIENT_SECRET": secret}


def test_the_provisioning_client_writes_groups_and_cannot_touch_the_realm(
    provisioned: Province,
) -> None:
    credentials = as_provisioning_client(provisioned)
    third = {"id": "4", "name": "Sở Y tế", "kind": "department"}
    agencies = provisioned.agencies([*SMALL, third])
    arguments = ("provision", "--agencies", str(agencies), "--yes")
    done = provisioned.run(*arguments, **credentials)
    assert done.returncode == 0, done.stderr
    assert attributes(provisioned, "/departments/so-y-te")["agency"] == ["so-y-te"]

    refused = provisioned.run("export", **credentials)
    assert refused.returncode == 1
    assert "403" in refused.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DONDOC_KEYCLOAK_ADMIN_PASSWORD": "wrong"}, "Invalid user credentials"),
        ({"DONDOC_KEYCLOAK_URL": "http://127.0.0.1:1"}, "cannot be reached"),
        ({"DONDOC_KEYCLOAK_URL": ""}, "DONDOC_KEYCLOAK_URL"),
    ],
    ids=["wrong password", "no server", "no address"],
)
def test_wrong_credentials_are_told_without_showing_them(
    province: Province, environment: dict[str, str], words: str
) -> None:
    refused = province.run("diff", **environment)
    assert refused.returncode in (1, 2)
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    assert province.keycloak.password not in refused.stderr


def test_two_realms_of_one_file_export_alike_and_without_secrets(
    provisioned: Province, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Province(
        provisioned.keycloak, f"province-{next(_numbers)}", tmp_path_factory.mktemp("other")
    )
    other.provision(other.agencies(SMALL))
    first, second = (exported(each) for each in (provisioned, other))
    assert first == second
    assert "/departments/so-noi-vu" in json.dumps(first)
    secrets = as_provisioning_client(provisioned)
    assert secrets["DONDOC_KEYCLOAK_CLIENT_SECRET"] not in json.dumps(first)


def exported(province: Province) -> Any:
    done = province.run("export")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.replace(province.name, "dondoc"))
