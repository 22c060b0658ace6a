"""Tables are there before the services that need them."""

from __future__ import annotations

from .conftest import SERVICES, Render

HOOK = "helm.sh/hook"


def test_each_service_migrates_before_an_install_and_before_an_upgrade(render: Render) -> None:
    chart = render("minimal")
    for service in SERVICES:
        job = chart.one("Job", f"dondoc-{service}-migrate")
        assert job["metadata"]["annotations"][HOOK] == "pre-install,pre-upgrade"
        assert (
            "before-hook-creation" in job["metadata"]["annotations"]["helm.sh/hook-delete-policy"]
        )
        (container,) = job["spec"]["template"]["spec"]["containers"]
        assert container["command"] == ["python", "-m", f"services.{service}", "migrate"]
        serving = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"]
        assert container["image"] == serving["containers"][0]["image"]
        assert container["env"] == serving["containers"][0]["env"]


def test_the_account_of_the_migrations_is_there_before_them(render: Render) -> None:
    annotations = render("minimal").one("ServiceAccount", "dondoc-migrate")["metadata"][
        "annotations"
    ]
    assert annotations[HOOK] == "pre-install,pre-upgrade"
    assert int(annotations["helm.sh/hook-weight"]) < 0


def test_a_trial_migrates_beside_its_own_database_at_first_and_by_hook_later(
    render: Render,
) -> None:
    first, later = render("trial"), render("trial", "--is-upgrade")
    for service in SERVICES:
        job = first.one("Job", f"dondoc-{service}-migrate-first")
        assert HOOK not in job["metadata"].get("annotations", {})
        job = later.one("Job", f"dondoc-{service}-migrate")
        assert job["metadata"]["annotations"][HOOK] == "pre-install,pre-upgrade"


def test_what_a_failed_migration_leaves_goes_away_by_itself(render: Render) -> None:
    for job in render("minimal").of("Job"):
        assert job["spec"]["ttlSecondsAfterFinished"] > 0
