"""Gatekeeper's templates and constraints say what the policies say."""

from __future__ import annotations

from deploy.local import gatekeeper
from tests.deploy.admission import GATEKEEPER, RESOURCES, covers, loaded
from tests.deploy.manifests import Manifest, named
from tests.deploy.test_policies import PARTS, admission


def test_gatekeepers_templates_are_current() -> None:
    written = dict(gatekeeper.templates())
    assert {each.stem for each in written} == set(PARTS)
    assert set(written) == set((GATEKEEPER / "templates").iterdir())
    for target, content in written.items():
        assert target.read_text() == content, "run: make manifests"


def test_gatekeepers_constraints_hold_where_the_bindings_do() -> None:
    constraints = {
        each["metadata"]["name"]: each["spec"] for each in loaded("gatekeeper/constraints")
    }
    bindings = named(tuple(loaded("policies")), "ValidatingAdmissionPolicyBinding")
    assert set(constraints) == set(bindings)
    for name, binding in bindings.items():
        match = constraints[name]["match"]
        assert match["namespaceSelector"] == binding["spec"]["matchResources"]["namespaceSelector"]
        assert kinds(match) == set(RESOURCES)
        reference = binding["spec"].get("paramRef", {"name": None})["name"]
        parameter = admission().parameters.get(reference, {"metadata": {}})
        assert constraints[name].get("parameters") == parameter["metadata"].get("annotations")


def kinds(match: Manifest) -> set[str]:
    """Those of a constraint, each of which its API group has."""
    assert all(
        covers(
            admission().policies["techcommerce-images"][0],
            {"apiVersion": f"{group}/v1".lstrip("/"), "kind": kind},
            "",
            "CREATE",
        )
        for each in match["kinds"]
        for group in each["apiGroups"]
        for kind in each["kinds"]
    )
    return {kind for each in match["kinds"] for kind in each["kinds"]}
