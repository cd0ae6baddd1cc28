"""Evaluates NetworkPolicies as Kubernetes defines them (networking.k8s.io/v1).

A connection passes if the source's egress and the destination's ingress allow it. A pod that no
policy of a direction selects is open in that direction; otherwise one matching rule is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from tests.deploy.manifests import SPACES, Manifest, of_kind, overlay, selects, workloads


@dataclass(frozen=True)
class Place:
    """A pod, or an address outside the cluster (then it has no labels)."""

    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    address: str = "10.244.0.9"

    @property
    def is_pod(self) -> bool:
        return bool(self.labels)


OUTSIDE = Place("outside", address="203.0.113.7")
# Pods of either kind, and addresses of the node itself: the cache's own, and those that Services
# called kube-dns usually have.
RESOLVERS = (
    *(Place(name, "kube-system", {"k8s-app": name}) for name in ("kube-dns", "node-local-dns")),
    *(
        Place(f"resolver at {address}", address=address)
        for address in ("169.254.20.10", "10.96.0.10", "10.100.0.10", "172.20.0.10", "10.0.0.10")
    ),
)
# The cloud's metadata hands out the rights of the node.
NEIGHBOURS = (
    Place("metadata", address="169.254.169.254"),
    Place("next to the cache", address="169.254.20.11"),
    Place("next to kube-dns", address="10.96.0.1"),
)


def pods(of: str) -> dict[str, Place]:
    """One pod of each application of an overlay."""
    found = {
        each.app: Place(each.app, each.namespace, each.labels) for each in workloads(overlay(of))
    }
    return found | {"stranger": Place("stranger", SPACES[of][0], {"app": "stranger"})}


def may_connect(of: str, source: Place, destination: Place, port: int) -> bool:
    policies = of_kind(overlay(of), "NetworkPolicy")
    leaves = _passes(policies, "egress", source, destination, port)
    return leaves and _passes(policies, "ingress", destination, source, port)


def _passes(
    policies: list[Manifest], direction: str, subject: Place, peer: Place, port: int
) -> bool:
    if not subject.is_pod:
        return True
    mine = [
        policy
        for policy in policies
        if direction.capitalize() in policy["spec"]["policyTypes"]
        and policy["metadata"]["namespace"] == subject.namespace
        and selects(policy["spec"]["podSelector"], subject.labels)
    ]
    home = subject.namespace
    if not mine:
        return subject.namespace == "kube-system"  # not ours to close
    return any(
        _rule_allows(rule, direction, peer, port, home)
        for policy in mine
        for rule in policy["spec"].get(direction, ())
    )


def _rule_allows(rule: Manifest, direction: str, peer: Place, port: int, home: str) -> bool:
    peers = rule.get("from" if direction == "ingress" else "to")
    ports = rule.get("ports")
    is_peer = peers is None or any(_is_peer(each, peer, home) for each in peers)
    return is_peer and (ports is None or any(each["port"] == port for each in ports))


def _is_peer(wanted: Manifest, peer: Place, home: str) -> bool:
    if "ipBlock" in wanted:
        block = wanted["ipBlock"]
        address = ip_address(peer.address)
        excluded = [ip_network(each) for each in block.get("except", ())]
        return address in ip_network(block["cidr"]) and not any(address in e for e in excluded)
    if not peer.is_pod:
        return False
    names = {"kubernetes.io/metadata.name": peer.namespace}
    spaces = wanted.get("namespaceSelector")
    is_near = selects(spaces, names) if spaces is not None else peer.namespace == home
    return is_near and selects(wanted.get("podSelector", {}), peer.labels)


def listening(of: str) -> Iterator[tuple[str, int]]:
    """Every application with each port that it listens on."""
    for each in workloads(overlay(of)):
        for port in each.ports.values():
            yield each.app, port
