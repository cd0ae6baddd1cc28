"""Every object fits the schemas of the oldest and the newest Kubernetes that the shop is for.

Strict: a field that the version does not know is an error, and so is a kind without a schema.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import kubernetes_validate
import pytest
from kubernetes_validate import utils

from tests.deploy.admission import loaded
from tests.deploy.manifests import OVERLAYS, overlay

# preStop sleep is there from 1.30 on.
OLDEST = "1.30"
VERSIONS = (OLDEST, kubernetes_validate.latest_version())


@pytest.fixture(autouse=True)
def _read_each_schema_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package reads a megabyte of definitions anew for each object."""
    monkeypatch.setattr(utils, "schema_contents", functools.cache(utils.schema_contents))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_fits_its_schema(version: str) -> None:
    objects = [*loaded("policies"), *(each for of in OVERLAYS for each in overlay(of))]
    different = {json.dumps(each, sort_keys=True): each for each in objects}
    for each in different.values():
        kubernetes_validate.validate(each, version, strict=True)


def test_a_wrong_field_would_be_seen() -> None:
    wrong: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "storefront"},
        "spec": {"ports": [{"port": 80}], "selectors": {}},
    }
    with pytest.raises(kubernetes_validate.ValidationError, match="selectors"):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)
