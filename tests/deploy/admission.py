"""What the API server answers to a manifest under our policies.

Expressions are evaluated by the reference implementation of CEL; what Kubernetes adds to the
language is added here as far as the policies use it (quantities). A policy that fails denies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import yaml
from cel_expr_python import cel
from cel_expr_python.ext import ext_optional, ext_strings

from tests.deploy.manifests import KUBERNETES, Manifest, selects

POLICY = KUBERNETES / "policy"
GATEKEEPER = POLICY / "gatekeeper"
RESOURCES = {
    "Pod": "pods",
    "ReplicationController": "replicationcontrollers",
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
    "ReplicaSet": "replicasets",
    "Job": "jobs",
    "CronJob": "cronjobs",
}
FACTORS = {"": "1", "m": "0.001", "k": "1e3", "M": "1e6", "G": "1e9"}
FACTORS |= {"Ki": "1024", "Mi": "1048576", "Gi": "1073741824"}


def loaded(folder: str) -> list[Manifest]:
    """Objects of the YAML files in a folder of deploy/kubernetes/policy."""
    files = sorted((POLICY / folder).glob("*.yaml"))
    assert files, folder
    read = [each for file in files for each in yaml.load_all(file.read_text(), yaml.CSafeLoader)]
    return [each for each in read if each["kind"] != "Kustomization"]


def thousandths(text: str) -> int:
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", text).groups()  # type: ignore[union-attr]
    return int(Decimal(number) * Decimal(FACTORS[unit]) * 1000)


def _environment() -> Any:
    """A quantity is a whole number of thousandths here; its only method is compareTo."""
    quantity = cel.Overload(
        "quantity_string",
        return_type=cel.Type.INT,
        parameters=[cel.Type.STRING],
        impl=thousandths,
    )
    compare = cel.Overload(
        "quantity_compare_to",
        return_type=cel.Type.INT,
        parameters=[cel.Type.INT, cel.Type.INT],
        is_member=True,
        impl=lambda one, other: (one > other) - (one < other),
    )
    added = [cel.FunctionDecl("quantity", [quantity]), cel.FunctionDecl("compareTo", [compare])]
    return cel.NewEnv(
        variables=dict.fromkeys(("object", "oldObject", "params", "variables"), cel.Type.DYN),
        extensions=[
            ext_optional.ExtOptional(),
            ext_strings.ExtStrings(),
            cel.CelExtension("kubernetes", added),
        ],
    )


ENVIRONMENT = _environment()


class Broken(Exception):
    """An expression that gives an error: it cannot be compiled, or not be evaluated."""


class Expression:
    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self._compiled = ENVIRONMENT.compile(text)
        except RuntimeError as error:
            raise Broken(f"{text}: {error}") from error

    def __call__(self, values: Mapping[str, Any]) -> Any:
        given = self._compiled.eval(data=values)
        if given.type() == cel.Type.ERROR:
            raise Broken(f"{self._text}: {given.plain_value()}")
        return given.plain_value()


class Rules:
    """Variables and validations of a policy, or of a template of Gatekeeper: one language."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._variables = {
            each["name"]: Expression(each["expression"]) for each in source["variables"]
        }
        self._validations = [
            (
                Expression(each["expression"]),
                Expression(each.get("messageExpression") or json.dumps(each["message"])),
            )
            for each in source["validations"]
        ]

    def sentences(
        self,
        manifest: Manifest,
        old: Manifest | None = None,
        *,
        params: Manifest | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        """What is said of a manifest that is denied; nothing when it is not.

        `given`: variables that the engine itself sets.
        """
        variables = dict(given or {})
        values = {"object": manifest, "oldObject": old, "params": params}
        for name, expression in self._variables.items():
            variables[name] = expression({**values, "variables": variables})
        values["variables"] = variables
        for holds, message in self._validations:
            if not holds(values):
                yield message(values)


@dataclass(frozen=True)
class Denial:
    binding: str
    sentence: str


class Admission:
    """The policies that are bound, as a cluster would have them."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        self._objects = list(objects)

    @cached_property
    def policies(self) -> dict[str, tuple[Manifest, Rules]]:
        return {
            each["metadata"]["name"]: (each["spec"], Rules(each["spec"]))
            for each in self._of_kind("ValidatingAdmissionPolicy")
        }

    @cached_property
    def parameters(self) -> dict[str, Manifest]:
        return {each["metadata"]["name"]: each for each in self._of_kind("Namespace")}

    def bindings(self, namespace: Mapping[str, str]) -> dict[str, Manifest]:
        """Those that hold in a namespace with these labels, by name."""
        return {
            each["metadata"]["name"]: each["spec"]
            for each in self._of_kind("ValidatingAdmissionPolicyBinding")
            if selects(each["spec"]["matchResources"]["namespaceSelector"], namespace)
        }

    def denials(
        self,
        manifest: Manifest,
        namespace: Mapping[str, str],
        old: Manifest | None = None,
        *,
        subresource: str = "",
    ) -> list[Denial]:
        """Of a manifest that comes into a namespace with these labels, or changes from `old`."""
        found = []
        for name, binding in self.bindings(namespace).items():
            policy, rules = self.policies[binding["policyName"]]
            if covers(policy, manifest, subresource, "UPDATE" if old else "CREATE"):
                sentences = rules.sentences(manifest, old, params=self._params(binding))
                found += [Denial(name, sentence) for sentence in sentences]
        return found

    def _params(self, binding: Manifest) -> Manifest | None:
        if reference := binding.get("paramRef"):
            return self.parameters[reference["name"]]
        return None

    def _of_kind(self, kind: str) -> list[Manifest]:
        return [each for each in self._objects if each["kind"] == kind]


def covers(policy: Manifest, manifest: Manifest, subresource: str, operation: str) -> bool:
    """Whether a policy looks at such a request at all."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    resource = RESOURCES.get(manifest["kind"], manifest["kind"])
    asked = f"{resource}/{subresource}" if subresource else resource
    return any(
        group in each["apiGroups"]
        and version in each["apiVersions"]
        and operation in each["operations"]
        and asked in each["resources"]
        for each in policy["matchConstraints"]["resourceRules"]
    )
