"""Turns the Job of the backup, read as JSON, into one that runs restore.sh with our arguments.

`list` reads the backups, and `check` PostgreSQL's volume too, for its room: both beside PostgreSQL.
Anything else writes the volume, and starts wherever that can be: there is no PostgreSQL by then.
"""

from __future__ import annotations

import json
import sys
from typing import Any

VOLUME = "data-postgres-0"


def changed(job: dict[str, Any], arguments: list[str]) -> dict[str, Any]:
    job["spec"] |= {"backoffLimit": 0, "activeDeadlineSeconds": 14400}
    pod = job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    container["command"] = ["bash", "/etc/backup/restore.sh", *arguments]
    if arguments[0] == "list":
        return job
    # What only reads leaves the owner and the mode of files alone, which the server looks at.
    access = {"readOnly": arguments[0] == "check"}
    claim = {"claimName": VOLUME, **access}
    pod["volumes"].append({"name": "data", "persistentVolumeClaim": claim})
    mount = {"name": "data", "mountPath": "/var/lib/postgresql/data", **access}
    container["volumeMounts"].append(mount)
    if arguments[0] != "check":
        pod.pop("affinity", None)
        memory = {"memory": "512Mi"}  # PostgreSQL replays in it
        container["resources"]["requests"] |= memory
        container["resources"]["limits"] |= memory
    return job


if __name__ == "__main__":
    json.dump(changed(json.load(sys.stdin), sys.argv[1:]), sys.stdout)
