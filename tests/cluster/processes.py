"""SIGKILL for processes of pods, which no pod can send to its own first process.

A pod that sees the processes of its node looks for those of one pod by the cgroup that they are in.
Only tests have it; it lives in kube-system, because the shop's namespace forbids such pods.
"""

from __future__ import annotations

import json
from types import TracebackType

from tests.cluster.kubectl import Kubectl, Pod

IMAGE = "techcommerce/order-service:local"  # any that the node has, with Python in it
NAME = "cluster-tests-signals"
KILL = """
import os, pathlib, signal, sys
uid, killed = sys.argv[1], []
names = {uid, uid.replace("-", "_")}
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        cgroup, command = (folder / "cgroup").read_text(), (folder / "cmdline").read_text()
        if any(f"pod{name}" in cgroup for name in names) and "pause" not in command:
            os.kill(int(folder.name), signal.SIGKILL)
            killed.append(command.replace(chr(0), " ")[:60])
    except (FileNotFoundError, ProcessLookupError):
        continue
print(len(killed), "processes of pod", uid, "killed")
sys.exit(not killed)
"""
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": NAME, "labels": {"app": NAME}},
    "spec": {
        "hostPID": True,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "activeDeadlineSeconds": 10800,
        "containers": [
            {
                "name": "signals",
                "image": IMAGE,
                "imagePullPolicy": "IfNotPresent",
                "command": ["python", "-c", "import signal; signal.pause()"],
                "securityContext": {
                    "runAsUser": 0,
                    "runAsNonRoot": False,
                    "capabilities": {"add": ["KILL", "SYS_PTRACE"]},
                },
            }
        ],
    },
}


class Processes:
    """`kill` ends every process of a pod's containers at once, without a warning."""

    def __init__(self) -> None:
        self._kubectl = Kubectl("kube-system")

    def __enter__(self) -> Processes:
        self._delete()
        self._kubectl("create", "--filename", "-", sent=json.dumps(POD))
        self._kubectl("wait", "--for=condition=Ready", f"pod/{NAME}", "--timeout=60s", seconds=70)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._delete()

    def kill(self, pod: Pod) -> None:
        self._kubectl.exec(NAME, "python", "-c", KILL, pod.uid)

    def _delete(self) -> None:
        self._kubectl("delete", "pod", NAME, "--ignore-not-found", "--wait")
