"""The trial on a real cluster, in this order: up, called, harmed under load, attacked, scaled, gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from sample.script import script
from sample.seasons import STAGES
from sample.totals import expected_totals

from .conftest import (
    CHART,
    NAMESPACE,
    RELEASE,
    ROOT,
    SERVICES,
    Load,
    helm,
    kubectl,
    pod,
    run,
    told,
    until,
)

KINDS = (
    "all,secret,configmap,serviceaccount,networkpolicy,poddisruptionbudget,horizontalpodautoscaler,"
    "persistentvolumeclaim,ingress"
)


def test_one_command_brings_the_whole_system_up(values: list[str]) -> None:
    began = time.monotonic()
    helm("install", RELEASE, str(CHART), *values, "--wait", "--timeout", "15m")
    told(f"install --wait: {time.monotonic() - began:.0f} s")
    for service in SERVICES:
        ready = kubectl(
            "get", "deployment", f"{RELEASE}-{service}", "-o", "jsonpath={.status.readyReplicas}"
        )
        assert ready == "2"


def test_helm_test_makes_a_real_call_with_a_token() -> None:
    began = time.monotonic()
    assert "Succeeded" in helm("test", RELEASE, "--timeout", "5m")
    told(f"helm test: {time.monotonic() - began:.0f} s")


DONDOC = [sys.executable, "-m", "cli.main"]


@contextmanager
def _connected(data: Path) -> Iterator[None]:
    """While `dondoc connect` runs; it must end well."""
    command = [*DONDOC, "connect", "--namespace", NAMESPACE, "--data", str(data), "--json"]
    english = {**os.environ, "DONDOC_LANG": "en"}
    connecting = subprocess.Popen(
        command, cwd=ROOT, env=english, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert connecting.stdout
    assert connecting.stderr
    try:
        line = connecting.stdout.readline()
        assert line, connecting.stderr.read()
        assert json.loads(line)["clock"] == "simulated"
        yield
    finally:
        connecting.terminate()
        _, said = connecting.communicate(timeout=60)
    assert connecting.returncode == 0, said


def test_the_demonstration_is_played_through_port_forwards(tmp_path: Path) -> None:
    began = time.monotonic()
    with _connected(tmp_path / "data"):
        done = run(*DONDOC, "play", "--data", str(tmp_path / "data"), "--json")
    played = json.loads(done.stdout)
    expected = expected_totals(script(), STAGES[0].end)
    figures = played["figures_2024"]
    assert figures["total"] == asdict(expected.total)
    assert figures["agencies"] == {name: asdict(row) for name, row in expected.agencies.items()}
    told(f"the demonstration: {time.monotonic() - began:.0f} s, {figures['total']}")


def test_a_connection_outlives_the_pods_that_it_leads_to(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with _connected(tmp_path / "data"):
        kubectl("delete", "pod", *_pods("tasks"))
        _whole("tasks")
        until(
            "tasks answer again", 60,
            lambda: run(*DONDOC, "status", "--data", data, check=False).returncode == 0,
        )  # fmt: skip
        listed = json.loads(run(*DONDOC, "task", "list", "--data", data, "--json").stdout)
    assert listed


def test_migrations_can_run_a_second_time(values: list[str]) -> None:
    helm("upgrade", RELEASE, str(CHART), *values, "--wait", "--timeout", "15m")


@pytest.fixture(scope="module")
def load() -> Load:
    """Work goes on from the first test that asks for it to the one that ends it."""
    running = Load()
    running.start()
    return running


def _pods(service: str) -> list[str]:
    component = f"app.kubernetes.io/component={service}"
    found = json.loads(kubectl("get", "pods", "-l", component, "-o", "json"))["items"]
    return [one["metadata"]["name"] for one in found if "deletionTimestamp" not in one["metadata"]]


def _whole(service: str) -> None:
    kubectl("rollout", "status", f"deployment/{RELEASE}-{service}", "--timeout=300s")


@pytest.mark.parametrize("service", SERVICES)
def test_work_goes_on_while_each_pod_is_killed(load: Load, service: str) -> None:
    for name in _pods(service):
        kubectl("delete", "pod", name, "--grace-period=0", "--force")
        until("another pod", 60, lambda gone=name: gone not in _pods(service))
        _whole(service)
    load.goes_on()


@pytest.mark.parametrize("service", SERVICES)
def test_work_goes_on_while_each_pod_is_asked_to_go(load: Load, service: str) -> None:
    for name in _pods(service):
        kubectl("delete", "pod", name)
        _whole(service)
    load.goes_on()


def test_work_goes_on_while_everything_is_upgraded(load: Load, values: list[str]) -> None:
    began = time.monotonic()
    change = ["--set-string", "defaults.podAnnotations.changed=yes"]
    helm("upgrade", RELEASE, str(CHART), *values, *change, "--wait", "--timeout", "15m")
    told(f"upgrade of all pods: {time.monotonic() - began:.0f} s")
    load.goes_on()


def test_work_goes_on_while_everything_is_rolled_back(load: Load) -> None:
    began = time.monotonic()
    helm("rollback", RELEASE, "--wait", "--timeout", "15m")
    told(f"rollback of all pods: {time.monotonic() - began:.0f} s")
    load.goes_on()


def test_no_call_failed_and_nothing_was_lost(load: Load) -> None:
    result = load.stop()
    told(json.dumps(result))
    assert result["failed"] == []
    assert result["lost_directives"] == []
    assert result["lost_tasks"] == []
    assert result["directives"] > 100
    assert set(result["calls"]) == set(SERVICES)


PROBE = """
import json, socket, sys
def opens(host, port):
    try:
        socket.create_connection((host, port), 3).close()
    except OSError:
        return False
    return True
