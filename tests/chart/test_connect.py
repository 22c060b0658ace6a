"""`dondoc connect` finds in a trial release what it needs, and leaves every other release alone."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from cli.cluster.release import Kubectl, find
from cli.errors import USAGE, CliError

from .conftest import SERVICES, Render, Rendered


class _Answers:
    """A namespace in which the rendered chart is installed, as kubectl lists it."""

    namespace = "dondoc"

    def __init__(self, chart: Rendered) -> None:
        self._chart = chart

    def list(self, kind: str, labels: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        found = self._chart.of(kind.removesuffix("s").capitalize())
        chosen = [one for one in found if labels.items() <= one["metadata"]["labels"].items()]
        for one in chosen:
            if one["kind"] == "Secret":
                one["data"] = {
                    key: base64.b64encode(value.encode()).decode()
                    for key, value in one["stringData"].items()
                }
        return chosen


def _namespace(chart: Rendered) -> Kubectl:
    return cast(Kubectl, _Answers(chart))


def test_a_trial_tells_its_services_clock_issuer_and_administrator(render: Render) -> None:
    chart = render("trial")
    found = find(_namespace(chart), "dondoc")
    named = {name: f"dondoc-{name}" for name in (*SERVICES, "keycloak")}
    assert found.services == named
    assert (found.clock, found.issuer) == ("simulated", "http://localhost:8180/realms/dondoc")
    kept = chart.one("Secret", "dondoc-trial")["stringData"]["keycloak-admin-password"]
    assert found.admin_password == kept
    assert kept not in repr(found)


def test_a_release_that_is_no_trial_is_left_alone(render: Render) -> None:
    with pytest.raises(CliError, match="is no trial") as refused:
        find(_namespace(render("external")), "dondoc")
    assert refused.value.code == USAGE


def test_a_release_that_is_not_there_is_told(render: Render) -> None:
    with pytest.raises(CliError, match="no release other"):
        find(_namespace(render("trial")), "other")
