"""The rendered files are what kubectl makes of the overlays today."""

from __future__ import annotations

import pytest
import yaml

from deploy.local import tools
from tests.cluster.test_side_by_side import DOORS
from tests.deploy.manifests import KUBERNETES, OVERLAYS, SPACES, named
from tests.deploy.rendering import render


@pytest.mark.parametrize("of", OVERLAYS)
def test_the_rendered_file_is_current(of: str) -> None:
    kept = (KUBERNETES / "rendered" / f"{of}.yaml").read_text()
    assert render(f"deploy/kubernetes/overlays/{of}") == kept, "run: make manifests"


@pytest.mark.parametrize("trial", ["", "/staging", "/production"])
def test_a_trial_overlay_needs_no_registry(trial: str) -> None:
    rendered = render(f"tests/cluster/trial{trial}")
    images = {
        line.split()[-1] for line in rendered.splitlines() if line.strip().startswith("image:")
    }
    assert images
    assert [image for image in images if "@" in image or "grafana" in image] == []
    assert [image for image in images if ":" not in image or "ghcr.io" in image] == []


def test_the_trial_shops_live_in_one_cluster() -> None:
    """No port is asked for twice, and each shop is where its tests look for it."""
    doors: dict[str, dict[str, int]] = {}
    for of, trial in (("local", ""), ("staging", "/staging"), ("production", "/production")):
        objects = tuple(yaml.load_all(render(f"tests/cluster/trial{trial}"), yaml.CSafeLoader))
        assert set(named(objects, "Namespace")) == set(SPACES[of])
        doors[of] = {
            name: port["nodePort"]
            for name, service in named(objects, "Service").items()
            for port in service["spec"]["ports"]
            if "nodePort" in port
        }
    taken = [port for ports in doors.values() for port in ports.values()]
    assert len(taken) == 6
    assert len(set(taken)) == len(taken), doors
    assert {of: doors[of]["storefront"] for of in DOORS} == DOORS


def test_every_overlay_is_rendered() -> None:
    folders = {each.parent.name for each in KUBERNETES.glob("overlays/*/kustomization.yaml")}
    assert folders == set(OVERLAYS) == set(tools.OVERLAYS)
    assert {each.stem for each in (KUBERNETES / "rendered").iterdir()} == folders
