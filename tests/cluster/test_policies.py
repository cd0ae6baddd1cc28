"""The API server denies each planted manifest in the words of its policy, and lets the shop in.

No shop is needed, and none is touched: the policies hold in namespaces of their own, and all goes
when the tests end. Most requests are dry runs on the server, which are admitted like any other.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.kubectl import Refused, wait_until
from tests.cluster.policy_trial import PolicyTrial, create
from tests.deploy.admission import RESOURCES
from tests.deploy.manifests import overlay
from tests.deploy.policy_cases import CASES, Case

STAGING = "techcommerce-staging"
LIKE = {"production": STAGING, "staging": STAGING, "local": "techcommerce"}
# What the API server refuses or leaves out before a policy sees it.
OTHERWISE = {
    "debug-container": "not in a new Pod; it comes by a request of its own, see below",
    "image-as-a-volume": "only where the feature gate ImageVolume is on",
}
PLANTED = [each for each in CASES if each.sentences and each.name not in OTHERWISE]
GOOD = list({each.name: each for each in CASES if not each.sentences}.values())


def by_name(name: str) -> Case:
    return next(each for each in CASES if each.name == name)


@pytest.fixture(scope="module")
def trial() -> Iterator[PolicyTrial]:
    trial = PolicyTrial()
    try:
        trial.begin()
        yield trial
    finally:
        trial.end()


def test_the_api_server_understands_every_expression(trial: PolicyTrial) -> None:
    assert [each for each in trial.warnings() if each] == []


@pytest.mark.parametrize("case", [pytest.param(each, id=str(each)) for each in PLANTED])
def test_a_planted_manifest_is_denied_with_its_sentence(trial: PolicyTrial, case: Case) -> None:
    with pytest.raises(Refused) as refused:
        trial.tried(case.manifest, case.namespace)
    print(f"\n    {refused.value}")
    assert trial.said(refused.value) == [(case.binding, case.sentences[0])]


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in GOOD])
def test_a_good_manifest_is_let_in(trial: PolicyTrial, case: Case) -> None:
    trial.tried(case.manifest, case.namespace)


@pytest.mark.parametrize("of", LIKE)
def test_the_workloads_of_an_overlay_are_let_in(trial: PolicyTrial, of: str) -> None:
    workloads = [each for each in overlay(of) if each["kind"] in RESOURCES]
    assert workloads
    for each in workloads:
        trial.tried(each, LIKE[of])


def test_a_debug_container_is_denied(trial: PolicyTrial) -> None:
    """The Pod may exist; no node takes it, and its image is nowhere."""
    pod: Any = copy.deepcopy(dict(by_name("pod").manifest))
    pod["spec"]["nodeSelector"] = {"no-such-node": "true"}
    within = trial.within(STAGING)
    create(within, pod)
    with pytest.raises(Refused) as refused:
        within("debug", "pod/case", "--image=busybox:1.37", "--attach=false")
    ((binding, _),) = trial.said(refused.value)
    assert binding in {"techcommerce-security-context", "techcommerce-images"}
    with pytest.raises(Refused) as refused:
        within("set", "image", "pod/case", "app=busybox:1.37")
    ((binding, _),) = trial.said(refused.value)
    assert binding == "techcommerce-images"


def test_what_is_older_than_the_policies_is_scaled_and_not_changed(trial: PolicyTrial) -> None:
    deployment: Any = copy.deepcopy(dict(by_name("tag").manifest))
    deployment["spec"]["replicas"] = 0
    create(trial.old, deployment)
    trial.put_under_policies()

    def is_denied() -> bool:
        try:
            create(trial.old, {**deployment, "metadata": {"name": "new"}}, "--dry-run=server")
        except Refused as refused:
            return bool(trial.said(refused))
        return False

    def is_without_pods() -> bool:
        """The ReplicaSet was told why, and nothing runs."""
        told = trial.old.get("events", "--field-selector", "reason=FailedCreate")["items"]
        assert trial.old.get("pods")["items"] == []
        return any("techcommerce-images" in each["message"] for each in told)

    wait_until(is_denied, "the policies hold there", 60)
    trial.old("scale", "deployment/case", "--replicas=1")
    wait_until(is_without_pods, "its new pod is denied", 60)
    trial.old("annotate", "deployment/case", "note=kept")
    with pytest.raises(Refused) as refused:
        trial.old("set", "env", "deployment/case", "NAME=value")
    ((binding, _),) = trial.said(refused.value)
    assert binding == "techcommerce-images"
    trial.old("delete", "deployment/case")


def test_a_policy_that_only_warns_lets_in_and_says_so(trial: PolicyTrial) -> None:
    case = by_name("one-probe-missing")
    trial.set_actions("Warn", "Audit")
    wait_until(lambda: trial.is_let_in(case), "nothing is denied", 60)
    with pytest.raises(Refused) as warned:
        trial.tried(case.manifest, case.namespace, "--warnings-as-errors")
    assert case.sentences[0] in str(warned.value)
    trial.set_actions("Deny")
    trial.wait_until_in_force()


def test_without_its_parameter_a_policy_lets_nothing_in(trial: PolicyTrial) -> None:
    """The last: it takes the parameters away."""
    trial.forget_parameters()

    def is_denied() -> bool:
        try:
            trial.tried(by_name("deployment").manifest, STAGING)
        except Refused as refused:
            return "no params found" in str(refused)
        return False

    wait_until(is_denied, "the policy misses its parameter", 60)
