"""Secrets are somewhere else, or made for a trial and kept."""

from __future__ import annotations

import json
from typing import Any

from .conftest import ROOT, SERVICES, Render, Rendered

SECRET = ("PASSWORD", "_KEY", "DATABASE_URL", "NATS_URL", "CLIENT_SECRET")


def _environment(chart: Rendered) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, entry)
        for name, container in chart.containers()
        for entry in container.get("env", ())
    ]


def test_secrets_come_by_reference_and_never_as_plain_values(chart: Rendered) -> None:
    seen = 0
    for name, entry in _environment(chart):
        if entry["name"].endswith(SECRET):
            assert set(entry["valueFrom"]) == {"secretKeyRef"}, f"{name}: {entry['name']}"
            seen += 1
    assert seen >= 3 * len(SERVICES)


def test_outside_of_a_trial_the_chart_makes_no_secret(render: Render) -> None:
    for values in ("minimal", "external"):
        assert not list(render(values).of("Secret"))


def test_each_service_has_a_secret_of_its_own(chart: Rendered) -> None:
    secrets = []
    for service in SERVICES:
        (container,) = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"][
            "containers"
        ]
        (key,) = [e for e in container["env"] if e["name"] == "DONDOC_DATABASE_URL"]
        secrets.append(key["valueFrom"]["secretKeyRef"]["name"])
    assert len(set(secrets)) == len(SERVICES)


def test_the_url_of_a_database_may_come_from_the_secret_of_its_operator(render: Render) -> None:
    for _, entry in _environment(render("external")):
        if entry["name"] == "DONDOC_DATABASE_URL":
            found = entry["valueFrom"]["secretKeyRef"]
            assert found["name"].endswith("-db-app")
            assert found["key"] == "uri"


def test_in_a_trial_no_two_services_share_a_password_and_none_is_in_a_configmap(
    render: Render,
) -> None:
    chart = render("trial")
    words = chart.one("Secret", "dondoc-trial")["stringData"]
    assert len(set(words.values())) == len(words)
    assert all(len(word) == 32 for word in words.values())
    elsewhere = json.dumps([o for o in chart.objects if o["kind"] != "Secret"])
    assert not [name for name, word in words.items() if word in elsewhere]
    for service in SERVICES:
        url = chart.one("Secret", f"dondoc-{service}")["stringData"]["database-url"]
        password = words[f"database-password-{service}"]
        assert url == f"postgresql://{service}:{password}@dondoc-postgres:5432/{service}"


def test_a_trial_imports_the_realm_of_the_repository(render: Render) -> None:
    chart = render("trial")
    realm = json.loads(chart.one("Secret", "dondoc-realm")["stringData"]["dondoc-realm.json"])
    kept = chart.one("Secret", "dondoc-trial")["stringData"]
    secrets = {c["clientId"]: c.pop("secret") for c in realm["clients"] if "secret" in c}
    assert secrets == {
        "dondoc-shared-system": kept["shared-system-secret"],
        "dondoc-directory": kept["directory-secret"],
    }
    assert realm == json.loads((ROOT / "deploy" / "keycloak" / "dondoc-realm.json").read_text())


def _officers(chart: Rendered) -> dict[str, dict[str, Any]]:
    """Pods that are told where to read officers in charge."""
    return {
        name: entry
        for name, entry in _environment(chart)
        if entry["name"] == "DONDOC_OFFICERS_CLIENT_SECRET"
    }


def test_the_secret_of_who_reads_officers_is_given_to_directives_alone(render: Render) -> None:
    """To its migration, too: one set of settings."""
    named = {"name": "dondoc-directory", "key": "client-secret"}
    generated = {"name": "dondoc-trial", "key": "directory-secret"}
    for values, reference in (("external", named), ("trial", generated)):
        found = _officers(render(values))
        assert {name.split("-")[1].split("/")[0] for name in found} == {"directives"}
        assert len(found) == 2
        assert all(e["valueFrom"]["secretKeyRef"] == reference for e in found.values())


def test_without_an_address_no_officers_are_read(render: Render) -> None:
    assert not _officers(render("minimal"))
    assert "DONDOC_OFFICERS" not in render("minimal").text


def test_in_a_trial_tokens_are_of_the_address_that_users_see(render: Render) -> None:
    chart = render("trial", "--set", "trial.keycloak.url=http://id.test:8180")
    issuers = {e["value"] for _, e in _environment(chart) if e["name"] == "DONDOC_ISSUER_URL"}
    keys = {e["value"] for _, e in _environment(chart) if e["name"] == "DONDOC_ISSUER_KEYS_URL"}
    assert issuers == {"http://id.test:8180/realms/dondoc"}
    assert keys == {"http://dondoc-keycloak:8080/realms/dondoc/protocol/openid-connect/certs"}
    args = chart.one("Deployment", "dondoc-keycloak")["spec"]["template"]["spec"]["containers"][0]
    assert "--hostname=http://id.test:8180" in args["args"]
