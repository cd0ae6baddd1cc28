"""Prints "object state" for each named object that exists and has one.

    states.py techcommerce/deployment/storefront techcommerce/job/migrate-storefront-1.4.0 <LISTS

LISTS is a JSON array of what `kubectl get deployments,statefulsets,controllerrevisions,jobs
-o json` gives for each namespace. The state of a Deployment or StatefulSet is its revision; that of
a Job is "unfinished" until it has completed or failed for good.
"""

from __future__ import annotations

import json
import sys
from typing import Any

REVISION = "deployment.kubernetes.io/revision"
ENDS = {"Complete", "Failed"}


def main(names: list[str]) -> int:
    items = (each for found in json.load(sys.stdin) for each in found["items"])
    found = {full_name(each): each for each in items}
    for name in names:
        if name in found and (state := state_of(found[name], found)):
            print(name, state)
    return 0


def full_name(item: dict[str, Any]) -> str:
    metadata = item["metadata"]
    return f"{metadata['namespace']}/{item['kind'].lower()}/{metadata['name']}"


def state_of(item: dict[str, Any], found: dict[str, Any]) -> str:
    """A revision as `kubectl rollout undo --to-revision` takes it; none before a rollout began."""
    metadata, status = item["metadata"], item.get("status", {})
    if item["kind"] == "Job":
        ends = (each for each in status.get("conditions", ()) if each["type"] in ENDS)
        return "" if any(each["status"] == "True" for each in ends) else "unfinished"
    if item["kind"] == "Deployment":
        return str(metadata.get("annotations", {}).get(REVISION, ""))
    name = f"{metadata['namespace']}/controllerrevision/{status.get('updateRevision', '')}"
    return str(found.get(name, {}).get("revision", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
