"""The policies in namespaces of their own, so that no shop of the cluster feels them."""

from __future__ import annotations

import copy
import json
import re
import secrets
from functools import partial
from typing import Any

from tests.cluster.kubectl import Kubectl, Refused, wait_until
from tests.deploy.admission import loaded
from tests.deploy.manifests import Manifest
from tests.deploy.policy_cases import CASES, NAMESPACES, Case

LABEL = "techcommerce-policy-test"
POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"


class PolicyTrial:
    """Twins of the namespaces of the cases, with policies that are bound to them alone.

    `old` is a third one, without policies until `put_under_policies`.
    """

    def __init__(self) -> None:
        self.run = secrets.token_hex(3)
        self._own = {LABEL: self.run}
        self._cluster = Kubectl()
        self._twins = {name: Kubectl(self._name(name)) for name in NAMESPACES}
        self.old = Kubectl(self._name("old"))

    def begin(self) -> None:
        for name, labels in NAMESPACES.items():
            self._create_namespace(self._twins[name], labels)
        self._create_namespace(self.old, {})
        for each in loaded("policies"):
            create(self._cluster, self._confined(each))
        for name in self._names(POLICY):
            self._wait_until_checked(name)
        self.wait_until_in_force()

    def end(self) -> None:
        """Bindings first, so that nothing is in force without its parameters."""
        chosen = ("--selector", f"{LABEL}={self.run}")
        self._cluster("delete", "validatingadmissionpolicybindings", *chosen)
        self._cluster("delete", "validatingadmissionpolicies", *chosen)
        self._cluster("delete", "namespaces", *chosen, "--wait=false")

    def within(self, namespace: str) -> Kubectl:
        """The twin of a namespace of the cases."""
        return self._twins[namespace]

    def tried(self, manifest: Manifest, namespace: str, *options: str) -> None:
        """Sent to the API server, which decides and keeps nothing. Raises Refused."""
        create(self._twins[namespace], manifest, "--dry-run=server", *options)

    def said(self, refused: Refused) -> list[tuple[str, str]]:
        """Binding and sentence of each denial in an error of kubectl."""
        pattern = rf"'techcommerce-[\w-]+' with binding '([\w-]+)-{self.run}' denied request: (.+)"
        return re.findall(pattern, str(refused))

    def wait_until_in_force(self) -> None:
        """Each binding denies what it should, and the good ones of its cases pass."""
        for name in self._names(BINDING):
            cases = [each for each in CASES if f"{each.binding}-{self.run}" == name]
            planted = next(each for each in cases if each.sentences)
            good = next(each for each in cases if not each.sentences)
            wait_until(partial(self.is_denied, planted), f"{name} denies", 60)
            wait_until(partial(self.is_let_in, good), f"{name} lets in", 60)

    def put_under_policies(self) -> None:
        labels = NAMESPACES["techcommerce-staging"] | self._own
        told = [f"{key}={value}" for key, value in labels.items()]
        self.old("label", "namespace", self.old.namespace, "--overwrite", *told)

    def set_actions(self, *actions: str) -> None:
        patch = json.dumps({"spec": {"validationActions": actions}})
        for name in self._names(BINDING):
            self._cluster("patch", BINDING, name, "--type=merge", f"--patch={patch}")

    def forget_parameters(self) -> None:
        self._cluster("delete", "namespaces", *self._names("Namespace"))

    def is_let_in(self, case: Case) -> bool:
        try:
            self.tried(case.manifest, case.namespace)
        except Refused as refused:
            print(f"    not yet: {refused}")
            return False
        return True

    def is_denied(self, case: Case) -> bool:
        try:
            self.tried(case.manifest, case.namespace)
        except Refused as refused:
            return bool(self.said(refused))
        return False

    def _name(self, of: str) -> str:
        return f"policy-test-{self.run}-{of}"

    def _names(self, kind: str) -> list[str]:
        found = (each["metadata"]["name"] for each in loaded("policies") if each["kind"] == kind)
        return [f"{name}-{self.run}" for name in found]

    def _create_namespace(self, kubectl: Kubectl, labels: dict[str, str]) -> None:
        metadata = {"name": kubectl.namespace, "labels": {**labels, **self._own}}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        kubectl("create", "--filename", "-", sent=json.dumps(manifest))
        wait_until(lambda: kubectl.has("serviceaccount/default"), "it has an account", 60)

    def _confined(self, each: Manifest) -> Manifest:
        """Under a name of its own, and a binding holds in our namespaces alone."""
        moved: Any = copy.deepcopy(dict(each))
        moved["metadata"]["labels"] = {**moved["metadata"].get("labels", {}), **self._own}
        moved["metadata"]["name"] += f"-{self.run}"
        if each["kind"] == BINDING:
            moved["spec"]["policyName"] += f"-{self.run}"
            moved["spec"]["matchResources"]["namespaceSelector"]["matchLabels"] |= self._own
            if "paramRef" in moved["spec"]:
                moved["spec"]["paramRef"]["name"] += f"-{self.run}"
        return dict(moved)

    def _wait_until_checked(self, policy: str) -> None:
        def is_checked() -> bool:
            status = self._cluster.get(f"{POLICY}/{policy}").get("status", {})
            return "typeChecking" in status

        wait_until(is_checked, f"the API server has read {policy}", 60)

    def warnings(self) -> list[Any]:
        """What the API server finds doubtful in the expressions."""
        return [
            each["status"]["typeChecking"].get("expressionWarnings", [])
            for each in self._cluster.get(POLICY, "--selector", f"{LABEL}={self.run}")["items"]
        ]


def create(kubectl: Kubectl, manifest: Manifest, *options: str) -> None:
    """In kubectl's namespace, wherever the manifest says it lives. Raises Refused."""
    moved: Any = copy.deepcopy(dict(manifest))
    if "namespace" in moved["metadata"]:
        moved["metadata"]["namespace"] = kubectl.namespace
    kubectl("create", "--filename", "-", *options, sent=json.dumps(moved))
