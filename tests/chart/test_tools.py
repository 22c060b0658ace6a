"""What other people's tools say about the chart."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .conftest import CHART, ROOT, VALUES, Render, helm

KUBERNETES = ("1.33.0", "1.34.0", "1.35.0")


def _tool(name: str) -> str:
    return str(Path(os.environ["CHECKS"]) / name)


@pytest.mark.parametrize("values", sorted(VALUES))
def test_helm_lints_the_chart(values: str) -> None:
    done = helm("lint", "--strict", str(CHART), "-f", str(VALUES[values]))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", sorted(VALUES))
def test_kubernetes_knows_every_field(
    render: Render, tmp_path: Path, values: str, version: str
) -> None:
    """All but GRPCRoute, which is no part of Kubernetes and so in none of its schemas."""
    import yaml

    chart = render(values)
    ours = [o for o in chart.objects if o["kind"] != "GRPCRoute"]
    file = tmp_path / "chart.yaml"
    file.write_text(yaml.safe_dump_all(ours))
    done = subprocess.run(
        [_tool("kubernetes-validate"), "--strict", "--kubernetes-version", version, str(file)],
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "WARN" not in said, said
    assert said.count("passed") >= len(ours), said


@pytest.mark.parametrize("values", sorted(VALUES))
def test_checkov_finds_nothing(render: Render, tmp_path: Path, values: str) -> None:
    (tmp_path / "chart.yaml").write_text(render(values).text)
    done = subprocess.run(
        [
            _tool("checkov"), "--config-file", str(ROOT / "deploy" / "helm" / "checkov.yaml"),
            "--directory", str(tmp_path), "--output", "json", "--compact",
        ],
        capture_output=True,
        text=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    failed = [f"{c['check_id']} {c['resource']}" for c in found["results"]["failed_checks"]]
    assert not failed
    # It ends well, too, when it understood nothing.
    assert found["summary"]["passed"] > 500
    assert found["summary"]["parsing_errors"] == 0
