"""Prints "workload revision" for each named workload that exists.

    revisions.py techcommerce/deployment/storefront techcommerce/statefulset/postgres <LISTS

LISTS is a JSON array of what `kubectl get deployments,statefulsets,controllerrevisions -o json`
gives for each namespace.
"""

from __future__ import annotations

import json
import sys
from typing import Any

REVISION = "deployment.kubernetes.io/revision"


def main(names: list[str]) -> int:
    items = (each for found in json.load(sys.stdin) for each in found["items"])
    found = {full_name(each): each for each in items}
    for name in names:
        if name in found and (revision := revision_of(found[name], found)):
            print(name, revision)
    return 0


def full_name(item: dict[str, Any]) -> str:
    metadata = item["metadata"]
    return f"{metadata['namespace']}/{item['kind'].lower()}/{metadata['name']}"


def revision_of(workload: dict[str, Any], found: dict[str, Any]) -> str:
    """What `kubectl rollout undo --to-revision` takes; empty before the first rollout began."""
    if workload["kind"] == "Deployment":
        return str(workload["metadata"].get("annotations", {}).get(REVISION, ""))
    name = workload.get("status", {}).get("updateRevision", "")
    namespace = workload["metadata"]["namespace"]
    return str(found.get(f"{namespace}/controllerrevision/{name}", {}).get("revision", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
