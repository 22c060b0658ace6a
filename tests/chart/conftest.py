"""The chart as helm renders it. Needs helm (HELM) and the programs of CHECKS: run by `make chart`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
CHART = ROOT / "deploy" / "helm" / "dondoc"
SERVICES = ("directives", "tasks", "inspections", "reporting", "notify")
VALUES = {
    "minimal": Path(__file__).parent / "values-minimal.yaml",
    "external": CHART / "values-external.yaml",
    "trial": CHART / "values-trial.yaml",
}


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [os.environ.get("HELM", "helm"), *arguments], capture_output=True, text=True
    )


def template(values: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return helm(
        "template", "dondoc", str(CHART), "--namespace", "dondoc", "-f", str(values), *arguments
    )


@dataclass(frozen=True)
class Rendered:
    """Everything that one set of values makes, hooks included."""

    text: str
    objects: list[dict[str, Any]]

    def of(self, *kinds: str) -> Iterator[dict[str, Any]]:
        for found in self.objects:
            if found["kind"] in kinds:
                yield found

    def one(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = [o for o in self.of(kind) if o["metadata"]["name"] == name]
        return found

    def pods(self) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
        """Of everything that becomes a pod: kind/name, labels, spec."""
        for found in self.objects:
            name = f"{found['kind']}/{found['metadata']['name']}"
            if found["kind"] == "Pod":
                yield name, found["metadata"]["labels"], found["spec"]
            elif found["kind"] in ("Deployment", "StatefulSet", "Job"):
                pod = found["spec"]["template"]
                yield name, pod["metadata"]["labels"], pod["spec"]

    def containers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, _, spec in self.pods():
            for container in [*spec.get("initContainers", ()), *spec["containers"]]:
                yield f"{name}/{container['name']}", container


Render = Callable[..., Rendered]


@pytest.fixture(scope="session")
def render() -> Render:
    """`render("trial", "--set", "clock=real")`; fails with helm's words."""
    done: dict[tuple[str, ...], Rendered] = {}

    def rendered(values: str, *arguments: str) -> Rendered:
        key = (values, *arguments)
        if key not in done:
            made = template(VALUES[values], *arguments)
            assert made.returncode == 0, made.stderr
            objects = [found for found in yaml.safe_load_all(made.stdout) if found]
            done[key] = Rendered(made.stdout, objects)
        return done[key]

    return rendered


@pytest.fixture(params=sorted(VALUES))
def chart(request: pytest.FixtureRequest, render: Render) -> Rendered:
    """The chart with minimal, external and trial values, one after the other."""
    return render(request.param)


@pytest.fixture(scope="session")
def refused() -> Callable[..., str]:
    """What helm says when it refuses values; fails when it takes them."""

    def words(*arguments: str, values: str = "minimal") -> str:
        made = template(VALUES[values], *arguments)
        assert made.returncode != 0, "these values were taken"
        return made.stderr

    return words
