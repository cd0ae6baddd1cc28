"""deploy.sh looks for every Secret and key that an overlay names before it touches anything."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.cluster_secrets import SECRETS
from tests.deploy.manifests import OVERLAYS, ROOT, overlay
from tests.deploy.script_trial import OLD, RENDERED, WATCHED, Trial

SCRIPT = ROOT / "deploy" / "scripts" / "steps" / "missing_secrets.py"
run = runpy.run_path(str(SCRIPT))["main"]
MOUNT = {"name": "secrets", "mountPath": "/run/secrets/shop"}


def missing(folder: Path, objects: list[Any], known: dict[str, list[str]]) -> list[str]:
    """What the script prints, run in this process."""
    (folder / "known").write_text("".join(" ".join((name, *known[name])) + "\n" for name in known))
    printed, given = io.StringIO(), io.StringIO("\n".join(json.dumps(each) for each in objects))
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "stdin", given)
        assert run(str(folder / "known")) == 0
    return printed.getvalue().splitlines()


def made(more: Mapping[str, set[str]] | None = None) -> dict[str, list[str]]:
    return {name: sorted({*keys, *(more or {}).get(name, ())}) for name, keys in SECRETS.items()}


@pytest.mark.parametrize("of", OVERLAYS)
def test_what_make_secrets_makes_is_all_that_an_overlay_needs(of: str, tmp_path: Path) -> None:
    managed = {"order-service": {"EMAIL_PASSWORD"}} if of == "production" else {}
    assert missing(tmp_path, list(overlay(of)), made(managed)) == []


@pytest.mark.parametrize("of", OVERLAYS)
def test_an_empty_namespace_lacks_every_secret_that_is_mounted(of: str, tmp_path: Path) -> None:
    managed = {"postgres", "backup", "redis-broker", "redis-cache"} if of == "production" else set()
    lacking = missing(tmp_path, list(overlay(of)), {})
    assert set(lacking) == {f"Secret {name}" for name in SECRETS.keys() - managed}


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("storefront", "STOREFRONT_SECRET_KEY"),
        ("storefront-owner", "STOREFRONT_OWNER_DATABASE_PASSWORD"),
        ("postgres", "POSTGRES_PASSWORD"),
        ("grafana", "GRAFANA_PASSWORD"),
        ("order-service", "PAYMENT_PROVIDER_KEY"),
    ],
)
def test_a_key_that_is_lacking_is_named(secret: str, key: str, tmp_path: Path) -> None:
    known = made()
    known[secret].remove(key)
    lacking = missing(tmp_path, list(overlay("local")), known)
    assert lacking
    for line in lacking:
        assert line.startswith(f"key {key} of ")
        assert secret in line.split()


def pod(**spec: Any) -> dict[str, Any]:
    containers = spec.pop("containers", [{"name": "app"}])
    return {
        "kind": "Deployment",
        "metadata": {"name": "app", "namespace": "techcommerce"},
        "spec": {"template": {"spec": {"containers": containers, **spec}}},
    }


def variable(**reference: Any) -> dict[str, Any]:
    return {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": reference}}]}


def volume(**secret: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "secrets", "secret": secret}]}


JOB = {"template": {"spec": {"containers": [variable(name="a", key="k")]}}}
KINDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a variable": (pod(containers=[variable(name="a", key="k")]), ["Secret a"]),
    "a variable of a container that comes first": (
        pod(initContainers=[variable(name="a", key="k")]),
        ["Secret a"],
    ),
    "all variables": (pod(containers=[{"envFrom": [{"secretRef": {"name": "a"}}]}]), ["Secret a"]),
    "a volume": (pod(**volume(secretName="a")), ["Secret a"]),
    "a part of a volume": (
        pod(volumes=[{"name": "v", "projected": {"sources": [{"secret": {"name": "a"}}]}}]),
        ["Secret a"],
    ),
    "an image's registry": (pod(imagePullSecrets=[{"name": "a"}]), ["Secret a"]),
    "an account's registry": (
        {
            "kind": "ServiceAccount",
            "metadata": {"name": "x"},
            "imagePullSecrets": [{"name": "a"}],
        },
        ["Secret a"],
    ),
    "a Job": ({"kind": "Job", "metadata": {"name": "x"}, "spec": JOB}, ["Secret a"]),
    "a CronJob": (
        {"kind": "CronJob", "metadata": {"name": "x"}, "spec": {"jobTemplate": {"spec": JOB}}},
        ["Secret a"],
    ),
    "a Pod": (
        {"kind": "Pod", "metadata": {"name": "x"}, "spec": JOB["template"]["spec"]},
        ["Secret a"],
    ),
    "a key of a variable": (pod(containers=[variable(name="b", key="k")]), ["key k of b"]),
    "a key of a volume": (
        pod(**volume(secretName="b", items=[{"key": "k", "path": "p"}])),
        ["key k of b"],
    ),
    "a file of a volume": (
        pod(containers=[{"volumeMounts": [{**MOUNT, "subPath": "k"}]}], **volume(secretName="b")),
        ["key k of b"],
    ),
    "a file that a variable names": (
        pod(
            containers=[
                {
                    "volumeMounts": [MOUNT],
                    "env": [{"name": "KEY_FILE", "value": "/run/secrets/shop/k"}],
                }
            ],
            **volume(secretName="b"),
        ),
        ["key k of b"],
    ),
    "a file of another name than its key": (
        pod(
            containers=[
                {
                    "volumeMounts": [MOUNT],
                    "env": [{"name": "KEY_FILE", "value": "/run/secrets/shop/TOKEN"}],
                }
            ],
            **volume(secretName="b", items=[{"key": "there", "path": "TOKEN"}]),
        ),
        [],
    ),
    "a mount of a file of another name than its key": (
        pod(
            containers=[{"volumeMounts": [{**MOUNT, "subPath": "keys/k"}]}],
            **volume(secretName="b", items=[{"key": "there", "path": "keys/k"}]),
        ),
        [],
    ),
    "a file of a setting that pods share, of another name than its key": (
        {
            "kind": "List",
            "items": [
                {
                    "kind": "ConfigMap",
                    "metadata": {"name": "shop"},
                    "data": {"KEY_FILE": "/run/secrets/shop/TOKEN"},
                },
                pod(
                    containers=[
                        {
                            "volumeMounts": [MOUNT],
                            "envFrom": [{"configMapRef": {"name": "shop"}}],
                        }
                    ],
                    **volume(secretName="b", items=[{"key": "there", "path": "TOKEN"}]),
                ),
            ],
        },
        [],
    ),
    "a file that none of the chosen keys makes": (
        pod(
            containers=[{"volumeMounts": [{**MOUNT, "subPath": "k"}]}],
            **volume(secretName="b", items=[{"key": "there", "path": "TOKEN"}]),
        ),
        ["key k of b"],
    ),
    "a variable that may be absent": (
        pod(containers=[variable(name="a", key="k", optional=True)]),
        [],
    ),
    "a volume that may be absent": (pod(**volume(secretName="a", optional=True)), []),
    "all variables, or none": (
        pod(containers=[{"envFrom": [{"secretRef": {"name": "a", "optional": True}}]}]),
        [],
    ),
    "a key that is there": (pod(containers=[variable(name="b", key="there")]), []),
}


@pytest.mark.parametrize("kind", KINDS)
def test_wherever_a_pod_names_a_secret_it_is_looked_for(kind: str, tmp_path: Path) -> None:
    named, expected = KINDS[kind]
    assert missing(tmp_path, [named], {"b": ["there"]}) == expected


@pytest.mark.parametrize(
    "maker",
    [
        {"kind": "Secret", "metadata": {"name": "a"}},
        {"kind": "SealedSecret", "metadata": {"name": "a"}},
        {
            "kind": "ExternalSecret",
            "metadata": {"name": "x"},
            "spec": {"target": {"name": "a"}, "dataFrom": [{"extract": {"key": "all"}}]},
        },
        {"kind": "Certificate", "metadata": {"name": "x"}, "spec": {"secretName": "a"}},
    ],
    ids=lambda maker: maker["kind"],
)
def test_what_comes_with_the_overlay_is_not_asked_for(maker: Any, tmp_path: Path) -> None:
    assert missing(tmp_path, [maker, pod(**volume(secretName="a"))], {}) == []


def test_an_external_secret_makes_the_keys_that_it_lists(tmp_path: Path) -> None:
    maker = {
        "kind": "ExternalSecret",
        "metadata": {"name": "a"},
        "spec": {"data": [{"secretKey": "k", "remoteRef": {"key": "shop/a"}}]},
    }
    reader = pod(containers=[variable(name="a", key="k"), variable(name="a", key="l")])
    assert missing(tmp_path, [maker, reader], {}) == ["key l of a"]


NEEDY = yaml.safe_dump_all(
    [
        pod(containers=[variable(name="a", key="k")], **volume(secretName="b")),
        pod(imagePullSecrets=[{"name": "b"}], containers=[variable(name="b", key="k")]),
    ]
)


def test_a_missing_secret_is_refused_before_anything_is_touched(trial: Trial) -> None:
    """All at once, with the commands that make them."""
    trial.overlay("local", f"{RENDERED}---\n{NEEDY}")
    trial.world(workloads=OLD, secrets={"b": ["there"]})
    done = trial.deploy("local", "--yes")
    there = "--context kind --namespace techcommerce"
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr.splitlines() == [
        "Refused: techcommerce lacks what the overlay needs:",
        "    Secret a",
        "    key k of b",
        "Make the Secrets (docs/deploy.md, Secrets; those that exist are left alone):",
        "    make secrets",
        f"    kubectl {there} create -f deploy/secrets/kubernetes.json",
        "Add the key:",
        f"""    kubectl {there} patch secret b --patch '{{"stringData": {{"k": "..."}}}}'""",
    ]
    trial.world(workloads=OLD, secrets={"a": ["k"], "b": ["k"]})
    assert trial.deploy("local", "--yes").returncode == 0


def test_each_namespace_is_told_what_it_lacks_itself(trial: Trial) -> None:
    """And a Secret in the one is no help in the other."""
    elsewhere = {**pod(**volume(secretName="a")), "metadata": {"name": "p", "namespace": "watch"}}
    trial.overlay("local", f"{WATCHED}---\n{NEEDY}---\n{yaml.safe_dump(elsewhere)}")
    trial.world(workloads=OLD, secrets={"a": ["k"], "b": ["k"]})
    done = trial.deploy("local", "--yes")
    there = "--context kind --namespace watch"
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr.splitlines() == [
        "Refused: watch lacks what the overlay needs:",
        "    Secret a",
        "Make the Secrets (docs/deploy.md, Secrets; those that exist are left alone):",
        "    kubectl --context kind create namespace watch",
        "    make secrets",
        f"    kubectl {there} create -f deploy/secrets/monitoring.json",
    ]


def test_staging_has_secrets_of_its_own(trial: Trial) -> None:
    trial.overlay("staging", f"{RENDERED}---\n{NEEDY}")
    trial.commit()
    trial.world(workloads=OLD)
    said = trial.deploy("staging", "--context", "kind", "--yes").stderr
    assert "    make secrets ARGS=../staging-secrets\n" in said
    assert " create -f ../staging-secrets/kubernetes.json\n" in said


def test_who_may_not_look_at_secrets_is_told_and_goes_on(trial: Trial) -> None:
    trial.overlay("local", f"{RENDERED}---\n{NEEDY}")
    trial.world(workloads=OLD, secrets=None)
    done = trial.deploy("local", "--yes")
    assert done.returncode == 0
    assert (
        "The Secrets of techcommerce are not checked: Error from server (Forbidden)" in done.stdout
    )
