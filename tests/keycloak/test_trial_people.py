"""The users of a trial: on a real Keycloak the same people as those of the embedded issuer."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from dondoc.directory.v1.agency_pb2 import AGENCY_KIND_DEPARTMENT, Agency

from cli.cluster.people import TrialPeople
from embedded.alive import Mark
from embedded.files import new_password
from embedded.run_file import RunFile, TrialKeycloak
from embedded.users import IT_CENTER, OFFICE
from tests.keycloak.server import Keycloak

TRIAL = Agency(
    name="agencies/so-dung-thu", display_name="Sở Dùng thử", kind=AGENCY_KIND_DEPARTMENT, connected=True
)  # fmt: skip


def connected(keycloak: Keycloak, folder: Path) -> TrialPeople:
    """As `dondoc connect` leaves them, seen from the data folder `folder`."""
    at = TrialKeycloak(keycloak.url, keycloak.password, new_password())
    found = RunFile(
        data=str(folder), clock="simulated", issuer=keycloak.issuer, issuer_folder=str(folder),
        nats="", smtp_host="", smtp_port=0, smtp_folder="", supervisor=Mark.of(os.getpid()),
        services={}, keycloak=at,
    )  # fmt: skip
    return TrialPeople(found)


def claims(people: TrialPeople, user: str) -> dict[str, Any]:
    form = {"grant_type": "password", **(people.credentials(user) or {})}
    answer = httpx.post(people.token_url, data=form, trust_env=False, timeout=60)
    part = answer.raise_for_status().json()["access_token"].split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@pytest.mark.parametrize(
    ("user", "agency", "roles"),
    [
        ("vanphong", OFFICE, {"office", "officer"}),
        ("ttcntt", IT_CENTER, {"it-center", "officer"}),
        ("lanhdao", None, {"leadership"}),
        ("kiemtoan", None, {"auditor"}),
    ],
)
def test_those_who_enter_the_directory_are_there_before_it_is(
    keycloak: Keycloak, tmp_path: Path, user: str, agency: str | None, roles: set[str]
) -> None:
    people = connected(keycloak, tmp_path)
    people.open()
    found = claims(people, user)
    assert (found.get("agency"), found["aud"]) == (agency, "dondoc")
    assert set(found["realm_access"]["roles"]) == roles


def test_each_agency_of_the_directory_gets_an_officer_and_a_head(
    keycloak: Keycloak, tmp_path: Path
) -> None:
    people = connected(keycloak, tmp_path)
    people.open()
    assert people.credentials("so-dung-thu.officer") is None
    assert {"so-dung-thu.officer", "so-dung-thu.head"} <= set(people.ensure([TRIAL]))
    for position in ("officer", "head"):
        found = claims(people, f"so-dung-thu.{position}")
        assert found["agency"] == "so-dung-thu"
        assert set(found["realm_access"]["roles"]) == {"department", position}
    group = keycloak.admin().get_group_by_path("/departments/so-dung-thu")
    assert group["attributes"]["kind"] == ["department"]


def test_a_person_stays_the_same_when_another_folder_connects(
    keycloak: Keycloak, tmp_path: Path
) -> None:
    before = connected(keycloak, tmp_path / "before")
    before.open()
    person = claims(before, "vanphong")["sub"]
    after = connected(keycloak, tmp_path / "after")
    after.open()
    assert claims(after, "vanphong")["sub"] == person


def test_nobody_logs_in_by_password_after_the_connection_has_ended(
    keycloak: Keycloak, tmp_path: Path
) -> None:
    people = connected(keycloak, tmp_path)
    people.open()
    claims(people, "vanphong")
    people.close()
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        claims(people, "vanphong")


def test_passwords_are_readable_by_their_owner_alone(keycloak: Keycloak, tmp_path: Path) -> None:
    connected(keycloak, tmp_path / "issuer").open()
    [kept] = (tmp_path / "issuer").glob("*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
