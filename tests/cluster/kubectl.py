"""The cluster as the tests reach it: by the kubectl command of KUBECTL and nothing else."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]

NAMESPACE = "techcommerce"
MONITORING = "monitoring"
OURS = "app.kubernetes.io/part-of=techcommerce"
SECONDS = 60.0


class Refused(Exception):
    """kubectl ended with an error, which it said."""


@dataclass(frozen=True)
class Pod:
    """A pod that serves, as far as tests look at it."""

    name: str
    app: str
    uid: str
    address: str
    restarts: int
    is_ready: bool

    @classmethod
    def of(cls, item: Item) -> Pod:
        status = item["status"]
        containers = status.get("containerStatuses", ())
        return cls(
            name=item["metadata"]["name"],
            app=item["metadata"]["labels"].get("app.kubernetes.io/name", ""),
            uid=item["metadata"]["uid"],
            address=status.get("podIP", ""),
            restarts=sum(each["restartCount"] for each in containers),
            is_ready=any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in status.get("conditions", ())
            )
            and "deletionTimestamp" not in item["metadata"],
        )


class Kubectl:
    """kubectl in one namespace."""

    def __init__(self, namespace: str = NAMESPACE) -> None:
        self.namespace = namespace
        self._command = shlex.split(os.environ.get("KUBECTL", "kubectl"))

    def __call__(self, *arguments: str, sent: str = "", seconds: float = SECONDS) -> str:
        """What kubectl printed. Raises Refused."""
        done = subprocess.run(
            self._full(*arguments), input=sent, capture_output=True, text=True, timeout=seconds
        )
        if done.returncode:
            raise Refused(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def get(self, what: str, *arguments: str) -> Any:
        return json.loads(self("get", what, *arguments, "--output", "json"))

    def has(self, what: str) -> bool:
        return bool(self("get", what, "--ignore-not-found", "--output", "name").strip())

    def pods(self, app: str = "") -> list[Pod]:
        """Pods of the shop that run, or of one application; those of jobs are left out."""
        selector = f"app.kubernetes.io/name={app}" if app else OURS
        listed = self.get("pods", "--selector", f"{selector},!batch.kubernetes.io/job-name")
        phases = {"Pending", "Running"}
        return [Pod.of(each) for each in listed["items"] if each["status"]["phase"] in phases]

    def ready_pod(self, app: str) -> Pod:
        return next(pod for pod in self.pods(app) if pod.is_ready)

    def deployments(self) -> list[str]:
        listed = self.get("deployments", "--selector", OURS)
        return [each["metadata"]["name"] for each in listed["items"]]

    def replicas(self, deployment: str) -> int:
        return int(self.get(f"deployment/{deployment}")["spec"]["replicas"])

    def scale(self, deployment: str, replicas: int) -> None:
        self("scale", f"deployment/{deployment}", f"--replicas={replicas}")

    def wait_for_rollout(self, workload: str, *, seconds: float = 300) -> None:
        self("rollout", "status", workload, f"--timeout={seconds:.0f}s", seconds=seconds + 10)

    def wait_until_all_ready(self, *, seconds: float = 180) -> None:
        """Every workload has the pods it wants, ready, and none that is going."""
        for kind in ("deployments", "statefulsets"):
            for each in self.get(kind, "--selector", OURS)["items"]:
                self.wait_for_rollout(f"{kind}/{each['metadata']['name']}", seconds=seconds)
        wait_until(lambda: all(pod.is_ready for pod in self.pods()), "all pods are ready", seconds)

    def wait_until_settled(self, app: str, *, seconds: float = 240) -> None:
        """The application has exactly the pods it wants, all ready and none of them going."""
        kinds = "deployments,statefulsets"
        named = {each["metadata"]["name"]: each for each in self.get(kinds)["items"]}
        wanted = named[app]["spec"]["replicas"]

        def is_settled() -> bool:
            pods = self.pods(app)
            return len(pods) == wanted and all(pod.is_ready for pod in pods)

        wait_until(is_settled, f"{app} has {wanted} ready pods", seconds)

    def wait_for_replicas(self, deployment: str, wanted: int, *, seconds: float) -> None:
        wait_until(
            lambda: self.replicas(deployment) == wanted, f"{deployment} has {wanted}", seconds
        )

    def exec(self, pod: str, *command: str, sent: str = "", seconds: float = SECONDS) -> str:
        interactive = ("--stdin",) if sent else ()
        return self("exec", *interactive, pod, "--", *command, sent=sent, seconds=seconds)

    def secret(self, name: str, key: str) -> str:
        return base64.b64decode(self.get(f"secret/{name}")["data"][key]).decode()

    @contextmanager
    def forward(self, target: str, port: int, *, local: int = 0) -> Iterator[int]:
        """A port of this machine that leads to one of a pod, for as long as that pod lives."""
        command = self._full("port-forward", target, f"{local or ''}:{port}")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                line = process.stdout.readline()
                found = re.search(r"127\.0\.0\.1:(\d+)", line)
                if not found:
                    raise Refused(f"port-forward to {target} gave: {line!r}")
                yield int(found[1])
            finally:
                process.terminate()

    def _full(self, *arguments: str) -> Sequence[str]:
        return [*self._command, "--namespace", self.namespace, *arguments]


def wait_until(holds: Callable[[], bool], what: str, seconds: float) -> float:
    """Wait for a condition; how long it took. Fails naming it."""
    began = time.monotonic()
    while not holds():
        waited = time.monotonic() - began
        assert waited < seconds, f"after {seconds:.0f} s still not: {what}"
        time.sleep(1.0)
    return time.monotonic() - began
