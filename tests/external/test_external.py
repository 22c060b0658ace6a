"""In the order of deploy/external/README.md: databases, NATS, Keycloak's resources, the release beside."""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any

import pytest

from tests.cluster.conftest import CHART, IMAGE, SERVICES, Load, helm, kubectl, told, until

from .conftest import (
    DONDOC,
    EXTERNAL,
    KEYCLOAK,
    NATS,
    documents,
    images,
    nats_chart,
    realm_import,
    secret,
)

PASSWORD = f"p{secrets.token_hex(24)}"
ADDRESS = f"http://dondoc-keycloak.{KEYCLOAK}:8080"
INSIDE = f"{ADDRESS}/realms/dondoc/protocol/openid-connect"


def _held(namespace: str, name: str) -> dict[str, str]:
    """What is in a Secret."""
    found = json.loads(kubectl("get", "secret", name, "-o", "json", namespace=namespace))["data"]
    return {key: base64.b64decode(value).decode() for key, value in found.items()}


def _apply(namespace: str, resource: str, *how: str) -> str:
    return kubectl("apply", *how, "-f", "-", namespace=namespace, feed=resource)


def test_cloudnativepg_makes_a_cluster_and_a_secret_for_each_service() -> None:
    began = time.monotonic()
    for cluster in documents("postgres.yaml"):
        _apply(DONDOC, json.dumps(cluster), "--dry-run=server", "--validate=strict")
        cluster["spec"]["instances"] = 1  # five times three are more than one node bears
        cluster["spec"]["storage"]["size"] = "1Gi"
        if image := images().get("postgres"):
            cluster["spec"]["imageName"] = image
        _apply(DONDOC, json.dumps(cluster))
    ready = ("wait", "cluster", "--all", "--for=condition=Ready", "--timeout=600s")
    kubectl(*ready, namespace=DONDOC)
    told(f"five clusters of CloudNativePG: {time.monotonic() - began:.0f} s")
    for service in SERVICES:
        uri = _held(DONDOC, f"dondoc-{service}-db-app")["uri"]
        assert uri.startswith(f"postgresql://{service}:")
        assert uri.endswith(f"/{service}")


def test_the_official_chart_of_nats_runs_with_our_values() -> None:
    secret(NATS, "dondoc-nats", password=PASSWORD)
    values = ["-f", str(EXTERNAL / "nats-values.yaml")]
    if image := images().get("nats"):
        values += ["--set", f"container.image.fullImageName={image}"]
    name, *version = nats_chart()
    install = ("install", "nats", name, *version, *values, "--wait", "--timeout", "5m")
    helm(*install, namespace=NATS)


@pytest.mark.parametrize("made", ["keycloak.yaml", "realm"])
def test_the_api_server_takes_what_is_for_the_operator_of_keycloak(made: str) -> None:
    """Each field is one that the operator's definitions know. Whether it runs them is not seen here."""
    resources = [realm_import()] if made == "realm" else map(json.dumps, documents(made))
    for resource in resources:
        done = _apply(KEYCLOAK, resource, "--dry-run=server", "--validate=strict")
        assert "created (server dry run)" in done


def test_the_release_runs_beside_them() -> None:
    repository, _, tag = IMAGE.rpartition(":")
    image = {"image.repository": repository, "image.tag": tag}
    _keycloak(image)
    for service in SERVICES:
        secret(
            DONDOC,
            f"dondoc-{service}",
            nats_url=f"nats://dondoc:{PASSWORD}@nats.{NATS}:4222",
            page_token_key=secrets.token_hex(32),
            smtp_password=secrets.token_hex(8),
        )
    began = time.monotonic()
    here = {
        **image,
        "issuer.url": "http://localhost:8180/realms/dondoc",
        "issuer.keysUrl": f"{INSIDE}/certs",
        "test.tokenUrl": f"{INSIDE}/token",
        "officers.url": f"{ADDRESS}/realms/dondoc",
        "grpcRoute.enabled": "false",  # its definitions and a controller would have to be there
        "defaults.replicas": "1",
        "defaults.autoscaling.enabled": "false",
        "defaults.resources.requests.cpu": "20m",
    }
    clients = json.dumps([{"podSelector": {"matchLabels": {"dondoc-client": "yes"}}}])
    values = ["-f", str(CHART / "values-external.yaml"), *_set(here)]
    values += ["--set-json", f"networkPolicy.clients={clients}"]
    install = ("install", "dondoc", str(CHART), *values, "--wait", "--timeout", "10m")
    helm(*install, namespace=DONDOC)
    told(f"the release beside them: {time.monotonic() - began:.0f} s")
    assert "Succeeded" in helm("test", "dondoc", "--timeout", "5m", namespace=DONDOC)


def _keycloak(image: dict[str, str]) -> None:
    """In place of the operator's: that of a trial, without services. What it knows comes along."""
    own = {
        f"trial.{part}.image": found
        for part in ("postgres", "nats", "keycloak")
        if (found := images().get(f"trial-{part}"))
    }
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": DONDOC}}}
    values = [
        "-f",
        str(CHART / "values-trial.yaml"),
        *_set({"defaults.replicas": "0"} | image | own),
    ]
    values += ["--set-json", f"networkPolicy.clients={json.dumps([peer])}"]
    install = ("install", "dondoc", str(CHART), *values, "--wait", "--timeout", "15m")
    helm(*install, namespace=KEYCLOAK)
    held = _held(KEYCLOAK, "dondoc-trial")
    secret(DONDOC, "dondoc-shared-system", client_secret=held["shared-system-secret"])
    secret(DONDOC, "dondoc-directory", client_secret=held["directory-secret"])
    admin = held["keycloak-admin-password"]
    secret(DONDOC, "dondoc-trial", keycloak_admin_password=admin)


def _set(values: dict[str, str]) -> list[str]:
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


def _streams() -> dict[str, Any]:
    """What the server of NATS itself says of its streams."""
    monitor = f"/api/v1/namespaces/{NATS}/pods/nats-0:8222/proxy/jsz?streams=1"
    found: dict[str, Any] = json.loads(kubectl("get", "--raw", monitor, namespace=NATS))
    return found


def test_facts_go_from_service_to_service_by_the_nats_of_the_chart() -> None:
    before = _streams()["messages"]
    load = Load(DONDOC, ADDRESS)
    load.start()
    load.goes_on()
    result = load.stop()
    told(json.dumps(result))
    assert (result["failed"], result["lost_directives"], result["lost_tasks"]) == ([], [], [])
    assert _streams()["messages"] >= before + result["directives"]


def test_a_database_comes_back_with_its_operator_and_the_service_with_it() -> None:
    cluster = "dondoc-tasks-db"
    gone = kubectl("get", "pod", f"{cluster}-1", "-o", "jsonpath={.metadata.uid}", namespace=DONDOC)
    kubectl("delete", "pod", f"{cluster}-1", namespace=DONDOC)

    def back() -> bool:
        selected = ("get", "pod", "-l", f"cnpg.io/cluster={cluster}", "-o", "json")
        pods = json.loads(kubectl(*selected, namespace=DONDOC))["items"]
        ready = [
            condition["status"]
            for pod in pods
            if pod["metadata"]["uid"] != gone
            for condition in pod["status"].get("conditions", ())
            if condition["type"] == "Ready"
        ]
        return ready == ["True"]

    until("another pod of the database", 300, back)
    assert "Succeeded" in helm("test", "dondoc", "--timeout", "5m", namespace=DONDOC)
