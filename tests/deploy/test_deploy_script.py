"""deploy.sh over a kubectl that plays a cluster: what it refuses, its order, its way back."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy import fake_cosign
from tests.deploy.fake_kubectl import FakeKubectl
from tests.effort import third

ROOT = Path(__file__).parents[2]
BARE_PYTHON = f"{os.path.realpath(sys.executable)} -I -S"  # starts in half the time
OLD = {
    "statefulset/postgres": {"revision": 4, "trouble": None},
    "deployment/storefront": {"revision": 7, "trouble": None},
    "deployment/order-worker": {"revision": 3, "trouble": None},
}
BACK = "Every workload is back at its revision, and the shop sells."
SMOKE = """
import os, pathlib, sys
folder = pathlib.Path(os.environ["TECHCOMMERCE_SMOKE_FOLDER"])
answers = folder / "smoke"
first, _, rest = answers.read_text().partition("\\n")
answers.write_text(rest)
(folder / "calls").open("a").write(f"smoke {' '.join(sys.argv[1:])}\\n")
print(first or "order TC-1 confirmed after 1.0 s")
sys.exit(bool(first))
"""


def manifest(kind: str, name: str, more: str = "", space: str = "techcommerce") -> str:
    """As kustomize writes it, which sorts the fields."""
    head = f"---\napiVersion: v1\nkind: {kind}\nmetadata:\n"
    if more.startswith("  labels:"):
        return f"{head}{more}  name: {name}\n  namespace: {space}\n"
    place = "" if kind == "Namespace" else f"  namespace: {space}\n"
    return f"{head}  name: {name}\n{place}{more}"


DIGEST = "sha256:" + "1" * 64
IMAGE = f"registry.test/storefront@{DIGEST}"
WORKER = f"registry.test/order-service@{DIGEST}"
IMAGES = """\
images:
  - {name: techcommerce/storefront, newName: registry.test/storefront}
  - name: techcommerce/order-service
    newName: registry.test/order-service
