"""Prints each named Job that exists and has neither completed nor failed for good.

kubectl get jobs -o json | unfinished.py job/migrate-storefront-1.4.0
"""

from __future__ import annotations

import json
import sys
from typing import Any

ENDS = {"Complete", "Failed"}


def main(names: list[str]) -> int:
    jobs = {f"job/{each['metadata']['name']}": each for each in json.load(sys.stdin)["items"]}
    for name in names:
        if name in jobs and not has_ended(jobs[name]):
            print(name)
    return 0


def has_ended(job: dict[str, Any]) -> bool:
    conditions = job.get("status", {}).get("conditions", ())
    return any(each["type"] in ENDS and each["status"] == "True" for each in conditions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
