"""A copy of deploy.sh over a kubectl that plays a cluster, for the tests of its ways."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.deploy import fake_cosign

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


CRASH = {"trouble": {"order-worker": "crash"}, "last_words": "ImproperlyConfigured: no REDIS_URL"}
MIGRATION = {"trouble": {"migrate-1": "failed"}, "last_words": "DuplicateColumn: colour"}
UNDO_ALL = [
    "rollout undo statefulset/postgres --to-revision 4",
    "rollout undo deployment/storefront --to-revision 7",
    "rollout undo deployment/order-worker --to-revision 3",
]


def applied(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = done.stdout.splitlines()
    return [line.split()[0] for line in lines if line.endswith("configured")]