"""
RENDERED = "".join(
    (
        manifest("Namespace", "techcommerce"),
        manifest("ConfigMap", "shop-abcdefghi2", "data:\n  PUBLIC_URL: http://shop.test\n"),
        manifest("Role", "deployer"),
        manifest("StatefulSet", "postgres"),
        manifest("Deployment", "storefront", f"spec: {{image: {IMAGE}}}\n"),
        manifest("Deployment", "order-worker", f"spec:\n  image: {WORKER}\n"),
        manifest("HorizontalPodAutoscaler", "storefront"),
        manifest("Job", "migrate-1", "  labels:\n    app.kubernetes.io/component: migration\n"),
        manifest("Job", "seed-demo", "  labels:\n    app.kubernetes.io/component: demo\n"),
    )
)
WATCHED = RENDERED + "".join(
    (
        manifest("Namespace", "monitoring"),
        manifest("Deployment", "prometheus", space="monitoring"),
    )
)


class Trial:
    """A copy of the scripts with overlays, a smoke test and a cluster of its own."""

    def __init__(self, folder: Path, kubectl: Path) -> None:
        self.folder, self.kubectl = folder, kubectl
        self.scripts = folder / "deploy" / "scripts"
        shutil.copytree(ROOT / "deploy" / "scripts", self.scripts)
        (self.scripts / "smoke.py").write_text(SMOKE)
        (folder / "python").write_text(f'#!/bin/sh\nexec {BARE_PYTHON} "$@"\n')
        (folder / "python").chmod(0o755)
        for name in ("local", "staging", "production"):
            self.overlay(name)
        self.cosign = fake_cosign.write(folder)
        fake_cosign.sign(folder, IMAGE, WORKER)
        self.world(workloads=OLD)
        self.smoke()

    def overlay(self, name: str, rendered: str = RENDERED) -> Path:
        overlay = self.folder / "deploy" / "kubernetes" / "overlays" / name
        (overlay / "images").mkdir(parents=True, exist_ok=True)
        (overlay / "kustomization.yaml").touch()
        (overlay / "rendered.yaml").write_text(rendered)
        (overlay / "images" / "kustomization.yaml").write_text(IMAGES)
        self.signed_by(overlay, fake_cosign.IDENTITY)
        return overlay

    def signed_by(self, overlay: Path, identity: str) -> None:
        lines = f"IDENTITY={identity}\nISSUER={fake_cosign.ISSUER}\n"
        (overlay / "images" / "signatures.env").write_text(lines)

    def commit(self) -> None:
        git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(self.folder))
        for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "overlays: Begin")):
            subprocess.run([*git, *command], check=True)

    def world(self, **world: Any) -> None:
        empty = {"contexts": ["kind"], "workloads": {}, "jobs": {}, "configmaps": []}
        empty |= {"secrets": {}, "plan": {}}
        (self.folder / "world.json").write_text(json.dumps({**empty, **world}))

    def smoke(self, *failures: str) -> None:
        """The first orders fail, with these words; an empty one and those after do not."""
        (self.folder / "smoke").write_text("".join(f"{line}\n" for line in failures))

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """From the folder of the overlays, where a relative path may lead to one."""
        environment = {
            **os.environ,
            "TECHCOMMERCE_SMOKE_FOLDER": str(self.folder),
            "KUBECTL": str(self.kubectl),
            "COSIGN": str(self.cosign),
            "PYTHON": str(self.folder / "python"),
            "POLL_SECONDS": "0.01",
            **variables,
        }
        command = ["bash", str(self.scripts / "deploy.sh"), *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder / "deploy" / "kubernetes" / "overlays",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def deploy(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **variables)
        out, error = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, error)

    def calls(self) -> list[str]:
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def steps(self) -> list[str]:
        """The calls that change something, in order, with the stage of each apply."""
        changing = ("apply", "create", "delete", "rollout", "smoke")
        calls = [re.sub("^--namespace .*? ", "", line) for line in self.calls()]
        short = [line.replace(" -f ", " ") for line in calls if line.startswith(changing)]
        return [
            f"apply {Path(line.split()[1]).stem}" if line.startswith("apply") else line
            for line in short
        ]

    def undone(self) -> list[str]:
        return [line for line in self.steps() if line.startswith("rollout undo")]


UNDO_ALL = [
    "rollout undo statefulset/postgres --to-revision 4",
    "rollout undo deployment/storefront --to-revision 7",
    "rollout undo deployment/order-worker --to-revision 3",
]


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with FakeKubectl(tmp_path) as kubectl:
        yield Trial(tmp_path, kubectl)


def test_success_goes_step_by_step(trial: Trial) -> None:
    done = trial.deploy("local", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert trial.steps() == [
        "apply access",
        "apply foundation",
        "delete --ignore-not-found job/migrate-1",
        "apply migrations",
        "delete --ignore-not-found job/seed-demo",
        "apply chores",
        "apply workloads",
        "smoke http://shop.test",
    ]
    assert applied(done) == [  # what pods stand on first, the autoscaler with its Deployment
        *("namespace/techcommerce", "role/deployer"),
        *("configmap/shop-abcdefghi2", "statefulset/postgres"),
        *("job/migrate-1", "job/seed-demo"),
        *("deployment/storefront", "deployment/order-worker", "horizontalpodautoscaler/storefront"),
    ]
    assert "+  image: shop:2" in done.stdout
    assert "order TC-1 confirmed" in done.stdout
    assert done.stdout.rstrip().endswith("The shop sells: http://shop.test")


def applied(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = done.stdout.splitlines()
    return [line.split()[0] for line in lines if line.endswith("configured")]


def test_first_deploy_has_nothing_to_compare_or_back_up(trial: Trial) -> None:
    trial.world()
    done = trial.deploy("local", "--yes", "--backup")
    assert done.returncode == 0
    assert "Nothing runs in techcommerce yet: 9 objects to make" in done.stdout
    assert not any(line.startswith(("diff", "create")) for line in trial.calls())


def test_a_folder_goes_the_same_way(trial: Trial) -> None:
    folder = trial.overlay("../../../elsewhere/trial")
    done = trial.deploy(str(folder), "--yes", SHOP_URL="http://127.0.0.1:30000")
    assert done.returncode == 0
    assert trial.steps()[-1] == "smoke http://127.0.0.1:30000"


def test_the_order_that_proves_it_can_be_chosen(trial: Trial) -> None:
    chosen = {"SMOKE_PAYMENT": "tok_own_card", "SMOKE_PRODUCT": "/p/test-article/"}
    assert trial.deploy("local", "--yes", **chosen).returncode == 0
    smoke = "smoke http://shop.test --payment tok_own_card --product /p/test-article/"
    assert trial.steps()[-1] == smoke


def test_who_may_not_change_rights_leaves_them_alone(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"is_administrator": False})
    assert trial.deploy("local", "--yes").returncode == 0
    assert "apply access" not in trial.steps()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "there is no overlay ''; there are: local production staging"),
        (("locl",), "there is no overlay 'locl'; there are: local production staging"),
        (("local", "staging"), "one overlay at a time, not local and staging"),
        (("local", "--force"), "there is no option --force (see --help)"),
        (("local", "--context"), "--context lacks its value"),
        (("local", "--timeout", "soon"), "--timeout is a number of seconds"),
        (("local", "--context", "prod"), "there is no context 'prod'; known are: kind"),
        (("local",), "nobody can be asked here; say --yes"),
        (("staging", "--yes"), "say which cluster with --context; known are: kind"),
    ],
)
def test_refuses_what_is_in_doubt(trial: Trial, arguments: tuple[str, ...], why: str) -> None:
    done = trial.deploy(*arguments)
    assert (done.returncode, done.stderr) == (2, f"Refused: {why}\n")
    assert trial.steps() == []


def test_several_clusters_are_told_apart_by_name(trial: Trial) -> None:
    trial.world(contexts=["kind", "prod"], workloads=OLD)
    done = trial.deploy("local", "--yes")
    assert done.stderr == "Refused: say which cluster with --context; known are: kind prod\n"
    assert trial.deploy("local", "--yes", KUBE_CONTEXT="kind").returncode == 0


def test_images_of_a_shop_in_use_stand_in_git(trial: Trial) -> None:
    told = ("staging", "--yes", "--context", "kind")
    assert "staging is deployed from a git repository" in trial.deploy(*told).stderr
    trial.commit()
    assert trial.deploy(*told).returncode == 0
    images = trial.overlay("staging") / "images" / "kustomization.yaml"
    images.write_text("images: [{name: techcommerce/storefront, digest: sha256:1}]\n")
    done = trial.deploy(*told)
    assert done.returncode == 2
    assert "the images of staging are not committed" in done.stderr


WAYS = ("production/", "./production", "local/../production", "absolute")


@pytest.mark.parametrize("way", third(WAYS))
def test_production_is_guarded_by_whatever_path_it_is_named(trial: Trial, way: str) -> None:
    folder = str(trial.overlay("production")) if way == "absolute" else way
    done = trial.deploy(folder, "--yes")
    assert done.stderr == "Refused: say which cluster with --context; known are: kind\n"
    told = (folder, "--yes", "--context", "kind")
    assert "production is deployed from a git repository" in trial.deploy(*told).stderr
    trial.commit()
    assert trial.deploy(*told).returncode == 0
    assert trial.steps()[0].startswith("create job backup-")


@pytest.mark.parametrize("of", ["staging", "production"])
def test_a_part_of_an_overlay_goes_round_no_guard(trial: Trial, of: str) -> None:
    part = trial.overlay(f"{of}/shop")
    done = trial.deploy(str(part), "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr == (
        f"Refused: {of}/shop is a part of an overlay; deploy {of} as a whole\n"
    )


def test_a_cluster_that_does_not_answer_is_not_an_empty_one(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"broken": "get deployments -o name"})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr.endswith("Refused: the cluster does not answer\n")


def test_refuses_an_overlay_without_a_release(trial: Trial) -> None:
    image = f"spec:\n  image: shop@sha256:{'0' * 64}\n"
    trial.overlay("local", RENDERED + manifest("Deployment", "unreleased", image))
    done = trial.deploy("local", "--yes")
    assert done.stderr == "Refused: local has no released images yet\n"


def test_refuses_what_argo_cd_applies(trial: Trial) -> None:
    """Two that correct each other's work would never come to rest."""
    where = "apps/Deployment:techcommerce/storefront"
    trial.world(workloads=OLD, plan={"tracked": [f"techcommerce-staging:{where}"]})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    first, *_, last = done.stderr.splitlines()
    assert first == (
        "Refused: Argo CD applies techcommerce, as its application techcommerce-staging: "
        "release there, by a commit."
    )
    assert last.endswith("deployments,statefulsets --all argocd.argoproj.io/tracking-id-")


