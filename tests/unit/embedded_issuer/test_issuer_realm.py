from __future__ import annotations

import json

import pytest

from embedded.issuer import DEFAULT_REALM_FILE, load_realm

GROUP_ROLES = {
    "office": "office",
    "departments": "department",
    "districts": "district",
    "it-center": "it-center",
    "others": "other-agency",
    "leadership": "leadership",
}


def test_the_realm_has_all_roles_and_clients_of_dondoc() -> None:
    realm = load_realm()
    assert realm.roles == {
        *GROUP_ROLES.values(),
        *("head", "officer", "auditor", "shared-system"),
    }
    assert set(realm.clients) == {
        "dondoc",
        "dondoc-cli",
        "dondoc-shared-system",
        "dondoc-provisioning",
        "dondoc-directory",
    }
    assert realm.clients["dondoc-shared-system"].service_roles == ("shared-system",)
    assert realm.access_token_lifespan == 300


def test_each_group_gives_its_role() -> None:
    document = json.loads(DEFAULT_REALM_FILE.read_text(encoding="utf-8"))
    assert {group["name"]: group["realmRoles"] for group in document["groups"]} == {
        group: [role] for group, role in GROUP_ROLES.items()
    }


def test_the_realm_file_holds_no_person_and_no_secret() -> None:
    text = DEFAULT_REALM_FILE.read_text(encoding="utf-8")
    assert '"secret"' not in text
    assert '"credentials"' not in text
    assert all("serviceAccountClientId" in user for user in json.loads(text)["users"])


def test_no_client_may_log_in_by_password_unless_it_is_allowed_explicitly() -> None:
    realm = load_realm()
    assert not any(client.direct_access for client in realm.clients.values())
    allowed = realm.allowing_password_grant("dondoc-cli")
    assert [name for name, client in allowed.clients.items() if client.direct_access] == [
        "dondoc-cli"
    ]
    with pytest.raises(KeyError):
        realm.allowing_password_grant("nobody-knows-it")
