"""The cases of Gatekeeper's suite: manifests, and what is to be said of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from tests.deploy.admission import GATEKEEPER
from tests.deploy.manifests import Manifest


def _one(name: str) -> Any:
    return yaml.load((GATEKEEPER / name).read_text(), yaml.CSafeLoader)


@dataclass(frozen=True)
class Case:
    """A manifest that one policy denies with these sentences, and no other; or that all let in."""

    test: str
    name: str
    constraint: Manifest
    manifest: Manifest
    patterns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.test}-{self.name}"

    @property
    def binding(self) -> str:
        return str(self.constraint["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.manifest["metadata"]["namespace"])

    @property
    def sentences(self) -> tuple[str, ...]:
        """As they are said: the patterns without their marks."""
        return tuple(re.sub(r"\\(.)", r"\1", each[1:-1]) for each in self.patterns)

    def must_be_said(self, found: list[str]) -> None:
        assert sorted(found) == sorted(self.sentences)


def _cases() -> tuple[Case, ...]:
    return tuple(
        Case(
            test["name"],
            case["name"],
            _one(test["constraint"]),
            _one(case["object"]),
            tuple(each["message"] for each in case["assertions"] if "message" in each),
        )
        for test in _one("suite.yaml")["tests"]
        for case in test["cases"]
    )


CASES = _cases()
NAMESPACES: dict[str, dict[str, str]] = {
    each["metadata"]["name"]: each["metadata"]["labels"]
    for each in yaml.load_all(
        (GATEKEEPER / "cases" / "namespaces.yaml").read_text(), yaml.CSafeLoader
    )
}