def test_refuses_a_folder_of_argo_cd(trial: Trial) -> None:
    hook = "  annotations:\n    argocd.argoproj.io/hook: PostSync\n"
    folder = trial.overlay("../../../argocd/staging", RENDERED + manifest("Job", "smoke", hook))
    done = trial.deploy(str(folder), "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr == (
        f"Refused: {folder} is what Argo CD applies; "
        "deploy.sh takes the overlay that it is made of\n"
    )


def test_production_is_backed_up_first(trial: Trial) -> None:
    trial.commit()
    assert trial.deploy("production", "--yes", "--context", "kind").returncode == 0
    first, second = trial.steps()[:2]
    assert first.startswith("create job backup-")
    assert first.endswith(" --from=cronjob/backup")
    assert second == "apply access"


def test_without_a_backup_nothing_is_changed(trial: Trial) -> None:
    plan = {"trouble": {"backup": "failed"}, "last_words": "pg_dump: error: no space left"}
    trial.world(workloads=OLD, plan=plan)
    done = trial.deploy("local", "--yes", "--backup")
    why = "Job has reached the backoff limit; its last words: pg_dump: error: no space left"
    assert done.returncode == 1
    assert done.stderr.startswith("Failed: backup: ")
    assert done.stderr.endswith(f"failed: {why}. Nothing was changed.\n")
    assert [line for line in trial.steps() if not line.startswith("create job")] == []


