"""What an overlay may add and none of ours does: the gateway, and Secrets from a store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.cluster_secrets import MONITORING, SHOP
from tests.deploy.manifests import KUBERNETES, SPACES, Manifest, named, of_kind
from tests.deploy.rendering import render
from tests.deploy.test_missing_secrets import missing

FROM_A_STORE = {
    "staging": {"shop": ["shop", "data"], "monitoring": ["monitoring"]},
    "production": {"shop": ["shop", "mail"], "monitoring": ["monitoring"]},
}
Objects = tuple[Manifest, ...]


def with_components(folder: Path, of: str, added: Mapping[str, list[str]]) -> Objects:
    """An overlay of its own in `folder`: each part of the given one with components added."""
    for number, part in enumerate(added):
        own = folder / part
        own.mkdir()
        content = kustomization(own, [KUBERNETES / "overlays" / of / part])
        content["namespace"] = SPACES[of][number]
        content["components"] = [relative(own, KUBERNETES / each) for each in added[part]]
        (own / "kustomization.yaml").write_text(json.dumps(content))
    top = kustomization(folder, [folder / part for part in added])
    (folder / "kustomization.yaml").write_text(json.dumps(top))
    return tuple(yaml.load_all(render(str(folder)), yaml.CSafeLoader))


def kustomization(folder: Path, resources: list[Path]) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [relative(folder, each) for each in resources],
    }


def relative(folder: Path, to: Path) -> str:
    return os.path.relpath(to, folder.resolve())


@pytest.fixture(scope="module", params=list(FROM_A_STORE))
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Objects:
    """An overlay whose Secrets all come from the store."""
    added = {
        part: [f"components/external-secrets/{each}" for each in names]
        for part, names in FROM_A_STORE[request.param].items()
    }
    return with_components(tmp_path_factory.mktemp("overlay"), request.param, added)


def test_a_store_holds_every_secret_and_key_that_the_overlay_names(
    stored: Objects, tmp_path: Path
) -> None:
    for namespace in {each["metadata"]["namespace"] for each in of_kind(stored, "ExternalSecret")}:
        mine = [each for each in stored if each["metadata"].get("namespace") == namespace]
        assert missing(tmp_path, mine, {}) == []


def test_a_secret_or_a_key_that_no_external_secret_lists_is_missed(
    stored: Objects, tmp_path: Path
) -> None:
    external = named(stored, "ExternalSecret")["storefront-owner"]
    left = [each for each in stored if each is not external]
    assert "Secret storefront-owner" in missing(tmp_path, left, {})
    more = {**named(stored, "Deployment")["storefront"]}
    more["spec"] = {"template": {"spec": {"containers": [reader("storefront", "NEW_KEY")]}}}
    assert missing(tmp_path, [*stored, more], {}) == ["key NEW_KEY of storefront"]


def reader(secret: str, key: str) -> dict[str, Any]:
    return {
        "name": "app",
        "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}],
    }


def test_what_make_secrets_makes_has_an_external_secret_with_its_keys() -> None:
    listed = {
        each["metadata"]["name"]: tuple(key["secretKey"] for key in each["spec"]["data"])
        for part in ("shop", "data", "monitoring")
        for each in files(f"external-secrets/{part}/secrets.yaml")
    }
    assert listed == {**SHOP, **MONITORING}


def files(path: str) -> Iterator[Any]:
    text = (KUBERNETES / "components" / path).read_text()
    return iter(yaml.load_all(text, yaml.CSafeLoader))


def test_each_shop_reads_its_own_entries_of_one_store(stored: Objects) -> None:
    for each in of_kind(stored, "ExternalSecret"):
        assert each["apiVersion"] == "external-secrets.io/v1"
        assert each["spec"]["secretStoreRef"] == {
            "kind": "ClusterSecretStore",
            "name": "techcommerce",
        }
        entry = f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        for key in each["spec"]["data"]:
            assert key["remoteRef"] == {"key": entry, "property": key["secretKey"]}


@pytest.fixture(scope="module")
def behind_a_gateway(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    folder = tmp_path_factory.mktemp("gateway")
    return with_components(folder, "production", {"shop": ["components/gateway"]})


HOST = "shop.example.org"


def test_the_gateway_leads_to_the_storefront_over_tls(behind_a_gateway: Objects) -> None:
    (gateway,) = of_kind(behind_a_gateway, "Gateway")
    listeners = {each["name"]: each for each in gateway["spec"]["listeners"]}
    assert {each["hostname"] for each in listeners.values()} == {HOST}
    assert (listeners["http"]["port"], listeners["https"]["port"]) == (80, 443)
    (secret,) = listeners["https"]["tls"]["certificateRefs"]
    (certificate,) = of_kind(behind_a_gateway, "Certificate")
    assert certificate["spec"]["secretName"] == secret["name"]
    assert certificate["spec"]["dnsNames"] == [HOST]
    routes = named(behind_a_gateway, "HTTPRoute")
    for name, section in (("storefront", "https"), ("storefront-to-https", "http")):
        assert routes[name]["spec"]["hostnames"] == [HOST]
        (parent,) = routes[name]["spec"]["parentRefs"]
        assert parent == {"name": gateway["metadata"]["name"], "sectionName": section}
    ((backend,),) = (rule["backendRefs"] for rule in routes["storefront"]["spec"]["rules"])
    service = named(behind_a_gateway, "Service")[backend["name"]]
    assert backend["port"] in {each["port"] for each in service["spec"]["ports"]}
    (rule,) = routes["storefront-to-https"]["spec"]["rules"]
    assert rule["filters"][0]["requestRedirect"]["scheme"] == "https"


def test_the_deployer_may_apply_what_a_component_adds(
    behind_a_gateway: Objects, stored: Objects
) -> None:
    core = {"v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1"}
    for objects in (behind_a_gateway, stored):
        for role in of_kind(objects, "Role"):
            may = {
                (group, resource)
                for rule in role["rules"]
                if "patch" in rule["verbs"]
                for group in rule["apiGroups"]
                for resource in rule["resources"]
            }
            added = {
                (each["apiVersion"].partition("/")[0], f"{each['kind'].lower()}s")
                for each in objects
                if each["metadata"].get("namespace") == role["metadata"]["namespace"]
                and each["apiVersion"] not in {*core, "rbac.authorization.k8s.io/v1"}
            }
            assert added <= may
