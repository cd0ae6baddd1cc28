"""Says how far Deployments, StatefulSets and Jobs are, and why the worst of them is not done.

    verdict.py techcommerce/deployment/storefront techcommerce/job/migrate-1 <LISTS

LISTS is a JSON array of what `kubectl get deployments,statefulsets,replicasets,jobs,pods,events
-o json` gives for each namespace.

Exit code 0: all done. Otherwise 1 and one line, parted by tabs: "failed" (no wait will help) or
"waiting"; the object; the pod whose log may say more, or "-"; why.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

Item = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
TRIES = 3  # restarts after which a crash is no accident
# Failures after which a mount lacks something for good. The kubelet tries again after 0.5, 1, 2, 4,
# 8 s, and an operator needs some seconds to make a Secret.
MOUNTS = 6
# Why a container does not start, and what that means.
HOPELESS = {
    "ErrImageNeverPull": "its image is not on the node",
    "ImagePullBackOff": "its image cannot be pulled",
    "InvalidImageName": "its image has an impossible name",
    "CreateContainerConfigError": "its container cannot be set up",
    "CreateContainerError": "its container cannot be made",
    "RunContainerError": "its container cannot be run",
}
# What a mount lacks, as the kubelet words it; other failed mounts may heal.
ABSENT = re.compile(
    r'(secret|configmap) "[^"]+" not found|references non-existent (secret|config) key'
)


class Verdict(NamedTuple):
    """Why one object is not done."""

    object: str
    why: str
    pod: str = "-"
    is_hopeless: bool = False

    def __str__(self) -> str:
        status, words = "failed" if self.is_hopeless else "waiting", " ".join(self.why.split())
        return "\t".join((status, self.object, self.pod, words))


def hopeless(name: str, why: str, pod: str = "-") -> Verdict:
    return Verdict(name, why, pod, is_hopeless=True)


class Cluster:
    """What kubectl told of one namespace, by kind."""

    def __init__(self, items: list[Item]) -> None:
        self._items = items

    def of(self, kind: str) -> Iterator[Item]:
        return (each for each in self._items if each["kind"] == kind)

    def get(self, name: str) -> Item | None:
        _, kind, wanted = name.split("/")
        named = (each for each in self._items if each["metadata"]["name"] == wanted)
        return next((each for each in named if each["kind"].lower() == kind), None)

    def pods(self, label: str, value: str) -> list[Item]:
        """The youngest first, because an old one's trouble may be over."""
        found = [
            pod for pod in self.of("Pod") if pod["metadata"].get("labels", {}).get(label) == value
        ]
        return sorted(found, key=lambda pod: pod["metadata"]["creationTimestamp"], reverse=True)

    def last_warning(self, name: str) -> Item:
        told = [
            event
            for event in self.of("Event")
            if event["involvedObject"].get("name") == name and event.get("type") == "Warning"
        ]
        told.sort(key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
        return told[-1] if told else {"message": ""}


def main(names: list[str]) -> int:
    clusters: dict[str, list[Item]] = {name.split("/")[0]: [] for name in names}
    for found in json.load(sys.stdin):
        for each in found["items"]:
            clusters[each["metadata"]["namespace"]].append(each)
    judged = (judge(name, Cluster(clusters[name.split("/")[0]])) for name in names)
    verdicts = sorted(filter(None, judged), key=lambda verdict: not verdict.is_hopeless)
    if verdicts:
        print(verdicts[0])
    return bool(verdicts)


def judge(name: str, cluster: Cluster) -> Verdict | None:
    """None when the object is done."""
    item = cluster.get(name)
    if item is None:
        return Verdict(name, "does not exist")
    kinds = {"Deployment": deployment, "StatefulSet": stateful_set, "Job": job}
    return kinds[item["kind"]](name, item, cluster)


def deployment(name: str, item: Item, cluster: Cluster) -> Verdict | None:
    wanted, status = item["spec"].get("replicas", 1), item.get("status", {})
    is_seen = status.get("observedGeneration", 0) >= item["metadata"]["generation"]
    counts = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
    if is_seen and counts == [wanted] * 3:
        return None
    conditions = _conditions(item)
    if "ReplicaFailure" in conditions:
        return hopeless(name, f"no pod may be made: {conditions['ReplicaFailure']}")
    pods = cluster.pods("pod-template-hash", _newest_hash(item, cluster)) if is_seen else []
    ready = f"{counts[2]} of {wanted} pods are ready, {counts[1]} of them new"
    return _trouble(name, pods, cluster) or Verdict(name, ready)


def stateful_set(name: str, item: Item, cluster: Cluster) -> Verdict | None:
    wanted, status = item["spec"].get("replicas", 1), item.get("status", {})
    is_seen = status.get("observedGeneration", 0) >= item["metadata"]["generation"]
    newest = status.get("updateRevision", "")
    is_new = status.get("currentRevision") == newest or status.get("updatedReplicas") == wanted
    if is_seen and is_new and status.get("readyReplicas", 0) == wanted:
        return None
    pods = cluster.pods("controller-revision-hash", newest) if is_seen else []
    ready = f"{status.get('readyReplicas', 0)} of {wanted} pods are ready"
    return _trouble(name, pods, cluster) or Verdict(name, ready)


def job(name: str, item: Item, cluster: Cluster) -> Verdict | None:
    conditions = _conditions(item)
    if "Complete" in conditions:
        return None
    pods = cluster.pods("batch.kubernetes.io/job-name", item["metadata"]["name"])
    if "Failed" in conditions:
        failed = next((pod["metadata"]["name"] for pod in pods), "-")
        return hopeless(name, f"failed: {conditions['Failed']}", failed)
    return _trouble(name, pods, cluster) or Verdict(name, "is not complete")


def _trouble(name: str, pods: list[Item], cluster: Cluster) -> Verdict | None:
    """What keeps the first unready pod; a hopeless one before one that may still come."""
    found = [verdict for pod in pods if (verdict := _trouble_of(name, pod, cluster))]
    return min(found, key=lambda verdict: not verdict.is_hopeless, default=None)


def _trouble_of(name: str, pod: Item, cluster: Cluster) -> Verdict | None:
    status, pod_name = pod.get("status", {}), pod["metadata"]["name"]
    if status.get("phase") == "Succeeded" or "Ready" in _conditions(pod):
        return None
    containers = (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ()))
    for container in containers:
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") in HOPELESS:
            trouble = HOPELESS[waiting["reason"]]
            return hopeless(name, f"{trouble}: {waiting.get('message') or container['image']}")
        if container.get("restartCount", 0) >= TRIES:
            return hopeless(name, "crashes again and again", pod_name)
    event = cluster.last_warning(pod_name)
    warning = event["message"]
    has_begun = any(each.get("state", {}).keys() - {"waiting"} for each in containers)
    if ABSENT.search(warning) and _count(event) >= MOUNTS and not has_begun:
        return hopeless(name, f"cannot start: {warning}", pod_name)
    if status.get("phase") == "Failed":
        return Verdict(name, "a pod of it failed", pod_name)
    return Verdict(name, f"not ready: {warning}", pod_name) if warning else None


def _count(event: Item) -> int:
    return int(event.get("count") or (event.get("series") or {}).get("count") or 1)


def _newest_hash(item: Item, cluster: Cluster) -> str:
    """The pod-template-hash of the revision that the Deployment wants."""
    wanted = item["metadata"].get("annotations", {}).get(REVISION)
    for each in cluster.of("ReplicaSet"):
        owners = {owner["name"] for owner in each["metadata"].get("ownerReferences", ())}
        revision = each["metadata"].get("annotations", {}).get(REVISION)
        if item["metadata"]["name"] in owners and revision == wanted:
            return str(each["metadata"]["labels"]["pod-template-hash"])
    return ""


def _conditions(item: Item) -> dict[str, str]:
    """The conditions that hold, with their messages."""
    listed = item.get("status", {}).get("conditions", ())
    return {
        each["type"]: each.get("message", "") for each in listed if each.get("status") == "True"
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
