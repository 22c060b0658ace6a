"""The release beside PostgreSQL by CloudNativePG and NATS by its official chart, on the cluster of kubectl.

Run by `make test-external`. Operators and chart (NATS_CHART, nats/nats by default) are yours to bring:
what is missing is told, and fails. Where images are other ones than those of operators and charts,
EXTERNAL_IMAGES names a file that says which.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.cluster.conftest import ROOT, kubectl, run

EXTERNAL = ROOT / "deploy" / "external"
NAMESPACES = DONDOC, NATS, KEYCLOAK = ("dondoc-external", "nats", "keycloak")
CRDS = {
    "clusters.postgresql.cnpg.io": "the operator CloudNativePG",
    "keycloaks.k8s.keycloak.org": "the resources of Keycloak's operator",
    "keycloakrealmimports.k8s.keycloak.org": "the resources of Keycloak's operator",
}


def nats_chart() -> list[str]:
    """Its name or folder, and its version where it comes from a repository."""
    given = os.environ.get("NATS_CHART", "nats/nats --version 2.14.2")
    return given.split()


def images() -> dict[str, str]:
    """`postgres`, `nats`: in place of those that operator and chart would take; empty for theirs."""
    file = os.environ.get("EXTERNAL_IMAGES")
    found: dict[str, str] = yaml.safe_load((ROOT / file).read_text()) if file else {}
    return found


def documents(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((EXTERNAL / file).read_text()))


def secret(namespace: str, name: str, **values: str) -> None:
    made = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "stringData": {key.replace("_", "-"): value for key, value in values.items()},
    }
    kubectl("apply", "-f", "-", namespace=namespace, feed=json.dumps(made))


def realm_import() -> str:
    script = [sys.executable, str(EXTERNAL / "realm_import.py")]
    return subprocess.run(script, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session", autouse=True)
def cluster() -> Iterator[None]:
    """Three namespaces of the tests; whatever else is on the cluster stays."""
    if shutil.which("kubectl") is None:
        pytest.exit("kubectl is missing: make test-external needs it, helm and a cluster", 2)
    for crd, what in CRDS.items():
        if run("kubectl", "get", "crd", crd, check=False).returncode:
            pytest.exit(
                f"{what} ({crd}) must be on the cluster first: deploy/external/README.md", 2
            )
    for namespace in NAMESPACES:
        if run("kubectl", "get", "namespace", namespace, check=False).returncode == 0:
            pytest.exit(f"the namespace {namespace} is there already: delete it first", 2)
    try:
        for namespace in NAMESPACES:
            run("kubectl", "create", "namespace", namespace)
            enforce = "pod-security.kubernetes.io/enforce=restricted"
            run("kubectl", "label", "namespace", namespace, enforce)
        yield
    finally:
        run("kubectl", "delete", "namespace", *NAMESPACES, "--wait=false", check=False)