targets = json.loads(sys.argv[1])
print(json.dumps([f"{host}:{port}" for host, port in targets if opens(host, port)]))
"""


def _reached_by(name: str, labels: dict[str, str]) -> list[str]:
    """Of everything in the release by its pods' addresses, so that no Service is in the way."""
    ports = {"postgres": [5432], "nats": [4222, 8222], "keycloak": [8080, 9000]}
    ports |= {service: [8080] for service in SERVICES}
    found = json.loads(
        kubectl("get", "pods", "-l", f"app.kubernetes.io/instance={RELEASE}", "-o", "json")
    )
    targets = [
        (one["status"]["podIP"], port)
        for one in found["items"]
        if one["status"]["phase"] == "Running"
        for port in ports.get(one["metadata"]["labels"]["app.kubernetes.io/component"], [])
    ]
    assert len(targets) >= 2 * len(SERVICES)
    command = ["python", "-c", PROBE, json.dumps(targets)]
    kubectl("apply", "-f", "-", feed=json.dumps(pod(name, command, labels)))
    until(
        f"{name} ends", 180,
        lambda: kubectl("get", "pod", name, "-o", "jsonpath={.status.phase}") == "Succeeded",
    )  # fmt: skip
    reached: list[str] = json.loads(kubectl("logs", name))
    kubectl("delete", "pod", name)
    return reached


def test_a_foreign_pod_reaches_nothing() -> None:
    assert _reached_by("stranger", {"app": "stranger"}) == []


def test_a_client_that_values_name_reaches_services_and_the_issuer_alone() -> None:
    reached = _reached_by("client", {"dondoc-client": "yes"})
    assert len(reached) == 2 * len(SERVICES) + 1
    assert all(address.endswith(":8080") for address in reached)


def test_a_service_under_work_is_given_more_pods(values: list[str]) -> None:
    autoscaling = {"enabled": True, "minReplicas": 1, "maxReplicas": 3}
    autoscaling["targetCPUUtilizationPercentage"] = 50
    scale = {
        "services.directives.autoscaling": autoscaling,
        "services.directives.resources.requests": {"cpu": "200m", "memory": "128Mi"},
    }
    change = [
        part
        for key, value in scale.items()
        for part in ("--set-json", f"{key}={json.dumps(value)}")
    ]
    helm("upgrade", RELEASE, str(CHART), *values, *change, "--wait", "--timeout", "15m")

    def at_rest() -> bool:
        scaler = json.loads(kubectl("get", "hpa", f"{RELEASE}-directives", "-o", "json"))["status"]
        metrics = [
            m["resource"]["current"] for m in scaler.get("currentMetrics") or () if "resource" in m
        ]
        used = [m["averageUtilization"] for m in metrics if "averageUtilization" in m]
        return bool(used) and used[0] < 25 and len(_pods("directives")) == 1

    # What starting takes is work, too: it is over when one pod does.
    until("one pod at rest", 600, at_rest)
    began = time.monotonic()
    load = Load()
    load.start()
    until("more pods", 300, lambda: len(_pods("directives")) > 1)
    told(f"a second pod by the autoscaler: {time.monotonic() - began:.0f} s after the load began")
    assert load.stop()["failed"] == []


def test_uninstalling_leaves_nothing() -> None:
    helm("uninstall", RELEASE, "--wait", "--timeout", "5m")

    def left() -> str:
        return kubectl("get", KINDS, "-l", f"app.kubernetes.io/instance={RELEASE}", "-o", "name")

    until(f"an empty namespace {NAMESPACE}", 180, lambda: not left().strip())
    claimed = "jsonpath={.items[*].spec.claimRef.namespace}"
    until(
        "no volume left",
        120,
        lambda: NAMESPACE not in kubectl("get", "persistentvolumes", "-o", claimed),
    )
    assert kubectl("get", "secrets", "-o", "name").strip() == ""
