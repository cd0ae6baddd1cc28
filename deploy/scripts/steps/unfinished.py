"""Prints each named Job that exists and has neither completed nor failed for good.

    unfinished.py techcommerce/job/migrate-storefront-1.4.0 <LISTS

LISTS is a JSON array of what `kubectl get jobs -o json` gives for each namespace.
"""

from __future__ import annotations

import json
import sys
from typing import Any

ENDS = {"Complete", "Failed"}


def main(names: list[str]) -> int:
    jobs = {full_name(each): each for found in json.load(sys.stdin) for each in found["items"]}
    for name in names:
        if name in jobs and not has_ended(jobs[name]):
            print(name)
    return 0


def full_name(job: dict[str, Any]) -> str:
    return f"{job['metadata']['namespace']}/job/{job['metadata']['name']}"


def has_ended(job: dict[str, Any]) -> bool:
    conditions = job.get("status", {}).get("conditions", ())
    return any(each["type"] in ENDS and each["status"] == "True" for each in conditions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
