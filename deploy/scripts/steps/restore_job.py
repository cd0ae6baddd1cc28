"""Turns the Job of the backup, read as JSON, into one that runs restore.sh with our arguments.

`list` and `check` read the backups, beside PostgreSQL. Anything else writes PostgreSQL's volume, so
it mounts that, and starts wherever the volume can be: there is no PostgreSQL to stand beside.
"""

from __future__ import annotations

import json
import sys
from typing import Any

VOLUME = "data-postgres-0"
READING = ("list", "check")


def changed(job: dict[str, Any], arguments: list[str]) -> dict[str, Any]:
    job["spec"] |= {"backoffLimit": 0, "activeDeadlineSeconds": 14400}
    pod = job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    container["command"] = ["bash", "/etc/backup/restore.sh", *arguments]
    if arguments[0] not in READING:
        pod.pop("affinity", None)
        pod["volumes"].append({"name": "data", "persistentVolumeClaim": {"claimName": VOLUME}})
        mount = {"name": "data", "mountPath": "/var/lib/postgresql/data"}
        container["volumeMounts"].append(mount)
        memory = {"memory": "512Mi"}  # PostgreSQL replays in it
        container["resources"]["requests"] |= memory
        container["resources"]["limits"] |= memory
    return job


if __name__ == "__main__":
    json.dump(changed(json.load(sys.stdin), sys.argv[1:]), sys.stdout)