CRASH = {"trouble": {"order-worker": "crash"}, "last_words": "ImproperlyConfigured: no REDIS_URL"}
MIGRATION = {"trouble": {"migrate-1": "failed"}, "last_words": "DuplicateColumn: colour"}
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "image of a migration": (
        {"trouble": {"migrate-1": "image"}},
        'migrate-1: its image cannot be pulled: no image "shop:broken". '
        "Deleted unfinished job/migrate-1",
    ),
    "image": (
        {"trouble": {"storefront": "image"}},
        'storefront: its image cannot be pulled: no image "shop:broken"',
    ),
    "unready": (
        {"trouble": {"storefront": "unready"}, "last_words": "migrations missing"},
        "storefront: not ready: Startup probe failed: HTTP probe failed with statuscode: 503; "
        "its last words: migrations missing",
    ),
    "a mount that may heal": (
        {"trouble": {"storefront": "busy disk"}, "last_words": "none"},
        'storefront: not ready: MountVolume.SetUp failed for volume "data" : timed out waiting; '
        "its last words: none",
    ),
    **{
        secret: (
            {"trouble": {"storefront": secret}, "last_words": "none"},
            'storefront: not ready: MountVolume.SetUp failed for volume "secrets" : '
            'secret "late" not found; its last words: none',
        )
        for secret in ("secret of a moment ago", "secret that came")
    },
}


@pytest.mark.parametrize("failure", third(FAILURES))
def test_a_failure_undoes_every_workload(trial: Trial, failure: str) -> None:
    plan, why = FAILURES[failure]
    trial.world(workloads=OLD, plan=plan)
    done = trial.deploy("local", "--yes", "--timeout", "1")
    assert (done.returncode, done.stderr) == (1, f"Failed: {why}. {BACK}\n")
    assert trial.undone() == UNDO_ALL
    assert trial.steps()[-1] == "smoke http://shop.test"


ABSENT = {
    "secret": 'MountVolume.SetUp failed for volume "secrets" : secret "storefront" not found',
    "key": 'MountVolume.SetUp failed for volume "secrets" : '
    "references non-existent secret key: CACHE_URL",
    "configuration": 'MountVolume.SetUp failed for volume "rules" : configmap "rules-1" not found',
    "variable": "couldn't find key TOKEN in Secret shop/storefront",
}


