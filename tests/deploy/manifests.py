"""The rendered overlays as Python objects, and the few looks at them that the tests share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("local", "staging", "production")
# The namespaces of each: of the shop, and of its monitoring.
SPACES = {
    "local": ("techcommerce", "monitoring"),
    "staging": ("techcommerce-staging", "monitoring-staging"),
    "production": ("techcommerce-production", "monitoring-production"),
}
OURS = "techcommerce/"  # images that we build

Manifest = Mapping[str, Any]


@cache
def overlay(name: str) -> tuple[Manifest, ...]:
    text = (KUBERNETES / "rendered" / f"{name}.yaml").read_text()
    return tuple(yaml.load_all(text, yaml.CSafeLoader))


def of_kind(objects: tuple[Manifest, ...], kind: str) -> list[Manifest]:
    return [each for each in objects if each["kind"] == kind]


def named(objects: tuple[Manifest, ...], kind: str) -> dict[str, Manifest]:
    """Objects of a kind by their names; of one that is in both namespaces the latter."""
    return {each["metadata"]["name"]: each for each in of_kind(objects, kind)}


@dataclass(frozen=True)
class Workload:
    """Something that makes pods."""

    kind: str
    name: str
    namespace: str
    spec: Manifest
    labels: Mapping[str, str]  # of its pods
    pod: Manifest  # the pods' spec

    @property
    def app(self) -> str:
        return self.labels["app.kubernetes.io/name"]

    @property
    def component(self) -> str:
        return self.labels["app.kubernetes.io/component"]

    @property
    def container(self) -> Manifest:
        (only,) = self.pod["containers"]
        return dict(only)

    @property
    def is_ours(self) -> bool:
        return OURS in self.container["image"]

    @property
    def runs_on(self) -> bool:
        """Whether it is meant to run all the time."""
        return self.kind in {"Deployment", "StatefulSet"}

    @property
    def ports(self) -> dict[str, int]:
        return {each["name"]: each["containerPort"] for each in self.container.get("ports", ())}

    @property
    def environment(self) -> dict[str, str]:
        return {each["name"]: each["value"] for each in self.container.get("env", ())}

    @property
    def secrets(self) -> Iterator[tuple[str, list[str] | None]]:
        """Names of the mounted Secrets, each with the keys that are asked for (None: all)."""
        for volume in self.pod.get("volumes", ()):
            parts = [volume, *volume.get("projected", {}).get("sources", ())]
            for secret in (part["secret"] for part in parts if "secret" in part):
                items = [item["key"] for item in secret["items"]] if "items" in secret else None
                yield secret.get("secretName") or secret["name"], items


def workloads(objects: tuple[Manifest, ...]) -> list[Workload]:
    found = []
    for each in objects:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            labels = template["metadata"]["labels"]
            name, space = each["metadata"]["name"], each["metadata"].get("namespace", "")
            found.append(Workload(each["kind"], name, space, spec, labels, template["spec"]))
    return found


def workload(name: str, *, of: str) -> Workload:
    return next(each for each in workloads(overlay(of)) if each.name == name)


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Kubernetes' label selectors; an empty one selects everything."""
    wanted = selector.get("matchLabels", {}).items()
    return all(labels.get(key) == value for key, value in wanted) and all(
        _expression_holds(each, labels) for each in selector.get("matchExpressions", ())
    )


def _expression_holds(expression: Manifest, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values", ())
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case unknown:
            raise ValueError(f"no such operator: {unknown}")
