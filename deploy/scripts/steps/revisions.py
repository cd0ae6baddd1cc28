"""Prints "workload revision" for each named workload that exists.

kubectl get deployments,statefulsets,controllerrevisions -o json |
    revisions.py deployment/storefront statefulset/postgres
"""

from __future__ import annotations

import json
import sys
from typing import Any

REVISION = "deployment.kubernetes.io/revision"


def main(names: list[str]) -> int:
    items = json.load(sys.stdin)["items"]
    found = {f"{each['kind'].lower()}/{each['metadata']['name']}": each for each in items}
    for name in names:
        if name in found and (revision := revision_of(found[name], found)):
            print(name, revision)
    return 0


def revision_of(workload: dict[str, Any], found: dict[str, Any]) -> str:
    """What `kubectl rollout undo --to-revision` takes; empty before the first rollout began."""
    if workload["kind"] == "Deployment":
        return str(workload["metadata"].get("annotations", {}).get(REVISION, ""))
    name = workload.get("status", {}).get("updateRevision", "")
    return str(found.get(f"controllerrevision/{name}", {}).get("revision", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