LACKING = [
    *(("secret", "storefront"), ("key", "migrate-1"), ("variable", "migrate-1")),
    *(("configuration", "storefront"), ("key", "storefront"), ("variable", "storefront")),
    *(("secret", "migrate-1"), ("configuration", "migrate-1")),
]


@pytest.mark.parametrize(("absent", "workload"), third(LACKING))
def test_nobody_waits_for_what_a_mount_or_a_variable_lacks(
    trial: Trial, absent: str, workload: str
) -> None:
    plan = {"trouble": {workload: absent}, "deadline": 900}
    trial.world(workloads=OLD, plan=plan)
    began = time.monotonic()
    done = trial.deploy("local", "--yes", "--timeout", "300")
    assert time.monotonic() - began < 30
    assert done.returncode == 1
    assert f"Failed: {workload}: " in done.stderr
    assert ABSENT[absent] in done.stderr


def test_a_job_has_until_its_own_deadline(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 5}, "deadline": 60})
    done = trial.deploy("local", "--yes", "--timeout", "1", POLL_SECONDS="0.5")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_job_without_a_deadline_has_as_long_as_all_else(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 1000}})
    done = trial.deploy("local", "--yes", "--timeout", "1")
    why = "migrate-1: is not complete. Deleted unfinished job/migrate-1"
    assert (done.returncode, done.stderr) == (1, f"Failed: {why}. {BACK}\n")


def test_a_migration_that_has_ended_is_left_to_be_looked_at(trial: Trial) -> None:
    trial.world(workloads=OLD, plan=MIGRATION)
    assert trial.deploy("local", "--yes").returncode == 1
    begun = trial.steps().index("apply migrations")
    assert not any("migrate-1" in line for line in trial.steps()[begun:])


def test_no_migration_goes_on_after_an_interrupt(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 1000}, "deadline": 900})
    process = trial.start("local", "--yes")
    deadline = time.monotonic() + 20
    while "apply migrations" not in trial.steps() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=20)
    assert error == f"Failed: interrupted. Deleted unfinished job/migrate-1. {BACK}\n"
    (stopped,) = (line for line in trial.steps() if "--cascade=foreground" in line)
    assert stopped.endswith(" job/migrate-1")
    assert trial.steps().index(stopped) < trial.steps().index(UNDO_ALL[0])


def test_says_when_the_shop_is_not_back(trial: Trial) -> None:
    trial.smoke("GET /: 503", "GET /: 503 still")
    done = trial.deploy("local", "--yes")
    assert done.returncode == 1
    assert done.stderr.endswith("THE SHOP IS NOT BACK: GET /: 503 still.\n")


def test_one_undo_that_fails_does_not_stop_the_others(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={**CRASH, "no_undo": ["statefulset/postgres"]})
    done = trial.deploy("local", "--yes")
    assert trial.undone() == UNDO_ALL
    assert "THE SHOP IS NOT BACK: could not be undone: statefulset/postgres." in done.stderr


def test_a_workload_that_is_new_goes_away_again(trial: Trial) -> None:
    old = {name: state for name, state in OLD.items() if name != "deployment/order-worker"}
    trial.world(workloads=old, plan=CRASH)
    done = trial.deploy("local", "--yes")
    assert done.stderr.endswith(f"{BACK}\n")
    assert trial.undone() == UNDO_ALL[:2]
    assert "delete --ignore-not-found deployment/order-worker" in trial.steps()


