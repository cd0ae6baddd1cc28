"""Whatever an object names is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local.cluster_secrets import SECRETS
from tests.deploy.manifests import (
    OVERLAYS,
    SPACES,
    Workload,
    named,
    of_kind,
    overlay,
    selects,
    workload,
    workloads,
)

OF = pytest.mark.parametrize("of", OVERLAYS)


def configurations(pod: Workload) -> Iterator[str]:
    for source in pod.container.get("envFrom", ()):
        yield source["configMapRef"]["name"]
    for volume in pod.pod.get("volumes", ()):
        if "configMap" in volume:
            yield volume["configMap"]["name"]


@OF
def test_every_configuration_is_there_and_used(of: str) -> None:
    there = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in of_kind(overlay(of), "ConfigMap")
        if each["metadata"]["name"] != "release"
    }
    pods = workloads(overlay(of))
    assert {(pod.namespace, name) for pod in pods for name in configurations(pod)} == there


@OF
def test_the_name_of_a_configuration_tells_its_content(of: str) -> None:
    """A changed file is a new ConfigMap, and so a rollout that can be undone."""
    plain = [name for name in named(overlay(of), "ConfigMap") if len(name.rpartition("-")[2]) != 10]
    assert plain == ["release"]


@OF
def test_every_secret_is_one_that_is_made(of: str) -> None:
    for pod in workloads(overlay(of)):
        for name, items in pod.secrets:
            assert set(items or ()) <= set(SECRETS[name]), pod.name


@OF
def test_the_owner_of_a_service_s_tables_is_known_to_its_migration_alone(of: str) -> None:
    """And to the PostgreSQL that makes the roles."""
    holders = {
        (pod.name.removesuffix(f"-{version(of)}"), name)
        for pod in workloads(overlay(of))
        for name, _ in pod.secrets
        if "owner" in name
    }
    owners = {f"{service}-owner" for service in ("storefront", "product-service", "order-service")}
    own = {("postgres", name) for name in owners} if of != "production" else set()
    assert holders == own | {(f"migrate-{name.removesuffix('-owner')}", name) for name in owners}
    for secret, names in SECRETS.items():
        assert (secret in owners) == any("_OWNER_" in name for name in names), secret


def version(of: str) -> str:
    return str(named(overlay(of), "ConfigMap")["release"]["data"]["VERSION"])


@OF
def test_every_account_is_there_and_used(of: str) -> None:
    used = {(pod.namespace, pod.pod["serviceAccountName"]) for pod in workloads(overlay(of))}
    there = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in of_kind(overlay(of), "ServiceAccount")
    }
    assert there == used | {(SPACES[of][0], "deployer")}


@OF
def test_every_claim_is_there_and_used(of: str) -> None:
    claimed = {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in workloads(overlay(of))
        for volume in pod.pod.get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
    assert set(named(overlay(of), "PersistentVolumeClaim")) == claimed


@OF
def test_every_volume_is_there_and_mounted(of: str) -> None:
    for pod in workloads(overlay(of)):
        mounted = {each["name"] for each in pod.container.get("volumeMounts", ())}
        volumes = {each["name"] for each in pod.pod.get("volumes", ())}
        claims = {each["metadata"]["name"] for each in pod.spec.get("volumeClaimTemplates", ())}
        assert mounted == volumes | claims, pod.name


@OF
def test_every_probe_asks_a_port_that_is_there(of: str) -> None:
    for pod in workloads(overlay(of)):
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            probe = pod.container.get(name, {})
            asked = probe.get("httpGet") or probe.get("tcpSocket")
            assert asked is None or asked["port"] in pod.ports, (pod.name, name)


@OF
def test_every_selector_selects_its_own_pods(of: str) -> None:
    for pod in workloads(overlay(of)):
        if pod.runs_on:
            chosen = [
                each.name
                for each in workloads(overlay(of))
                if selects(pod.spec["selector"], each.labels)
            ]
            assert chosen == [pod.name]


@OF
def test_every_service_leads_to_a_port_of_one_workload(of: str) -> None:
    for name, service in named(overlay(of), "Service").items():
        selector = {"matchLabels": service["spec"]["selector"]}
        (behind,) = (
            each
            for each in workloads(overlay(of))
            if each.namespace == service["metadata"]["namespace"] and selects(selector, each.labels)
        )
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in behind.ports, name


@OF
def test_every_budget_and_autoscaler_has_its_workload(of: str) -> None:
    names = {each.name for each in workloads(overlay(of))}
    for name, budget in named(overlay(of), "PodDisruptionBudget").items():
        chosen = [
            each.name
            for each in workloads(overlay(of))
            if selects(budget["spec"]["selector"], each.labels)
        ]
        assert chosen == [name]
    for scaler in named(overlay(of), "HorizontalPodAutoscaler").values():
        assert scaler["spec"]["scaleTargetRef"]["name"] in names


@OF
def test_one_deployer_has_the_same_rights_in_both_namespaces(of: str) -> None:
    bindings, roles = of_kind(overlay(of), "RoleBinding"), of_kind(overlay(of), "Role")
    for found in (bindings, roles):
        assert {each["metadata"]["namespace"] for each in found} == set(SPACES[of])
    assert roles[0]["rules"] == roles[1]["rules"]
    for each in bindings:
        assert each["roleRef"]["name"] == "deployer"
        (subject,) = each["subjects"]
        assert (subject["name"], subject["namespace"]) == ("deployer", SPACES[of][0])


@OF
def test_the_deployer_reads_no_secret_and_enters_no_pod(of: str) -> None:
    rules = named(overlay(of), "Role")["deployer"]["rules"]
    granted = {
        (resource, verb)
        for rule in rules
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert not {each for each in granted if each[0].startswith("secrets")}
    assert not {
        each for each in granted if each[0] in {"pods/exec", "pods/attach", "pods/portforward"}
    }
    assert not {verb for _, verb in granted} & {"*", "escalate", "bind", "impersonate"}
    own = {
        verb for resource, verb in granted if resource in {"roles", "rolebindings", "namespaces"}
    }
    assert own <= {"get", "list", "watch"}


WATCHING = {"prometheus", "alertmanager", "grafana"}


@OF
def test_the_shop_is_in_one_namespace_and_what_watches_it_in_another(of: str) -> None:
    shop, monitoring = SPACES[of]
    assert set(named(overlay(of), "Namespace")) == {shop, monitoring}
    for each in workloads(overlay(of)):
        assert each.namespace == (monitoring if each.app in WATCHING else shop), each.name
    strays = [
        each["metadata"]["name"]
        for each in overlay(of)
        if each["kind"] != "Namespace" and each["metadata"]["namespace"] not in SPACES[of]
    ]
    assert strays == []


@OF
def test_prometheus_looks_for_the_pods_of_its_own_shop(of: str) -> None:
    searched = workload("prometheus", of=of).pod["dnsConfig"]["searches"]
    assert searched == [f"{SPACES[of][0]}.svc.cluster.local"]


def test_staging_and_production_claim_nothing_twice() -> None:
    """They may share a cluster: ports of its nodes, names that it has once, hosts."""
    claimed = {of: claims(of) for of in ("staging", "production")}
    assert claimed["staging"] & claimed["production"] == set()
    assert {kind for kind, _ in claimed["staging"]} == {"port", "Namespace", "host"}


def claims(of: str) -> set[tuple[str, str]]:
    ports = (
        ("port", str(port["nodePort"]))
        for each in of_kind(overlay(of), "Service")
        for port in each["spec"]["ports"]
        if "nodePort" in port
    )
    cluster_wide = (
        (each["kind"], each["metadata"]["name"])
        for each in overlay(of)
        if "namespace" not in each["metadata"]
    )
    (shop,) = (
        each["data"] for each in of_kind(overlay(of), "ConfigMap") if "PUBLIC_URL" in each["data"]
    )
    served = set(shop["ALLOWED_HOSTS"].split(",")) - {"localhost", "127.0.0.1"}
    hosts = (("host", name) for name in served if "." in name)  # others are names of Services
    return {*ports, *cluster_wide, *hosts}


@pytest.mark.parametrize("of", [each for each in OVERLAYS if each != "local"])
def test_no_address_of_a_real_cluster_is_that_of_the_readers_machine(of: str) -> None:
    """A runbook that only the operator's own computer would answer opens nothing."""
    told = {
        variable["name"]: variable["value"]
        for pod in workloads(overlay(of))
        for variable in pod.container.get("env", ())
        if "value" in variable
    }
    assert [name for name, value in told.items() if "//localhost" in value] == []
    assert told["RUNBOOKS_URL"].startswith("https://grafana.")
