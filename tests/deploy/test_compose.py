"""Docker alone keeps to the cluster's rules: the call graph's arrows, and its limits of memory."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.deploy.call_graph import EDGES
from tests.deploy.manifests import ROOT, overlay, workloads
from tests.deploy.test_images import DIGEST

COMPOSE: dict[str, Any] = yaml.load((ROOT / "deploy/compose.yaml").read_text(), yaml.CSafeLoader)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ARROWS = {frozenset((source, destination)) for source, destination, _ in EDGES["local"]}
NOT_HERE = {"backup"}
LEAVING = {"alertmanager"}  # it calls whoever is on duty


def in_the_graph(service: str) -> str:
    return "migrate" if service.startswith("migrate-") else service


def has_arrow(one: str, other: str) -> bool:
    return frozenset((in_the_graph(one), in_the_graph(other))) in ARROWS


def are_parts_of_one_service(one: str, other: str) -> bool:
    """They hold the same secrets and one database."""
    images: set[str] = {SERVICES[one]["image"], SERVICES[other]["image"]}
    return len(images) == 1 and "techcommerce/" in images.pop()


def shared(one: str, other: str) -> set[str]:
    return set(SERVICES[one]["networks"]) & set(SERVICES[other]["networks"])


def test_containers_share_a_network_only_where_the_call_graph_has_an_arrow() -> None:
    """A network has no direction: where one may call, the other could as well."""
    strangers = [
        (one, other, shared(one, other))
        for one, other in combinations(SERVICES, 2)
        if shared(one, other)
        and not has_arrow(one, other)
        and not are_parts_of_one_service(one, other)
    ]
    assert strangers == []


def test_every_arrow_of_the_call_graph_has_a_network() -> None:
    known = {in_the_graph(each) for each in SERVICES}
    assert {each for arrow in ARROWS for each in arrow} - known == NOT_HERE
    cut = [
        (one, other)
        for one, other in combinations(SERVICES, 2)
        if has_arrow(one, other) and not shared(one, other)
    ]
    assert [pair for pair in cut if not pair[0].startswith("migrate-")] == []
    assert all(shared(each, "postgres") for each in SERVICES if each.startswith("migrate-"))


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        ("storefront", "redis-broker"),
        ("product-service", "redis-broker"),
        ("order-service", "redis-broker"),
        ("order-worker", "redis-cache"),
        ("storefront", "sandbox"),
        ("order-service", "sandbox"),
        ("product-service", "mail"),
        ("product-sweep", "order-service"),
        ("product-worker", "order-worker"),
        ("product-worker", "mail"),
        ("sandbox", "postgres"),
        ("grafana", "postgres"),
    ],
)
def test_what_has_no_business_with_each_other_cannot_meet(source: str, destination: str) -> None:
    assert shared(source, destination) == set()


def test_only_who_has_a_door_or_must_call_out_is_on_a_network_with_a_way_out() -> None:
    outer = {name for name, each in COMPOSE["networks"].items() if not each.get("internal")}
    outside = {name for name, each in SERVICES.items() if outer & set(each["networks"])}
    assert outside == {name for name, each in SERVICES.items() if each.get("ports")} | LEAVING


def test_prometheus_finds_each_process_by_the_name_it_asks_for() -> None:
    aliases = {
        alias: name
        for name, each in SERVICES.items()
        if isinstance(each["networks"], dict)
        for network in set(each["networks"]) & set(SERVICES["prometheus"]["networks"])
        for alias in each["networks"][network].get("aliases", ())
    }
    (shop, _) = yaml.load(
        (ROOT / "monitoring/prometheus/cluster.yml").read_text(), yaml.CSafeLoader
    )["scrape_configs"]
    (asked,) = (each["names"] for each in shop["dns_sd_configs"])
    assert aliases == {name: name.removesuffix("-metrics") for name in asked}


def test_every_container_has_the_memory_of_its_pod() -> None:
    limits = {
        each.name.removesuffix("-local"): each.container["resources"]["limits"]["memory"]
        for each in workloads(overlay("local"))
    }
    given = {name: each["mem_limit"].replace("m", "Mi") for name, each in SERVICES.items()}
    assert given == {name: limits[name] for name in given}


def test_every_image_that_is_not_ours_is_known_to_the_byte() -> None:
    bases = [
        line.partition("=")[2]
        for line in (ROOT / "deploy/Dockerfile").read_text().splitlines()
        if line.startswith("ARG PYTHON_IMAGE")
    ]
    taken = [each["image"] for each in SERVICES.values() if "techcommerce/" not in each["image"]]
    assert len(bases) == 1
    assert [image for image in (*bases, *taken) if not DIGEST.fullmatch(image)] == []
