"""Argo CD in place of deploy.sh: the same objects, in the same order, with the fewest rights."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import (
    KUBERNETES,
    ROOT,
    SPACES,
    Manifest,
    Workload,
    named,
    overlay,
    selects,
    workloads,
)
from tests.deploy.rendering import render

ARGO_CD = ROOT / "deploy" / "argocd"
CLUSTER = "https://kubernetes.default.svc"
AT = "argocd.argoproj.io/"
CLAIM = "PersistentVolumeClaim"
WORKLOADS = {"Deployment", "HorizontalPodAutoscaler"}
MANUAL, AUTOMATIC = "production", "staging"
DELIVERED = (MANUAL, AUTOMATIC)
OF = pytest.mark.parametrize("of", DELIVERED)
SHOWN = {("", "Pod"), ("apps", "ReplicaSet")}  # for the eye: what Deployments and Jobs make
PROJECT: Manifest = yaml.safe_load((ARGO_CD / "project.yaml").read_text())["spec"]
SET: Manifest = yaml.safe_load((ARGO_CD / "applicationset.yaml").read_text())["spec"]


@functools.cache
def applied(of: str) -> tuple[Manifest, ...]:
    """What Argo CD makes of an overlay."""
    return tuple(yaml.load_all(render(f"deploy/argocd/{of}"), yaml.CSafeLoader))


def annotation(each: Manifest, name: str) -> str:
    return str(each["metadata"].get("annotations", {}).get(AT + name, ""))


def moment(each: Manifest) -> tuple[int, int]:
    """Phase and wave: the order in which Argo CD applies, and waits for health in between."""
    phase = {"": 0, "Sync": 0, "PostSync": 1}[annotation(each, "hook")]
    return phase, int(annotation(each, "sync-wave") or 0)


def identity(each: Manifest) -> tuple[str, str, str]:
    of_metadata = each["metadata"]
    return each["kind"], of_metadata["name"], of_metadata.get("namespace", "")


def applications() -> dict[str, dict[str, Any]]:
    """What the ApplicationSet generates: our template needs a name and an if."""
    found = {}
    for element in SET["generators"][0]["list"]["elements"]:
        name = element["overlay"]
        text = yaml.safe_dump(SET["template"]).replace("{{ .overlay }}", name)
        application = yaml.safe_load(text)["spec"]
        patch = SET["templatePatch"].replace("{{- end }}", "").partition("{{- if .automatic }}")
        chosen = yaml.safe_load(patch[0] + (patch[2] if element["automatic"] else ""))
        application["syncPolicy"] |= chosen.get("spec", {}).get("syncPolicy", {})
        found[name] = application
    return found


@OF
def test_it_applies_the_overlay_and_nothing_else_of_it_differs(of: str) -> None:
    """But for the deployer's rights, which it has no use for, and its hooks."""
    known = {identity(each): each for each in overlay(of)}
    made = {identity(each): each for each in applied(of)}
    gone = {each for each in known if each not in made}
    access = {
        identity(each)
        for each in overlay(of)
        if each["metadata"].get("labels", {}).get("app.kubernetes.io/component") == "access"
    }
    assert gone == access
    assert {kind for kind, *_ in gone} == {"Namespace", "ServiceAccount", "Role", "RoleBinding"}
    extra = {each[0] for each in made if each not in known}
    assert extra == {"Job", "ConfigMap", "ServiceAccount", "NetworkPolicy"}
    for key, each in made.items():
        if key in known:
            assert without_argo_cd(each) == without_argo_cd(known[key]), key


def without_argo_cd(each: Manifest) -> Manifest:
    plain = copy.deepcopy(dict(each))
    of_metadata = plain["metadata"].get("annotations", {})
    kept = {name: value for name, value in of_metadata.items() if not name.startswith(AT)}
    plain["metadata"] = {**plain["metadata"], "annotations": kept}
    if plain["kind"] == "Job":
        plain["spec"].pop("ttlSecondsAfterFinished", None)
    return plain


