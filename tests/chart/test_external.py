"""What deploy/external makes is what values-external.yaml asks for: names, keys, addresses."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from .conftest import ROOT, SERVICES, VALUES, Render

EXTERNAL = ROOT / "deploy" / "external"


def _values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(VALUES["external"].read_text())
    return found


def _clusters(file: str) -> dict[str, dict[str, Any]]:
    """Of CloudNativePG, by their names."""
    objects = yaml.safe_load_all((EXTERNAL / file).read_text())
    return {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "Cluster"}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_reads_the_url_that_its_cluster_makes(service: str) -> None:
    asked = _values()["services"][service]["databaseSecret"]
    name = asked["name"].removesuffix("-app")
    assert asked == {"name": f"{name}-app", "key": "uri"}
    made = _clusters("postgres.yaml")[name]["bootstrap"]["initdb"]
    assert (made["database"], made["owner"], made["encoding"]) == (service, service, "UTF8")


def test_no_cluster_is_left_over_and_none_writes_rows_into_its_log() -> None:
    clusters = _clusters("postgres.yaml")
    assert len(clusters) == len(SERVICES)
    for spec in clusters.values():
        parameters = spec["postgresql"]["parameters"]
        assert parameters["log_error_verbosity"] == "terse"
        assert parameters["log_parameter_max_length_on_error"] == "0"


def test_the_server_of_nats_keeps_streams_on_disk_and_knows_the_user_of_the_services() -> None:
    values = yaml.safe_load((EXTERNAL / "nats-values.yaml").read_text())
    assert values["config"]["jetstream"]["enabled"] is True
    assert values["config"]["merge"]["authorization"] == {
        "user": "dondoc",
        "password": "<< $DONDOC_PASSWORD >>",
    }
    secret = values["container"]["env"]["DONDOC_PASSWORD"]["valueFrom"]["secretKeyRef"]
    readme = (EXTERNAL / "README.md").read_text()
    assert f"create secret generic {secret['name']} --from-literal={secret['key']}=" in readme
    assert "nats://dondoc:$password@nats.nats:4222" in readme


def test_keycloak_finds_its_database() -> None:
    objects = list(yaml.safe_load_all((EXTERNAL / "keycloak.yaml").read_text()))
    (keycloak,) = [one["spec"] for one in objects if one["kind"] == "Keycloak"]
    ((name, cluster),) = _clusters("keycloak.yaml").items()
    database = keycloak["db"]
    assert database["host"] == f"{name}-rw"
    assert database["database"] == cluster["bootstrap"]["initdb"]["database"]
    assert database["usernameSecret"] == {"name": f"{name}-app", "key": "username"}
    assert database["passwordSecret"] == {"name": f"{name}-app", "key": "password"}


def test_tokens_are_of_the_keycloak_that_the_operator_runs() -> None:
    objects = list(yaml.safe_load_all((EXTERNAL / "keycloak.yaml").read_text()))
    (keycloak,) = [one for one in objects if one["kind"] == "Keycloak"]
    values = _values()
    assert values["issuer"]["url"] == f"{keycloak['spec']['hostname']['hostname']}/realms/dondoc"
    (peer,) = values["networkPolicy"]["egress"]["issuer"]["to"]
    namespace = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    assert (
        values["networkPolicy"]["egress"]["officers"] == values["networkPolicy"]["egress"]["issuer"]
    )
    ways = (values["issuer"]["keysUrl"], values["test"]["tokenUrl"], values["officers"]["url"])
    for inside in ways:
        service = f"{keycloak['metadata']['name']}-service.{namespace}"
        assert urlsplit(inside).netloc == f"{service}:8080"
        assert values["networkPolicy"]["egress"]["issuer"]["ports"] == [8080]


def test_the_realm_that_is_imported_is_that_of_the_repository() -> None:
    made = subprocess.run(
        [sys.executable, EXTERNAL / "realm_import.py"], capture_output=True, text=True, check=True
    )
    found = json.loads(made.stdout)
    assert found["kind"] == "KeycloakRealmImport"
    assert found["spec"]["keycloakCRName"] == "dondoc"
    realm = ROOT / "deploy" / "keycloak" / "dondoc-realm.json"
    assert found["spec"]["realm"] == json.loads(realm.read_text())


def test_every_secret_that_the_readme_makes_has_what_the_services_ask_for(render: Render) -> None:
    readme = (EXTERNAL / "README.md").read_text()
    asked = set()
    for _, container in render("external").containers():
        for entry in container.get("env", ()):
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            if reference and not reference["name"].endswith("-db-app"):
                asked.add(reference["key"])
    assert asked == {"nats-url", "page-token-key", "smtp-password", "client-secret"}
    assert all(f"--from-literal={key}=" in readme for key in asked)
