"""A cluster to try the chart on: the one that kubectl reaches, else a new one by kind, else failure.

Run by `make test-cluster`. On a cluster of your own the image IMAGE must be there for its nodes;
CLUSTER_VALUES names a file of values for it, e.g. with images of its registry. One by kind is given the
official chart of metrics-server: METRICS_CHART, by default from helm's repository of that name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .choice import Cluster, NoClusterError, choose

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
CHART = ROOT / "deploy" / "helm" / "dondoc"
SERVICES = ("directives", "tasks", "inspections", "reporting", "notify")
NAMESPACE, RELEASE, KIND = "dondoc-test", "dondoc", "dondoc-test"
IMAGE = os.environ.get("IMAGE", "dondoc:0.1.0")
METRICS_CHART = os.environ.get("METRICS_CHART", "metrics-server/metrics-server --version 3.12.2")


def run(*command: str, feed: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, input=feed or None, capture_output=True, text=True)
    if check and done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)
    return done


def kubectl(*arguments: str, namespace: str = NAMESPACE, feed: str = "", check: bool = True) -> str:
    return run("kubectl", "--namespace", namespace, *arguments, feed=feed, check=check).stdout


def helm(*arguments: str, namespace: str = NAMESPACE) -> str:
    helm = os.environ.get("HELM", "helm")
    return run(helm, "--namespace", namespace, *arguments).stdout


def told(line: str) -> None:
    """For the person who watches, and for the table in docs/kubernetes.md."""
    print(f"\n    {line}", flush=True)


def until(what: str, seconds: float, seen: Callable[[], Any]) -> Any:
    """Waits for a condition; fails with its name."""
    end = time.monotonic() + seconds
    while not (found := seen()):
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} s in vain: {what}", pytrace=False)
        time.sleep(0.5)
    return found


def _kubectl_answers() -> bool:
    return run("kubectl", "version", "--request-timeout=10s", check=False).returncode == 0


def _make_by_kind() -> None:
    """With the image, and with the metrics that an autoscaler asks for: kind brings none."""
    run("kind", "create", "cluster", "--name", KIND, "--wait", "120s")
    dockerfile = str(ROOT / "deploy" / "Dockerfile")
    run("docker", "build", "-q", "-f", dockerfile, "-t", IMAGE, str(ROOT))
    run("kind", "load", "docker-image", IMAGE, "--name", KIND)
    # Kubelets of kind sign their certificates themselves.
    helm(
        "install", "metrics-server", *METRICS_CHART.split(),
        "--set", "args={--kubelet-insecure-tls}", "--wait", namespace="kube-system",
    )  # fmt: skip


def _refuse_unready() -> None:
    """A cluster that was there: nothing of ours on it yet, and metrics for the autoscaler."""
    if run("kubectl", "get", "namespace", NAMESPACE, check=False).returncode == 0:
        pytest.exit(f"the namespace {NAMESPACE} is there already: delete it first", 2)
    if run("kubectl", "get", "apiservice", "v1beta1.metrics.k8s.io", check=False).returncode:
        pytest.exit("metrics-server is missing: the autoscalers of the chart need it", 2)


@pytest.fixture(scope="session", autouse=True)
def cluster() -> Iterator[None]:
    """Left as it was found: what kind made is deleted, of another one the namespace."""
    try:
        chosen = choose(lambda program: shutil.which(program) is not None, _kubectl_answers)
    except NoClusterError as missing:
        pytest.exit(str(missing), 2)
    if chosen is Cluster.THERE:
        _refuse_unready()
    try:
        if chosen is Cluster.KIND:
            _make_by_kind()
        run("kubectl", "create", "namespace", NAMESPACE)
        run(
            "kubectl", "label", "namespace", NAMESPACE,
            "pod-security.kubernetes.io/enforce=restricted",
        )  # fmt: skip
        yield
    finally:
        if chosen is Cluster.KIND:
            run("kind", "delete", "cluster", "--name", KIND, check=False)
        else:
            run("kubectl", "delete", "namespace", NAMESPACE, "--wait=false", check=False)


@pytest.fixture(scope="session")
def values() -> list[str]:
    """Of the trial, with two replicas of each service, and a way in for pods of these tests."""
    repository, _, tag = IMAGE.rpartition(":")
    files = [CHART / "values-trial.yaml", HERE / "values.yaml"]
    if own := os.environ.get("CLUSTER_VALUES"):
        files.append(ROOT / own)
    given = [argument for file in files for argument in ("-f", str(file))]
    return [*given, "--set", f"image.repository={repository},image.tag={tag}"]


def pod(name: str, command: list[str], labels: dict[str, str], **extra: Any) -> dict[str, Any]:
    """A pod on the services' image, as restricted as they are."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [
                {"name": "tmp", "emptyDir": {}},
                {"name": "scripts", "configMap": {"name": "scripts", "optional": True}},
            ],
            "containers": [
                {
                    "name": name,
                    "image": IMAGE,
                    "imagePullPolicy": "IfNotPresent",
                    "command": command,
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
                    "volumeMounts": [
                        {"name": "tmp", "mountPath": "/tmp"},
                        {"name": "scripts", "mountPath": "/scripts"},
                    ],
                    **extra,
                }
            ],
        },
    }


class Load:
    """The pod of load.py. `keycloak` is its address, as the pod reaches it."""

    NAME = "load"

    def __init__(
        self, namespace: str = NAMESPACE, keycloak: str = f"http://{RELEASE}-keycloak:8080"
    ) -> None:
        self._namespace, self._keycloak = namespace, keycloak

    def start(self) -> None:
        self._kubectl("create", "configmap", "scripts", f"--from-file={HERE / 'load.py'}")
        password = {"name": f"{RELEASE}-trial", "key": "keycloak-admin-password"}
        environment = [
            {"name": "PREFIX", "value": RELEASE},
            {"name": "KEYCLOAK", "value": self._keycloak},
            {"name": "ADMIN_PASSWORD", "valueFrom": {"secretKeyRef": password}},
        ]
        made = pod(
            self.NAME, ["python", "/scripts/load.py"], {"dondoc-client": "yes"}, env=environment
        )
        self._kubectl("apply", "-f", "-", feed=json.dumps(made))
        until("the load begins", 120, lambda: any("directives" in line for line in self.lines()))
        assert self.lines()[0] == {"began": True, "failed": []}

    def lines(self) -> list[dict[str, Any]]:
        phase = self._kubectl("get", "pod", self.NAME, "-o", "jsonpath={.status.phase}")
        written = self._kubectl("logs", self.NAME, check=False)
        if phase == "Failed":
            pytest.fail(f"the load ended:\n{written}", pytrace=False)
        return [json.loads(line) for line in written.splitlines()]

    @property
    def done(self) -> int:
        """Directives forwarded until now, told every ten seconds."""
        return int(self.lines()[-1].get("directives", 0))

    def goes_on(self) -> None:
        """Waits until more has been done than now."""
        before = self.done
        until("work goes on", 120, lambda: self.done > before)

    def stop(self) -> dict[str, Any]:
        self._kubectl("exec", self.NAME, "--", "touch", "/tmp/stop")
        until("the load ends", 180, lambda: "calls" in self.lines()[-1])
        result = self.lines()[-1]
        self._kubectl("delete", f"pod/{self.NAME}", "configmap/scripts")
        return result

    def _kubectl(self, *arguments: str, feed: str = "", check: bool = True) -> str:
        return kubectl(*arguments, namespace=self._namespace, feed=feed, check=check)