@OF
def test_foundation_then_backup_then_migrations_then_workloads_then_an_order(of: str) -> None:
    """The order of deploy.sh."""
    jobs = [each for each in applied(of) if each["kind"] == "Job"]
    backup = next(each for each in jobs if each["metadata"]["name"] == "backup-before-migrations")
    order = next(each for each in jobs if each["metadata"]["name"] == "smoke-test")
    migrations = [each for each in jobs if each["metadata"]["name"].startswith("migrate-")]
    running = [each for each in applied(of) if each["kind"] in WORKLOADS]
    claims = [each for each in applied(of) if each["kind"] == CLAIM]
    placed = {identity(each) for each in (backup, order, *migrations, *running, *claims)}
    foundation = [each for each in applied(of) if identity(each) not in placed]
    assert {moment(each) for each in foundation} == {(0, 0)}
    assert moment(backup) == (0, 1)
    assert [moment(each) for each in migrations] == [(0, 2)] * 3
    assert {moment(each) for each in running} == {(0, 3)}
    assert moment(order) > (0, 3)


@OF
def test_what_a_pod_mounts_is_never_of_a_later_moment(of: str) -> None:
    """And a claim comes with its first pod, for most storage binds it then: waiting for it before
    would never end."""
    when = {identity(each): moment(each) for each in applied(of)}
    first: dict[str, tuple[int, int]] = {}
    for each in workloads(applied(of)):
        mine = when[each.kind, each.name, each.namespace]
        for kind, name in used(each):
            if kind == CLAIM and each.kind != "CronJob":  # its pods come by night
                first[name] = min(mine, first.get(name, mine))
            elif kind != CLAIM:
                assert when[kind, name, each.namespace] <= mine, (each.name, name)
    assert first == {name: moment for (kind, name, _), moment in when.items() if kind == CLAIM}
    assert first["backups"] <= (0, 1)


def used(of: Workload) -> Iterator[tuple[str, str]]:
    yield "ServiceAccount", of.pod["serviceAccountName"]
    for source in of.container.get("envFrom", ()):
        yield "ConfigMap", source["configMapRef"]["name"]
    for variable in of.container.get("env", ()):
        if "valueFrom" in variable:
            yield "ConfigMap", variable["valueFrom"]["configMapKeyRef"]["name"]
    for volume in of.pod.get("volumes", ()):
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
        elif "persistentVolumeClaim" in volume:
            yield CLAIM, volume["persistentVolumeClaim"]["claimName"]


@OF
def test_jobs_are_hooks_that_make_room_for_the_next_and_wait_for_argo_cd(of: str) -> None:
    """A Job can't be changed, and one that the clock deletes has told nobody how it ended."""
    jobs = [each for each in applied(of) if each["kind"] == "Job"]
    assert len(jobs) == 5
    for each in jobs:
        assert annotation(each, "hook") in {"Sync", "PostSync"}
        assert annotation(each, "hook-delete-policy") == "BeforeHookCreation"
        assert "ttlSecondsAfterFinished" not in each["spec"]
        assert each["spec"]["activeDeadlineSeconds"] <= 3600


@OF
def test_the_backup_is_the_nightly_one(of: str) -> None:
    job = named(applied(of), "Job")["backup-before-migrations"]
    assert job["spec"] == named(applied(of), "CronJob")["backup"]["spec"]["jobTemplate"]["spec"]


@OF
def test_the_order_is_placed_by_the_image_that_is_tried(of: str) -> None:
    found = {each.name: each for each in workloads(applied(of))}
    smoke, storefront = found["smoke-test"], found["storefront"]
    assert smoke.container["image"] == storefront.container["image"]
    assert smoke.spec["backoffLimit"] == 0
    (script,) = (name for name in named(applied(of), "ConfigMap") if name.startswith("smoke-"))
    assert named(applied(of), "ConfigMap")[script]["data"] == {
        "smoke.py": (ROOT / "deploy" / "scripts" / "smoke.py").read_text()
    }
    assert smoke.container["command"][:2] == ["python", "/etc/smoke/smoke.py"]
    for policy in ("from-smoke-test", "smoke-test-to-storefront"):
        spec = named(applied(of), "NetworkPolicy")[policy]["spec"]
        subject = smoke if spec["policyTypes"] == ["Egress"] else storefront
        assert selects(spec["podSelector"], subject.labels), policy


