"""deploy.sh as people run it, on the overlay of the trial or on a variation of it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import cluster_secrets, keys
from tests.cluster.kubectl import Kubectl

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy" / "scripts" / "deploy.sh"
LONGEST_SECONDS = 900.0


@dataclass(frozen=True)
class Delivery:
    """What a run of deploy.sh gave."""

    code: int
    shown: str
    last_line: str


def deploy(overlay: str, shop: str, *options: str) -> Delivery:
    """Run deploy.sh in the current context; its output goes to ours."""
    kubectl = os.environ.get("KUBECTL", "kubectl").split()
    context = subprocess.run(
        [*kubectl, "config", "current-context"], capture_output=True, text=True, check=True
    )
    done = subprocess.run(
        ["bash", str(DEPLOY), overlay, "--context", context.stdout.strip(), "--yes", *options],
        env={**os.environ, "SHOP_URL": shop},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    lines = done.stdout.strip().splitlines()
    print("\n    " + "\n    ".join(line for line in lines if not line.startswith((" ", "+", "-"))))
    return Delivery(done.returncode, done.stdout, lines[-1] if lines else "")


def variation(overlay: str, folder: Path, *patches: dict[str, Any]) -> str:
    """An overlay of its own in `folder`: the given one with patches; gives deploy.sh's argument."""
    base = overlay if "/" in overlay else f"deploy/kubernetes/overlays/{overlay}"
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(ROOT / base, folder.resolve())],
        "patches": [{**each, "patch": json.dumps(each["patch"])} for each in patches],
    }
    (folder / "kustomization.yaml").write_text(json.dumps(content))
    return str(folder)


def set_container(kind: str, name: str, field: str, value: object) -> dict[str, Any]:
    """A patch of the first container of each matching workload."""
    path = f"/spec/template/spec/containers/0/{field}"
    return {
        "target": {"kind": kind, "name": name},
        "patch": [{"op": "add", "path": path, "value": value}],
    }


def make_namespaces(shop: str, monitoring: str, **more: str) -> None:
    """The two of a shop with fresh secrets, as docs/deploy.md has people do it.

    `more` are keys of Secret order-service that only an overlay of the caller wants.
    """
    values = {**cluster_secrets.complete(keys.generate()), **more}
    of_orders = (*cluster_secrets.SHOP["order-service"], *more)
    for namespace, secrets in (
        (shop, {**cluster_secrets.SHOP, "order-service": of_orders}),
        (monitoring, cluster_secrets.MONITORING),
    ):
        kubectl = Kubectl(namespace)
        kubectl("create", "namespace", namespace)
        sent = json.dumps(cluster_secrets.manifests(values, secrets))
        kubectl("create", "--filename", "-", sent=sent)
