"""Values that make no sense are refused, and the words say which."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from .conftest import CHART, ROOT, SERVICES, helm

Refused = Callable[..., str]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("services.task.env.A=x", "'task' not allowed"),
        ("image.tga=1", "'tga' not allowed"),
        ("clock=fast", "must be one of 'real', 'simulated'"),
        ("drainSeconds=-1", "/drainSeconds"),
        ("drainSeconds=soon", "got string, want integer"),
        ("services.tasks.replicas=many", "/services/tasks/replicas"),
        ("issuer.url=id.example", "/issuer/url"),
        ("officers.url=https://id.example", "/officers/url"),
        ("officers.url=https://id.example/realms/dondoc", "officers.clientSecret.name is missing"),
        ("smtp.from=somebody", "/smtp/from"),
        ("smtp.tls=yes", "must be one of 'off', 'starttls', 'tls'"),
        ("env.FOO=1", "'FOO' not allowed"),
        ("env.DONDOC_DATABASE_URL=postgresql://x", "/env/DONDOC_DATABASE_URL"),
        ("services.tasks.env.DONDOC_CRASH_AT=x", "/services/tasks/env/DONDOC_CRASH_AT"),
        ("image.tag=latest", "`latest` is another image tomorrow"),
        ("podSecurity.runAsUser=0", "/podSecurity/runAsUser"),
        ("networkPolicy.egress.database.ports={}", "/networkPolicy/egress/database/ports"),
        ("ingress.enabled=true", "ingress.host is missing"),
        ("ingress.enabled=true,ingress.host=h.example", "gRPC through an Ingress needs TLS"),
        ("grpcRoute.enabled=true", "grpcRoute.parentRefs is missing"),
        ("grpcRoute.services={web}", "/grpcRoute/services/0"),
        (
            "defaults.autoscaling.minReplicas=9,defaults.autoscaling.maxReplicas=2",
            "minReplicas is more than maxReplicas",
        ),
    ],
)
def test_wrong_values_are_refused_by_name(refused: Refused, given: str, words: str) -> None:
    assert words in refused("--set", given)


@pytest.mark.parametrize(
    ("emptied", "words"),
    [
        ("issuer.url=", "issuer.url is missing"),
        ("smtp.host=", "smtp.host is missing"),
        ("smtp.from=", "smtp.from is missing"),
        *(
            (f"services.{s}.existingSecret=", f"services.{s}.existingSecret is missing")
            for s in SERVICES
        ),
    ],
)
def test_what_must_be_given_is_asked_for(refused: Refused, emptied: str, words: str) -> None:
    assert words in refused("--set", emptied)


def _paths(values: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in values.items():
        path = f"{above}{key}"
        found |= _paths(value, f"{path}.") if isinstance(value, dict) and value else {path}
    return found


def test_the_readme_tells_every_value_and_no_other() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    told = set(re.findall(r"^\| `([^`]+)` \|", (CHART / "README.md").read_text(), re.M))
    wanted = {
        re.sub(rf"^services\.({'|'.join(SERVICES)})\.", "services.*.", path)
        for path in _paths(values)
    }
    # Resources are told as one value.
    wanted = {re.sub(r"\.resources\..*", ".resources", path) for path in wanted}
    wanted = {
        re.sub(r"^networkPolicy\.egress\.\w+\.", "networkPolicy.egress.*.", p) for p in wanted
    }
    assert told == wanted


def test_the_version_of_the_chart_is_that_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == project["version"]


def test_the_notes_say_what_to_do_next(render: Any) -> None:
    from .conftest import VALUES

    shown = helm(
        "install", "dondoc", str(CHART), "--dry-run=client", "-f", str(VALUES["trial"]), "-n", "d"
    )
    assert shown.returncode == 0, shown.stderr
    assert "helm test dondoc --namespace d" in shown.stdout
    assert "port-forward" in shown.stdout
