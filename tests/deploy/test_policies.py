"""The policies let the shop through and deny what they say they deny, each in one sentence.

The cases are those of Gatekeeper's suite, which tests/cluster/test_policies.py brings before a real
API server as well.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import yaml

from tests.deploy.admission import (
    POLICY,
    RESOURCES,
    Admission,
    Denial,
    Rules,
    loaded,
)
from tests.deploy.manifests import OVERLAYS, ROOT, named, overlay
from tests.deploy.policy_cases import CASES, NAMESPACES, Case
from tests.deploy.rendering import render

OF = pytest.mark.parametrize("of", OVERLAYS)
EACH = pytest.mark.parametrize("case", [pytest.param(each, id=str(each)) for each in CASES])
PARTS = ("security-context", "resources", "probes", "images", "labels")
NAMES = {f"techcommerce-{part}" for part in PARTS}
Spoil = Callable[[dict[str, Any]], object]


@cache
def admission() -> Admission:
    return Admission(loaded("policies"))


@cache
def templates() -> dict[str, Rules]:
    """Gatekeeper's rules by their kind."""
    return {
        each["spec"]["crd"]["spec"]["names"]["kind"]: Rules(
            each["spec"]["targets"][0]["code"][0]["source"]
        )
        for each in loaded("gatekeeper/templates")
    }


def labels(of: str, namespace: str) -> dict[str, str]:
    return dict(named(overlay(of), "Namespace")[namespace]["metadata"]["labels"])


@OF
def test_every_object_of_the_overlays_is_let_in(of: str) -> None:
    for each in overlay(of):
        if each["kind"] in RESOURCES:
            home = labels(of, each["metadata"]["namespace"])
            assert admission().denials(each, home) == [], each["metadata"]["name"]


@OF
def test_every_policy_holds_in_the_namespaces_of_the_overlays_with_its_parameter(of: str) -> None:
    held = {
        name: admission().bindings(labels(of, name)) for name in named(overlay(of), "Namespace")
    }
    for bindings in held.values():
        assert {each["policyName"] for each in bindings.values()} == NAMES
        assert len(bindings) == len(NAMES)
    trials = {name for name, bindings in held.items() if "techcommerce-images-trial" in bindings}
    assert trials == ({"techcommerce"} if of == "local" else set())


def test_no_policy_holds_where_others_live() -> None:
    assert admission().bindings({"kubernetes.io/metadata.name": "kube-system"}) == {}


@EACH
def test_a_case_is_answered_as_the_suite_says(case: Case) -> None:
    found = admission().denials(case.manifest, NAMESPACES[case.namespace])
    assert {each.binding for each in found} <= {case.binding}
    case.must_be_said([each.sentence for each in found])


@EACH
def test_gatekeepers_template_gives_the_same_answer(case: Case) -> None:
    rules = templates()[case.constraint["kind"]]
    given = {"params": case.constraint["spec"].get("parameters")}
    case.must_be_said(list(rules.sentences(case.manifest, given=given)))


def test_every_validation_has_a_case_that_it_denies() -> None:
    denied = [each for each in CASES if each.sentences]
    assert len(denied) >= 10
    for name, (policy, _) in admission().policies.items():
        opening = {
            re.split(r" in: | in the |: ", sentence)[0]
            for each in denied
            if each.binding.startswith(name)
            for sentence in each.sentences
        }
        assert len(opening) == len(policy["validations"]), name


def test_every_kind_that_makes_pods_has_a_case_and_is_covered() -> None:
    kinds = {each.manifest["kind"] for each in CASES if each.sentences}
    assert kinds >= {"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"}
    for policy, _ in admission().policies.values():
        covered = {
            resource
            for rule in policy["matchConstraints"]["resourceRules"]
            for resource in rule["resources"]
        }
        assert covered == {*RESOURCES.values(), "pods/ephemeralcontainers", "pods/resize"}


def deployment(of: str = "staging", name: str = "storefront") -> Any:
    return copy.deepcopy(named(overlay(of), "Deployment")[name])


def pod_of(workload: Any) -> Any:
    """A Pod as its workload makes it."""
    template = workload["spec"]["template"]
    metadata = {"name": "one", "labels": dict(template["metadata"]["labels"])}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def container(workload: dict[str, Any]) -> Any:
    spec = workload["spec"]
    spec = spec.get("jobTemplate", {}).get("spec", spec)["template"]["spec"]
    return spec["containers"][0]


SPOILT: dict[str, Spoil] = {
    "security-context": lambda each: container(each).pop("securityContext"),
    "resources": lambda each: container(each)["resources"]["limits"].update(memory="9Gi"),
    "probes": lambda each: container(each).pop("livenessProbe", None),
    "images": lambda each: container(each).update(image="registry.example.org/app:1"),
    "labels": lambda each: each["spec"]["template"]["metadata"]["labels"].popitem(),
}


@pytest.mark.parametrize("part", PARTS)
def test_each_workload_of_the_shop_is_denied_once_it_is_spoilt(part: str) -> None:
    home = labels("production", "techcommerce-production")
    for kind in ("Deployment", "CronJob", "Job"):
        if kind != "Deployment" and part in {"probes", "labels"}:
            continue
        for name, each in named(overlay("production"), kind).items():
            spoilt = copy.deepcopy(dict(each))
            SPOILT[part](spoilt)
            denied = admission().denials(spoilt, home)
            assert {one.binding for one in denied} == {f"techcommerce-{part}"}, name