@OF
def test_its_own_objects_fit_their_schemas_and_the_namespace_s_security_level(of: str) -> None:
    known = {identity(each) for each in overlay(of)}
    own = tuple(each for each in applied(of) if identity(each) not in known)
    for each in own:
        kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)
    for pod in workloads(own):
        assert pod.pod["securityContext"]["runAsNonRoot"] is True
        assert pod.pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod.container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert pod.pod["automountServiceAccountToken"] is False


@OF
def test_what_holds_data_outlives_a_commit_and_the_application(of: str) -> None:
    for each in applied(of):
        if each["kind"] in {CLAIM, "StatefulSet"}:
            assert annotation(each, "sync-options") == "Prune=false,Delete=false", identity(each)


def test_the_project_allows_the_kinds_of_the_overlays_and_no_other() -> None:
    """And those of the components that an overlay may add."""
    allowed = {(each["group"], each["kind"]) for each in PROJECT["namespaceResourceWhitelist"]}
    objects = [each for of in DELIVERED for each in applied(of)]
    for component in ("gateway", "external-secrets"):
        for file in (KUBERNETES / "components" / component).rglob("*.yaml"):
            if file.name != "kustomization.yaml":
                objects += yaml.load_all(file.read_text(), yaml.CSafeLoader)
    needed = {(each["apiVersion"].rpartition("/")[0], each["kind"]) for each in objects}
    assert allowed == needed | SHOWN
    assert PROJECT["clusterResourceWhitelist"] == []
    assert not {kind for _, kind in allowed} & {"Secret", "Role", "RoleBinding", "Namespace", "*"}


def test_the_project_reaches_the_namespaces_of_the_overlays_and_no_other() -> None:
    reached = {(each["server"], each["namespace"]) for each in PROJECT["destinations"]}
    needed = {each["metadata"]["namespace"] for of in DELIVERED for each in applied(of)}
    assert reached == {(CLUSTER, namespace) for namespace in needed}
    assert len(PROJECT["sourceRepos"]) == 1
    assert "*" not in PROJECT["sourceRepos"][0]


def test_each_application_is_of_the_project_and_leads_to_a_folder_of_ours() -> None:
    assert set(applications()) == set(DELIVERED)
    for name, each in applications().items():
        assert each["project"] == "techcommerce"
        assert [each["source"]["repoURL"]] == PROJECT["sourceRepos"]
        assert (ROOT / each["source"]["path"] / "kustomization.yaml").is_file()
        assert each["destination"] == {"server": CLUSTER, "namespace": SPACES[name][0]}
    folders = [each["source"]["path"] for each in applications().values()]
    assert len(set(folders)) == len(folders)


def test_staging_follows_by_itself_and_production_waits_for_a_person() -> None:
    automatic = applications()[AUTOMATIC]["syncPolicy"]
    assert automatic["automated"] == {"prune": True, "selfHeal": True}
    assert automatic["retry"]["limit"] > 0
    assert "automated" not in applications()[MANUAL]["syncPolicy"]
    (window,) = PROJECT["syncWindows"]
    assert (window["kind"], window["applications"]) == ("allow", [f"techcommerce-{MANUAL}"])
    assert window["manualSync"] is False
    assert SET["syncPolicy"] == {"preserveResourcesOnDeletion": True}


def test_a_role_may_look_and_one_may_release_production() -> None:
    granted = {
        tuple(part.strip() for part in policy.split(","))
        for role in PROJECT["roles"]
        for policy in role["policies"]
    }
    assert {each[5] for each in granted} == {"allow"}
    assert {each[1].rpartition(":")[2] for each in granted if each[3] != "get"} == {"release"}
    changes = {each[2:5] for each in granted if each[3] != "get"}
    assert changes == {("applications", "sync", f"techcommerce/techcommerce-{MANUAL}")}


@OF
def test_what_the_autoscaler_counts_is_not_corrected(of: str) -> None:
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]
        for each in named(applied(of), "HorizontalPodAutoscaler").values()
    }
    for application in applications().values():
        ignored = {
            each["name"]
            for each in application["ignoreDifferences"]
            if each.get("jsonPointers") == ["/spec/replicas"]
        }
        assert ignored == scaled
        options = set(application["syncPolicy"]["syncOptions"])
        assert {"RespectIgnoreDifferences=true", "ServerSideApply=true"} <= options
        assert {"PruneLast=true", "FailOnSharedResource=true"} <= options
