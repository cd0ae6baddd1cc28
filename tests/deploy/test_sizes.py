"""The numbers that were decided: replicas, autoscaling, requests, ports, users."""

from __future__ import annotations

import pytest

from tests.deploy.manifests import OVERLAYS, ROOT, named, overlay, workload, workloads

REPLICAS = {
    "storefront": 2,
    "order-service": 2,
    "order-worker": 2,
    "order-dispatcher": 2,
    "product-worker": 1,
    "product-sweep": 1,
    "storefront-sweep": 1,
}
LARGE = ("staging", "production")


@pytest.mark.parametrize("of", OVERLAYS)
def test_replicas(of: str) -> None:
    fixed = {each.name: each.spec.get("replicas") for each in workloads(overlay(of))}
    assert {name: fixed[name] for name in REPLICAS} == REPLICAS


@pytest.mark.parametrize("of", OVERLAYS)
def test_product_service_scales_from_2_to_10_at_70_percent_cpu(of: str) -> None:
    (scaler,) = named(overlay(of), "HorizontalPodAutoscaler").values()
    spec = scaler["spec"]
    assert scaler["apiVersion"] == "autoscaling/v2"
    assert spec["scaleTargetRef"]["name"] == "product-service"
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 10)
    (metric,) = spec["metrics"]
    assert metric == {
        "type": "ContainerResource",
        "containerResource": {
            "name": "cpu",
            "container": "app",
            "target": {"type": "Utilization", "averageUtilization": 70},
        },
    }


@pytest.mark.parametrize("of", OVERLAYS)
def test_scaling_is_fast_up_and_slow_down(of: str) -> None:
    (scaler,) = named(overlay(of), "HorizontalPodAutoscaler").values()
    up, down = (scaler["spec"]["behavior"][way] for way in ("scaleUp", "scaleDown"))
    assert (up["stabilizationWindowSeconds"], up["selectPolicy"]) == (0, "Max")
    assert up["policies"] == [
        {"type": "Percent", "value": 100, "periodSeconds": 30},
        {"type": "Pods", "value": 2, "periodSeconds": 30},
    ]
    assert down["stabilizationWindowSeconds"] == 300
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]


@pytest.mark.parametrize("of", OVERLAYS)
def test_an_autoscaler_alone_says_how_many_there_are(of: str) -> None:
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]
        for each in named(overlay(of), "HorizontalPodAutoscaler").values()
    }
    both = [
        each.name
        for each in workloads(overlay(of))
        if each.name in scaled and "replicas" in each.spec
    ]
    assert both == []


@pytest.mark.parametrize("of", LARGE)
def test_every_process_of_the_shop_asks_for_100m_and_at_least_128Mi(of: str) -> None:
    for each in workloads(overlay(of)):
        if each.component in {"web", "worker"}:
            requests = each.container["resources"]["requests"]
            assert requests["cpu"] == "100m", each.name
            assert mebibytes(requests["memory"]) >= 128, each.name


@pytest.mark.parametrize("of", LARGE)
@pytest.mark.parametrize(
    ("name", "cpu", "memory"), [("prometheus", "500m", "512Mi"), ("grafana", "250m", "256Mi")]
)
def test_monitoring_asks_for(of: str, name: str, cpu: str, memory: str) -> None:
    requests = workload(name, of=of).container["resources"]["requests"]
    assert requests == {"cpu": cpu, "memory": memory}


def test_ten_product_pods_and_all_others_fit_two_cores_locally() -> None:
    requested = {
        each.name: millicores(each.container["resources"]["requests"]["cpu"])
        * (10 if each.name == "product-service" else each.spec.get("replicas", 1))
        for each in workloads(overlay("local"))
        if each.runs_on
    }
    assert requested["product-service"] == 10 * 100
    assert requested["prometheus"] == 50
    small = set(requested) - {"product-service", "prometheus", "grafana", "alertmanager"}
    for name in small:
        own = workload(name, of="local").container["resources"]["requests"]["cpu"]
        assert 10 <= millicores(own) <= 25, name
    # What is left over is for the cluster's own pods and one surging pod.
    assert sum(requested.values()) <= 1600


@pytest.mark.parametrize("of", OVERLAYS)
def test_memory_is_never_overbooked_and_cpu_never_cut(of: str) -> None:
    for each in workloads(overlay(of)):
        resources = each.container["resources"]
        assert resources["limits"] == {"memory": resources["requests"]["memory"]}, each.name


@pytest.mark.parametrize(
    ("of", "storefront", "grafana"),
    [("local", 30000, 30030), ("staging", 30100, 30130), ("production", 30000, 30030)],
)
def test_the_doors_are_two_ports_of_every_node(of: str, storefront: int, grafana: int) -> None:
    doors = {
        name: port["nodePort"]
        for name, service in named(overlay(of), "Service").items()
        for port in service["spec"]["ports"]
        if "nodePort" in port
    }
    assert doors == {"storefront": storefront, "grafana": grafana}
    types = {name: each["spec"].get("type") for name, each in named(overlay(of), "Service").items()}
    assert {name for name, kind in types.items() if kind == "NodePort"} == set(doors)


@pytest.mark.parametrize("of", ["local", "staging"])
def test_connections_to_postgres_suffice_for_the_largest_shop(of: str) -> None:
    """Each thread keeps one; a surging pod comes on top of every Deployment."""
    needed = 0
    for each in workloads(overlay(of)):
        replicas = 10 if each.name == "product-service" else each.spec.get("replicas", 1)
        if each.component == "web":
            threads = int(each.environment["WEB_WORKERS"]) * int(each.environment["WEB_THREADS"])
            needed += (replicas + 1) * threads
        elif each.component == "worker":
            needed += (replicas + 1) * 3  # the main process and two children at most
    arguments = workload("postgres", of=of).container["args"]
    (offered,) = (each for each in arguments if each.startswith("max_connections="))
    assert needed + 10 <= int(offered.partition("=")[2])


def test_the_documented_sums_are_those_of_the_manifests() -> None:
    cpu = {of: requested(of, "cpu") / 1000 for of in OVERLAYS}
    memory = {of: requested(of, "memory") / 1024 for of in OVERLAYS}
    text = (ROOT / "docs" / "deploy.md").read_text()
    most = requested("local", "cpu", product_pods=10) / 1000
    local = f"{cpu['local']:.1f} cores, {most:.1f} with ten product pods"
    assert f"| CPU | {local} | {cpu['staging']:.1f} | {cpu['production']:.1f} |" in text
    most = requested("local", "memory", product_pods=10) / 1024
    local = f"{memory['local']:.1f} GiB, {most:.1f} with ten product pods"
    production = f"{memory['production']:.1f}, without the databases"
    assert f"| memory | {local} | {memory['staging']:.1f} | {production} |" in text


def requested(of: str, resource: str, *, product_pods: int = 2) -> int:
    """What the overlay's standing workloads ask for in all, in millicores or MiB."""
    measure = {"cpu": millicores, "memory": mebibytes}[resource]
    return sum(
        measure(each.container["resources"]["requests"][resource])
        * (product_pods if each.name == "product-service" else each.spec.get("replicas", 1))
        for each in workloads(overlay(of))
        if each.runs_on
    )


def millicores(text: str) -> int:
    return int(text.removesuffix("m")) if text.endswith("m") else 1000 * int(text)


def mebibytes(text: str) -> int:
    assert text.endswith("Mi"), text
    return int(text.removesuffix("Mi"))
