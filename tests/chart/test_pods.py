"""How pods run: with no more rights than they need, watched, and drained before they go."""

from __future__ import annotations

from importlib import import_module

from services.kernel.runtime.settings import Settings

from .conftest import SERVICES, Render, Rendered


def test_every_container_runs_as_somebody_who_is_not_root(chart: Rendered) -> None:
    for name, _, spec in chart.pods():
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True, name
        assert security["runAsUser"] > 0, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name


def test_every_container_is_restricted(chart: Rendered) -> None:
    for name, container in chart.containers():
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["readOnlyRootFilesystem"] is True, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert "privileged" not in security, name


def test_no_pod_touches_its_host_or_speaks_to_kubernetes(chart: Rendered) -> None:
    for name, _, spec in chart.pods():
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        assert spec["automountServiceAccountToken"] is False, name
        for volume in spec.get("volumes", ()):
            assert "hostPath" not in volume, name


def test_every_image_is_named_by_a_version(chart: Rendered) -> None:
    for name, container in chart.containers():
        tag = container["image"].rpartition("/")[2].partition(":")[2]
        assert tag, name
        assert tag != "latest", name
        assert container["imagePullPolicy"] == "IfNotPresent", name


def test_a_digest_wins_over_a_tag(render: Render) -> None:
    digest = "sha256:" + "0" * 64
    chart = render("minimal", "--set", f"image.digest={digest}")
    assert {container["image"] for _, container in chart.containers()} == {f"dondoc@{digest}"}


def test_every_container_says_what_it_takes(chart: Rendered) -> None:
    for name, container in chart.containers():
        for kind in ("requests", "limits"):
            assert set(container["resources"][kind]) >= {"cpu", "memory"}, name


def test_each_service_runs_by_its_own_command_and_answers_probes(chart: Rendered) -> None:
    for service in SERVICES:
        pod = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["command"] == ["python", "-m", f"services.{service}", "serve"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["grpc"]["port"] == 8080
        # Alive is the process; ready is what it serves.
        assert container["readinessProbe"]["grpc"]["service"].startswith(f"dondoc.{service}.")
        assert "service" not in container["livenessProbe"]["grpc"]


def test_a_start_may_take_as_long_as_the_settings_say(render: Render) -> None:
    chart = render("minimal", "--set", "startTimeoutSeconds=400")
    pod = chart.one("Deployment", "dondoc-tasks")["spec"]["template"]["spec"]
    probe = pod["containers"][0]["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] > 2 * 400


def test_a_pod_is_not_killed_before_its_calls_had_time_to_end(render: Render) -> None:
    chart = render("minimal", "--set", "preStopSeconds=7,drainSeconds=40")
    for service in SERVICES:
        pod = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 7}}
        assert pod["terminationGracePeriodSeconds"] > 7 + 40
        assert {"name": "DONDOC_DRAIN_SECONDS", "value": "40"} in container["env"]


def test_an_update_starts_a_new_pod_before_an_old_one_goes(chart: Rendered) -> None:
    for service in SERVICES:
        rolling = chart.one("Deployment", f"dondoc-{service}")["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxSurge": 1, "maxUnavailable": 0}


def test_replicas_are_spread_over_nodes_and_zones(chart: Rendered) -> None:
    for service in SERVICES:
        pod = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"]
        keys = {constraint["topologyKey"] for constraint in pod["topologySpreadConstraints"]}
        assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_each_service_scales_and_gives_up_one_pod_at_a_time(render: Render) -> None:
    chart = render("minimal")
    for service in SERVICES:
        name = f"dondoc-{service}"
        scaler = chart.one("HorizontalPodAutoscaler", name)["spec"]
        assert scaler["scaleTargetRef"]["name"] == name
        assert scaler["minReplicas"] >= 2
        # Two who say how many there are would quarrel.
        assert "replicas" not in chart.one("Deployment", name)["spec"]
        assert chart.one("PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1


def test_one_service_may_be_given_more_than_the_others(render: Render) -> None:
    chart = render(
        "minimal", "--set", "services.tasks.autoscaling.enabled=false,services.tasks.replicas=5"
    )
    assert chart.one("Deployment", "dondoc-tasks")["spec"]["replicas"] == 5
    assert not [o for o in chart.of("HorizontalPodAutoscaler") if "tasks" in o["metadata"]["name"]]
    assert len(list(chart.of("HorizontalPodAutoscaler"))) == 4


def test_one_service_may_reserve_more_and_keeps_its_other_resources(render: Render) -> None:
    chart = render("minimal", "--set", "services.tasks.resources.requests.cpu=400m")
    found = {}
    for service in ("tasks", "notify"):
        pod = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"]
        found[service] = pod["containers"][0]["resources"]
    assert found["tasks"]["requests"].pop("cpu") == "400m"
    found["notify"]["requests"].pop("cpu")
    assert found["tasks"] == found["notify"]


def test_all_settings_that_a_pod_is_given_are_settings_of_its_service(chart: Rendered) -> None:
    for service in SERVICES:
        pod = chart.one("Deployment", f"dondoc-{service}")["spec"]["template"]["spec"]
        given = {entry["name"] for entry in pod["containers"][0]["env"]}
        settings = import_module(f"services.{service}.bootstrap").DEFINITION.settings
        assert given <= {f"DONDOC_{field.upper()}" for field in settings.model_fields}
        required = {
            f"DONDOC_{n.upper()}" for n, f in Settings.model_fields.items() if f.is_required()
        }
        assert required <= given


def test_a_profile_of_ones_own_is_mounted_and_a_new_one_starts_the_pods_again(
    render: Render,
) -> None:
    first = render("minimal", "--set", r"regulationProfiles.own\.yaml=id: a")
    second = render("minimal", "--set", r"regulationProfiles.own\.yaml=id: b")
    assert first.one("ConfigMap", "dondoc-profiles")["data"]["own.yaml"].strip() == "id: a"
    marks = []
    for chart in (first, second):
        pod = chart.one("Deployment", "dondoc-tasks")["spec"]["template"]
        (container,) = pod["spec"]["containers"]
        assert {"name": "DONDOC_PROFILE_PATH", "value": "/etc/dondoc/profiles"} in container["env"]
        assert "/etc/dondoc/profiles" in [m["mountPath"] for m in container["volumeMounts"]]
        marks.append(pod["metadata"]["annotations"]["checksum/profiles"])
    assert marks[0] != marks[1]