def test_a_first_deploy_that_fails_is_left_to_be_looked_at(trial: Trial) -> None:
    trial.world(plan=CRASH)
    done = trial.deploy("local", "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith("Failed: order-worker: crashes again and again")
    assert "It was the first deploy: all is left as it is, to be looked at." in done.stderr
    assert trial.undone() == []


INTERRUPTS = pytest.mark.parametrize("interrupt", [signal.SIGTERM, signal.SIGHUP])


@INTERRUPTS
def test_an_interrupt_undoes_every_workload(trial: Trial, interrupt: signal.Signals) -> None:
    process = interrupted(trial, interrupt)
    _, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (1, f"Failed: interrupted. {BACK}\n")
    assert trial.undone() == UNDO_ALL


@INTERRUPTS
def test_whoever_read_along_may_be_gone(trial: Trial, interrupt: signal.Signals) -> None:
    """A terminal that was closed, or a `| tee` that the same Ctrl-C has ended."""
    process = interrupted(trial, interrupt, is_read=False)
    assert process.wait(timeout=20) == 1
    assert trial.undone() == UNDO_ALL
    assert trial.steps()[-1] == "smoke http://shop.test"


def interrupted(
    trial: Trial, interrupt: signal.Signals, *, is_read: bool = True
) -> subprocess.Popen[str]:
    trial.world(workloads=OLD, plan={"trouble": {"storefront": "unready"}})
    process = trial.start("local", "--yes")
    deadline = time.monotonic() + 20
    while not waits_for_pods(trial) and time.monotonic() < deadline:
        time.sleep(0.02)
    if not is_read:
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    process.send_signal(interrupt)
    return process


def waits_for_pods(trial: Trial) -> bool:
    return "apply workloads" in trial.steps() and "replicasets,pods" in trial.calls()[-1]


def test_old_configuration_is_pruned_after_success_alone(trial: Trial) -> None:
    names = ["shop-abcdefghi2", "shop-olderolder", "release"]
    trial.world(workloads=OLD, configmaps=names, plan=CRASH)
    assert trial.deploy("local", "--yes").returncode == 1
    assert not any("configmap" in line for line in trial.steps())
    trial.world(workloads=OLD, configmaps=names)
    assert trial.deploy("local", "--yes").returncode == 0
    assert trial.steps()[-1] == "delete configmap/shop-olderolder"


WATCHER = "monitoring/deployment/prometheus"


def test_a_deploy_goes_through_every_namespace_of_its_overlay(trial: Trial) -> None:
    trial.overlay("local", WATCHED)
    trial.world(workloads=OLD | {WATCHER: {"revision": 2, "trouble": None}})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "deployment/prometheus" in applied(done)
    assert "What changes in monitoring techcommerce" in done.stdout
    assert "monitoring/deployment/prometheus 2" in done.stdout


def test_what_fails_in_another_namespace_undoes_every_workload(trial: Trial) -> None:
    trial.overlay("local", WATCHED)
    known = OLD | {WATCHER: {"revision": 2, "trouble": None}}
    trial.world(
        workloads=known, plan={"trouble": {"prometheus": "crash"}, "last_words": "no rules"}
    )
    done = trial.deploy("local", "--yes")
    why = "prometheus: crashes again and again; its last words: no rules"
    assert (done.returncode, done.stderr) == (1, f"Failed: {why}. {BACK}\n")
    undone = [line for line in trial.calls() if "rollout undo" in line]
    there = "--namespace monitoring rollout undo deployment/prometheus --to-revision 2"
    assert sorted(undone) == sorted([*UNDO_ALL, there])


def test_what_is_new_in_another_namespace_goes_away_again(trial: Trial) -> None:
    trial.overlay("local", WATCHED)
    trial.world(workloads=OLD, plan=CRASH)
    assert trial.deploy("local", "--yes").stderr.endswith(f"{BACK}\n")
    gone = "--namespace monitoring delete --ignore-not-found deployment/prometheus"
    assert gone in trial.calls()


def test_nothing_watches_a_shop_twice(trial: Trial) -> None:
    """A shop of before has its monitoring beside it, and Grafana's port is taken."""
    trial.overlay("local", WATCHED)
    trial.world(workloads=OLD | {"deployment/prometheus": {"revision": 1, "trouble": None}})
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert done.stderr.startswith("Refused: techcommerce still has prometheus, for which ")
    last = done.stderr.splitlines()[-1].strip()
    kinds = "deployment,service,pdb,networkpolicy,serviceaccount,pvc,secret"
    assert last == f"{kinds} prometheus"


def test_one_shop_at_a_time(trial: Trial) -> None:
    two = RENDERED + manifest("Deployment", "storefront", space="elsewhere")
    trial.overlay("local", two)
    done = trial.deploy("local", "--yes")
    assert (done.returncode, trial.steps()) == (2, [])
    assert "one shop at a time" in done.stderr
