"""Workloads, Jobs and their pods as the make-believe cluster shows them, healthy or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Item = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
# What a pod in trouble looks like: container state, pod conditions and the warning about it.
TROUBLES: dict[str | None, Item] = {
    "image": {
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": 'no image "shop:broken"'}},
    },
    "crash": {
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "restartCount": 3,
    },
    "unready": {
        "state": {"running": {}},
        "warning": "Startup probe failed: HTTP probe failed with statuscode: 503",
    },
    "secret": {
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "warning": 'MountVolume.SetUp failed for volume "secrets" : secret "storefront" not found',
    },
    "key": {
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "warning": 'MountVolume.SetUp failed for volume "secrets" : '
        "references non-existent secret key: CACHE_URL",
    },
    "secret of a moment ago": {
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "warning": 'MountVolume.SetUp failed for volume "secrets" : secret "late" not found',
        "count": 5,
    },
    "secret that came": {
        "state": {"running": {}},
        "warning": 'MountVolume.SetUp failed for volume "secrets" : secret "late" not found',
    },
    "configuration": {
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "warning": 'MountVolume.SetUp failed for volume "rules" : configmap "rules-1" not found',
    },
    "variable": {
        "state": {
            "waiting": {
                "reason": "CreateContainerConfigError",
                "message": "couldn't find key TOKEN in Secret shop/storefront",
            }
        },
    },
    "busy disk": {
        "state": {"waiting": {"reason": "ContainerCreating"}},
        "warning": 'MountVolume.SetUp failed for volume "data" : timed out waiting',
    },
}


def workload(name: str, state: Item) -> Iterator[Item]:
    """The workload, what stands for its revision, and its one pod."""
    kind, _, short = name.partition("/")
    revision, trouble = str(state["revision"]), state["trouble"]
    ready = 0 if trouble else 1
    status: Item = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1}
    status |= {"availableReplicas": ready, "readyReplicas": ready, "updateRevision": f"{short}-r"}
    yield {
        "kind": {"deployment": "Deployment", "statefulset": "StatefulSet"}[kind],
        "metadata": {"name": short, "generation": 1, "annotations": {REVISION: revision}},
        "spec": {"replicas": 1},
        "status": status,
    }
    labels = {"pod-template-hash": f"{short}-h", "controller-revision-hash": f"{short}-r"}
    yield {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{short}-h",
            "labels": labels,
            "annotations": {REVISION: revision},
            "ownerReferences": [{"name": short}],
        },
    }
    revision_name = {"name": f"{short}-r"}
    yield {"kind": "ControllerRevision", "metadata": revision_name, "revision": state["revision"]}
    yield from pod(f"{short}-pod", labels, TROUBLES.get(trouble))


def job(name: str, trouble: str | int | None) -> Iterator[Item]:
    short = name.partition("/")[2]
    ends: dict[str | int | None, str] = {"failed": "Failed", None: "Complete"}
    ended = ends.get(trouble)
    condition = {"type": ended, "status": "True", "message": "Job has reached the backoff limit"}
    yield {
        "kind": "Job",
        "metadata": {"name": short},
        "status": {"conditions": [condition] if ended else []},
    }
    labels = {"batch.kubernetes.io/job-name": short}
    shown = None if isinstance(trouble, int) else TROUBLES.get(trouble)
    yield from pod(f"{short}-pod", labels, shown, has_failed=ended == "Failed")


def pod(
    name: str, labels: dict[str, str], trouble: Item | None, *, has_failed: bool = False
) -> Iterator[Item]:
    ready = {"type": "Ready", "status": "False" if trouble or has_failed else "True"}
    container = {"image": "shop:2", "state": {}, **(trouble or {})}
    yield {
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "status": {
            "phase": "Failed" if has_failed else "Running",
            "conditions": [ready],
            "containerStatuses": [container],
        },
    }
    if trouble and "warning" in trouble:
        yield {
            "kind": "Event",
            "type": "Warning",
            "metadata": {"name": f"{name}.1"},
            "involvedObject": {"name": name},
            "message": trouble["warning"],
            "count": trouble.get("count", 6),
        }