def test_what_is_older_than_a_policy_can_be_scaled_and_ended_and_not_changed() -> None:
    home = labels("staging", "techcommerce-staging")
    old = deployment()
    container(old)["image"] = "ghcr.io/techcommerce/storefront:1.0"
    scaled = copy.deepcopy(old)
    scaled["spec"]["replicas"] = 0
    assert admission().denials(scaled, home, old) == []
    finished = pod_of(scaled)
    finished["metadata"]["finalizers"] = ["batch.kubernetes.io/job-tracking"]
    assert admission().denials(finished, home, pod_of(old)) == []
    container(scaled)["command"] = ["sleep", "1"]
    (denied,) = admission().denials(scaled, home, old)
    assert denied.sentence.endswith(" to: ghcr.io/techcommerce/storefront:1.0.")


def test_no_new_pod_comes_of_what_is_older_than_a_policy() -> None:
    old = deployment()
    container(old)["image"] = "ghcr.io/techcommerce/storefront:1.0"
    denied = admission().denials(pod_of(old), labels("staging", "techcommerce-staging"))
    assert {each.binding for each in denied} == {"techcommerce-images"}


def test_a_pod_of_cert_manager_for_http_01_is_denied() -> None:
    """Therefore the issuer of docs/managed-kubernetes.md takes DNS-01."""
    solver = pod_of(deployment())
    solver["metadata"]["labels"] = {"acme.cert-manager.io/http01-solver": "true"}
    solver["spec"] = copy.deepcopy(solver["spec"])
    solver["spec"]["containers"][0]["image"] = "quay.io/jetstack/cert-manager-acmesolver:v1.19.1"
    denied = admission().denials(solver, labels("production", "techcommerce-production"))
    assert {each.binding for each in denied} == {"techcommerce-images", "techcommerce-labels"}
    guide = (ROOT / "docs" / "managed-kubernetes.md").read_text()
    assert "- dns01:" in guide
    assert "- http01:" not in guide


def test_a_running_pod_gets_no_other_image_and_keeps_its_labels() -> None:
    home = labels("staging", "techcommerce-staging")
    old = pod_of(deployment())
    new = copy.deepcopy(old)
    new["spec"]["containers"][0]["image"] = "docker.io/library/busybox:1.37@sha256:" + 64 * "0"
    assert [each.binding for each in admission().denials(new, home, old)] == ["techcommerce-images"]
    bare = copy.deepcopy(old)
    bare["metadata"].pop("labels")
    assert [each.binding for each in admission().denials(bare, home, old)] == [
        "techcommerce-labels"
    ]


def test_a_debug_container_is_held_to_the_same_rules() -> None:
    home = labels("staging", "techcommerce-staging")
    old = pod_of(deployment())
    new = copy.deepcopy(old)
    new["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": "busybox"}]
    denied = admission().denials(new, home, old, subresource="ephemeralcontainers")
    found = {each.binding for each in denied}
    assert found == {"techcommerce-security-context", "techcommerce-images"}
    assert (
        Denial(
            "techcommerce-images",
            "Take from an allowed registry, or have the administrator allow this one: busybox.",
        )
        in denied
    )


def with_parameters(change: Callable[[dict[str, str]], dict[str, str]]) -> Admission:
    objects = copy.deepcopy([dict(each) for each in loaded("policies")])
    for each in objects:
        if each["kind"] == "Namespace":
            each["metadata"]["annotations"] = change(each["metadata"]["annotations"])
    return Admission(objects)


def test_an_empty_parameter_allows_nothing() -> None:
    home = labels("local", "techcommerce")
    denied = with_parameters(lambda annotations: {}).denials(deployment("local"), home)
    assert {each.sentence.split(":")[0] for each in denied} == {
        "Take from an allowed registry, or have the administrator allow this one",
        "Add the digest (@sha256",
    }


def test_a_parameter_may_have_spaces_at_the_ends_of_its_lines() -> None:
    def untidy(annotations: dict[str, str]) -> dict[str, str]:
        return {key: value.replace("\n", " \r\n\n  ") for key, value in annotations.items()}

    home = labels("staging", "techcommerce-staging")
    assert with_parameters(untidy).denials(deployment(), home) == []


@pytest.mark.parametrize(("folder", "actions"), [("", ["Deny"]), ("warn", ["Warn", "Audit"])])
def test_an_administrator_applies_them_to_warn_or_to_deny(folder: str, actions: list[str]) -> None:
    rendered = list(yaml.load_all(render(str(POLICY / folder)), yaml.CSafeLoader))
    kept = {(each["kind"], each["metadata"]["name"]) for each in loaded("policies")}
    assert {(each["kind"], each["metadata"]["name"]) for each in rendered} == kept
    for each in named(tuple(rendered), "ValidatingAdmissionPolicyBinding").values():
        assert each["spec"]["validationActions"] == actions


def test_a_policy_that_fails_denies() -> None:
    for policy, _ in admission().policies.values():
        assert policy["failurePolicy"] == "Fail"
    for each in named(tuple(loaded("policies")), "ValidatingAdmissionPolicyBinding").values():
        assert each["spec"].get("paramRef", {}).get("parameterNotFoundAction", "Deny") == "Deny"
