"""Who may speak to whom: nobody, unless a policy says so."""

from __future__ import annotations

from typing import Any

from .conftest import SERVICES, Render, Rendered


def _matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}, "the tests understand no other selectors"
    return selector.get("matchLabels", {}).items() <= labels.items()


def _policies(chart: Rendered, labels: dict[str, str]) -> list[dict[str, Any]]:
    return [
        policy["spec"]
        for policy in chart.of("NetworkPolicy")
        if _matches(policy["spec"]["podSelector"], labels)
    ]


def _allowed(
    chart: Rendered, source: dict[str, str], target: dict[str, str], port: int, direction: str
) -> bool:
    """Whether the policies of one side let pods of the release speak to each other."""
    own, other = (source, target) if direction == "egress" else (target, source)
    peers = "to" if direction == "egress" else "from"
    for policy in _policies(chart, own):
        for rule in policy.get(direction, ()):
            if port not in [entry["port"] for entry in rule["ports"]]:
                continue
            if peers not in rule:
                return True
            for peer in rule[peers]:
                if set(peer) == {"podSelector"} and _matches(peer["podSelector"], other):
                    return True
    return False


def _reaches(chart: Rendered, source: dict[str, str], target: dict[str, str], port: int) -> bool:
    return all(_allowed(chart, source, target, port, side) for side in ("egress", "ingress"))


def _labels(chart: Rendered, component: str) -> dict[str, str]:
    return next(
        labels
        for _, labels, _ in chart.pods()
        if labels["app.kubernetes.io/component"] == component
    )


def test_every_pod_is_closed_in_both_directions(chart: Rendered) -> None:
    for name, labels, _ in chart.pods():
        directions = {d for policy in _policies(chart, labels) for d in policy["policyTypes"]}
        assert directions == {"Ingress", "Egress"}, name


def test_no_rule_lets_everybody_in(chart: Rendered) -> None:
    for policy in chart.of("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", ()):
            assert rule["from"], policy["metadata"]["name"]
            assert rule["ports"], policy["metadata"]["name"]
            assert all(any(peer.values()) for peer in rule["from"]), policy["metadata"]["name"]


def test_no_rule_lets_a_pod_out_on_every_port(chart: Rendered) -> None:
    for policy in chart.of("NetworkPolicy"):
        for rule in policy["spec"].get("egress", ()):
            assert rule["ports"], policy["metadata"]["name"]


def test_services_do_not_call_each_other(chart: Rendered) -> None:
    for source in SERVICES:
        for target in SERVICES:
            assert not _reaches(chart, _labels(chart, source), _labels(chart, target), 8080)


def test_in_a_trial_each_part_reaches_what_it_needs_and_no_more(render: Render) -> None:
    chart = render("trial")
    ports = {"postgres": 5432, "nats": 4222, "keycloak": 8080} | dict.fromkeys(SERVICES, 8080)
    wanted = {(service, need) for service in SERVICES for need in ("postgres", "nats", "keycloak")}
    wanted |= {("migrate", "postgres"), ("keycloak", "postgres"), ("test", "keycloak")}
    wanted |= {("test", service) for service in SERVICES}
    components = {*ports, "migrate", "test"}
    found = {
        (source, target)
        for source in components
        for target, port in ports.items()
        if _reaches(chart, _labels(chart, source), _labels(chart, target), port)
    }
    assert found == wanted


def test_a_stranger_in_the_namespace_reaches_nothing(render: Render) -> None:
    chart = render("trial")
    stranger = {"app": "stranger"}
    for _, labels, _ in chart.pods():
        for port in (4222, 5432, 8080, 8222, 9000):
            assert not _allowed(chart, stranger, labels, port, "ingress")


def test_who_is_named_as_a_client_may_call_the_services_and_nothing_else(render: Render) -> None:
    chart = render(
        "minimal", "--set", "networkPolicy.clients[0].podSelector.matchLabels.app=caller"
    )
    caller = {"app": "caller"}
    for service in SERVICES:
        assert _allowed(chart, caller, _labels(chart, service), 8080, "ingress")
    assert not _allowed(chart, caller, _labels(chart, "migrate"), 8080, "ingress")


def test_only_notify_may_reach_the_mail_server(render: Render) -> None:
    chart = render("external")
    for service in SERVICES:
        ports = {
            entry["port"]
            for policy in _policies(chart, _labels(chart, service))
            for rule in policy.get("egress", ())
            for entry in rule["ports"]
        }
        assert (587 in ports) == (service == "notify")


def test_only_directives_may_reach_keycloaks_administration(render: Render) -> None:
    own = ("--set", "networkPolicy.egress.officers.ports={8443}")
    for values, there in (("external", True), ("minimal", False)):
        chart = render(values, *own)
        for service in SERVICES:
            ports = {
                entry["port"]
                for policy in _policies(chart, _labels(chart, service))
                for rule in policy.get("egress", ())
                for entry in rule["ports"]
            }
            assert (8443 in ports) == (there and service == "directives")


def test_there_is_no_way_in_from_outside_unless_asked_for(render: Render) -> None:
    for values in ("minimal", "trial"):
        chart = render(values)
        assert not list(chart.of("Ingress", "GRPCRoute"))
        assert {s["spec"].get("type", "ClusterIP") for s in chart.of("Service")} == {"ClusterIP"}


def test_a_route_leads_to_the_services_that_are_named_and_to_no_other(render: Render) -> None:
    (route,) = render("external").of("GRPCRoute")
    led = {
        match["method"]["service"]: backend["name"]
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
        for backend in rule["backendRefs"]
    }
    assert led == {
        "dondoc.directives.v1.DirectiveService": "dondoc-directives",
        "dondoc.directives.v1.GoLiveService": "dondoc-directives",
        "dondoc.directory.v1.DirectoryService": "dondoc-directives",
        "dondoc.calendar.v1.CalendarService": "dondoc-directives",
        "dondoc.tasks.v1.TaskService": "dondoc-tasks",
        "dondoc.tasks.v1.GoLiveService": "dondoc-tasks",
    }


def test_an_ingress_needs_tls_and_leads_by_the_names_of_grpc_services(render: Render) -> None:
    chart = render(
        "minimal", "--set", "ingress.enabled=true,ingress.host=dondoc.example,ingress.tlsSecret=tls"
    )
    (ingress,) = chart.of("Ingress")
    assert ingress["spec"]["tls"] == [{"hosts": ["dondoc.example"], "secretName": "tls"}]
    paths = [path["path"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    assert paths == [
        "/dondoc.directives.v1.DirectiveService",
        "/dondoc.directives.v1.GoLiveService",
        "/dondoc.directory.v1.DirectoryService",
        "/dondoc.calendar.v1.CalendarService",
    ]


def test_every_grpc_service_of_the_protos_has_a_route(render: Render) -> None:
    everything = "grpcRoute.services={directives,tasks,inspections,reporting,notify}"
    (route,) = render("external", "--set", everything).of("GRPCRoute")
    routed = {m["method"]["service"] for rule in route["spec"]["rules"] for m in rule["matches"]}
    assert routed == _grpc_services()


def _grpc_services() -> set[str]:
    """Those of the .proto files, but for `limits`: it is on every one of the five."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    from .conftest import ROOT

    image = FileDescriptorSet.FromString((ROOT / "gen" / "image.binpb").read_bytes())
    return {
        f"{file.package}.{service.name}"
        for file in image.file
        for service in file.service
        if file.package.startswith("dondoc.") and file.package != "dondoc.limits.v1"
    }
