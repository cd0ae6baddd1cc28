"""The network policies let through the edges of the call graph, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.deploy.call_graph import DOORS, EDGES, FORBIDDEN, HANDS, METERED
from tests.deploy.manifests import OVERLAYS, SPACES, of_kind, overlay, selects, workloads
from tests.deploy.network import (
    NEIGHBOURS,
    OUTSIDE,
    RESOLVERS,
    Place,
    listening,
    may_connect,
    pods,
)


@pytest.mark.parametrize("of", OVERLAYS)
def test_between_pods_exactly_the_edges_of_the_call_graph_are_open(of: str) -> None:
    known = pods(of)
    open_edges = {
        (source, destination, port)
        for source in known
        for destination, port in listening(of)
        if source != destination
        and (destination, port) not in DOORS
        and may_connect(of, known[source], known[destination], port)
    }
    assert open_edges == EDGES[of]


@pytest.mark.parametrize(("source", "destination", "port", "twin"), FORBIDDEN)
def test_a_forbidden_connection_has_an_allowed_twin(
    source: str, destination: str, port: int, twin: str
) -> None:
    known = pods("local")
    assert not may_connect("local", known[source], known[destination], port)
    assert may_connect("local", known[twin], known[destination], port)


@pytest.mark.parametrize("of", OVERLAYS)
def test_from_outside_only_the_doors_are_open(of: str) -> None:
    known = pods(of)
    open_ports = {
        (name, port) for name, port in listening(of) if may_connect(of, OUTSIDE, known[name], port)
    }
    assert open_ports == DOORS


@pytest.mark.parametrize("of", OVERLAYS)
def test_metrics_are_for_prometheus_alone(of: str) -> None:
    known = pods(of)
    metered = [name for name, port in listening(of) if port == 9100]
    assert sorted(metered) == sorted(METERED)
    for name in metered:
        readers = {each for each in known if may_connect(of, known[each], known[name], 9100)}
        assert readers == {"prometheus"}, name


@pytest.mark.parametrize("of", OVERLAYS)
def test_everybody_may_ask_for_names_wherever_a_cluster_answers_them(of: str) -> None:
    """kube-dns, or NodeLocal DNSCache on the node; over UDP, and TCP for long answers."""
    known = pods(of).items()
    deaf = [
        (each, dns.name)
        for dns in RESOLVERS
        for each, place in known
        if not may_connect(of, place, dns, 53)
    ]
    assert deaf == []
    to_dns = [
        each
        for each in of_kind(overlay(of), "NetworkPolicy")
        if each["metadata"]["name"] == "to-dns"
    ]
    assert {each["metadata"]["namespace"] for each in to_dns} == set(SPACES[of])
    for rule in (rule for each in to_dns for rule in each["spec"]["egress"]):
        asked = {(port["protocol"], port["port"]) for port in rule["ports"]}
        assert asked == {("UDP", 53), ("TCP", 53)}


@pytest.mark.parametrize("of", OVERLAYS)
def test_where_names_are_answered_nothing_else_is_open(of: str) -> None:
    stranger = pods(of)["stranger"]
    open_ports = [
        (each.name, port)
        for each, port in (
            *((each, port) for each in RESOLVERS for port in (80, 443, 8080, 10250)),
            *((each, port) for each in NEIGHBOURS for port in (53, 80)),
        )
        if may_connect(of, stranger, each, port)
    ]
    assert open_ports == []


@pytest.mark.parametrize("of", OVERLAYS)
def test_only_who_must_may_leave_the_cluster(of: str) -> None:
    leaving = {name for name, pod in pods(of).items() if may_connect(of, pod, OUTSIDE, 443)}
    paying = set(HANDS) if of == "production" else set()
    assert leaving == {"alertmanager"} | paying


def test_rented_databases_are_reached_and_nothing_else_in_their_range() -> None:
    managed = Place("managed", address="10.1.2.3")
    reached = {
        (name, port)
        for name, pod in pods("production").items()
        for port in (443, 587, 5432, 6379, 8000)
        if may_connect("production", pod, managed, port)
    }
    assert reached == {
        *((each, 5432) for each in (*METERED, "migrate", "backup")),
        *((each, 6379) for each in METERED if each != "storefront-sweep"),
    }


@pytest.mark.parametrize("of", OVERLAYS)
def test_every_policy_has_a_pod(of: str) -> None:
    dead = [
        policy["metadata"]["name"]
        for policy in of_kind(overlay(of), "NetworkPolicy")
        if not any(
            selects(policy["spec"]["podSelector"], each.labels)
            for each in workloads(overlay(of))
            if each.namespace == policy["metadata"]["namespace"]
        )
    ]
    assert dead == []


@pytest.mark.parametrize("of", OVERLAYS)
def test_each_namespace_is_closed_first(of: str) -> None:
    closed = {
        each["metadata"]["namespace"]
        for each in of_kind(overlay(of), "NetworkPolicy")
        if each["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    }
    assert closed == set(SPACES[of])


def test_shops_of_one_cluster_do_not_reach_each_other() -> None:
    """Not even their monitoring, which has the names and labels that are let in at home."""
    staging, production = pods("staging"), pods("production")
    open_edges = [
        (source, destination, port)
        for source, pod in staging.items()
        for destination, port in listening("production")
        if (destination, port) not in DOORS
        and may_connect(
            "production", replace(pod, namespace="elsewhere"), production[destination], port
        )
    ]
    assert open_edges == []
    guest = replace(production["storefront"], namespace=SPACES["production"][0])
    assert not may_connect("staging", staging["prometheus"], guest, 9100)
    assert may_connect("production", production["prometheus"], guest, 9100)
