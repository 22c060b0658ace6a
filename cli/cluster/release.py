"""What kubectl tells of a trial release: its Services, its clock, its issuer, its administrator."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.errors import USAGE, CliError
from cli.language import Words
from embedded.run_file import ClockMode
from embedded.supervisor import SERVICES

KEYCLOAK, TRIAL = "keycloak", "trial"
PASSWORD_KEY = "keycloak-admin-password"  # noqa: S105 - the key in the Secret, not what it holds


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl in one namespace; an empty context is the current one."""

    namespace: str
    context: str = ""

    def command(self, *arguments: str) -> Sequence[str]:
        context = ["--context", self.context] if self.context else []
        return ["kubectl", *context, "--namespace", self.namespace, *arguments]

    def list(self, kind: str, labels: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        """Resources by their labels. Raises CliError with what kubectl says."""
        if shutil.which("kubectl") is None:
            raise CliError(
                Words("Không tìm thấy kubectl.", "kubectl is not on the PATH."),
                USAGE,
            )
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        done = subprocess.run(  # noqa: S603 - a program of the reader's own, without a shell
            self.command("get", kind, "--selector", selector, "--output", "json"),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip()
            raise CliError(Words(f"kubectl: {said}", f"kubectl: {said}"))
        found: Sequence[Mapping[str, Any]] = json.loads(done.stdout)["items"]
        return found


@dataclass(frozen=True, slots=True)
class Release:
    """`services`: names of the Services of the five and of Keycloak, by component."""

    services: Mapping[str, str]
    clock: ClockMode
    issuer: str
    admin_password: str = field(repr=False)


def find(kubectl: Kubectl, name: str) -> Release:
    """Raises CliError when there is no such release, or when it is no trial."""
    labels = {
        "app.kubernetes.io/part-of": "dondoc",
        "app.kubernetes.io/instance": name,
    }
    services = {
        _component(one): str(one["metadata"]["name"]) for one in kubectl.list("services", labels)
    }
    if not set(SERVICES) <= set(services):
        raise CliError(
            Words(
                f"Không có bản cài đặt {name} nào trong namespace {kubectl.namespace}; "
                "xem: helm list --all-namespaces",
                f"There is no release {name} in the namespace {kubectl.namespace}; "
                "see: helm list --all-namespaces",
            )
        )
    secrets = {_component(one): one for one in kubectl.list("secrets", labels)}
    if KEYCLOAK not in services or TRIAL not in secrets:
        raise CliError(
            Words(
                f"{name} không phải bản dùng thử (values-trial.yaml): người dùng đăng nhập bằng "
                "dondoc login.",
                f"{name} is no trial (values-trial.yaml): its users log in by dondoc login.",
            ),
            USAGE,
        )
    deployments = {_component(one): one for one in kubectl.list("deployments", labels)}
    container = deployments[SERVICES[0]]["spec"]["template"]["spec"]["containers"][0]
    settings = {one["name"]: one.get("value", "") for one in container["env"]}
    return Release(
        services={component: services[component] for component in (*SERVICES, KEYCLOAK)},
        clock="simulated" if settings["DONDOC_CLOCK"] == "simulated" else "real",
        issuer=settings["DONDOC_ISSUER_URL"],
        admin_password=base64.b64decode(secrets[TRIAL]["data"][PASSWORD_KEY]).decode(),
    )


def _component(resource: Mapping[str, Any]) -> str:
    return str(resource["metadata"]["labels"].get("app.kubernetes.io/component", ""))
