"""Backups in the manifests, and restore.sh against a make-believe cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import OVERLAYS, ROOT, named, overlay

SCRIPT = ROOT / "deploy" / "scripts" / "restore.sh"
JOB = ROOT / "deploy" / "scripts" / "steps" / "restore_job.py"
OWN = [of for of in OVERLAYS if of != "production"]
# Plays a cluster of which all that is asked for is there, and notes each call; a Job that carries
# the word in FAILS has failed.
KUBECTL = """#!/bin/bash
shift 4
echo "$*" >>"$CALLS"
case "$*" in
    *--dry-run=client*) cat "$JOB" ;;
    "create -f -") cat >>"$CREATED" ;;
    "get job/$FAILS -o"*) echo Failed ;;
    "get job/"*) echo Complete ;;
    "get deployments"*annotations*) echo "deployment/storefront 3" ;;
    "get deployments"*) printf 'deployment/storefront 3\\ndeployment/idle 0\\n' ;;
esac
"""


def pod(of: str, kind: str, name: str) -> dict[str, Any]:
    spec = named(overlay(of), kind)[name]["spec"]
    spec = spec["jobTemplate"]["spec"] if kind == "CronJob" else spec
    found: dict[str, Any] = spec["template"]["spec"]
    return found


@pytest.mark.parametrize("of", OVERLAYS)
def test_a_deploy_can_ask_every_overlay_for_a_backup(of: str) -> None:
    assert pod(of, "CronJob", "backup")["containers"][0]["command"][1] == "/etc/backup/backup.sh"


@pytest.mark.parametrize("of", OWN)
def test_less_than_a_minute_is_lost_with_the_volume_of_postgres(of: str) -> None:
    arguments = pod(of, "StatefulSet", "postgres")["containers"][0]["args"]
    settings = dict(each.split("=", 1) for each in arguments if "=" in each)
    assert settings["archive_mode"] == "on"
    assert 0 < int(settings["archive_timeout"]) < 60
    assert settings["archive_command"] == 'sh /etc/backup/archive.sh put "%p" "%f"'


@pytest.mark.parametrize("of", OWN)
def test_backups_are_made_and_restored_by_the_postgres_that_is_backed_up(of: str) -> None:
    server, job = pod(of, "StatefulSet", "postgres"), pod(of, "CronJob", "backup")
    assert server["containers"][0]["image"] == job["containers"][0]["image"]
    assert server["securityContext"] == job["securityContext"]  # they write each other's files
    scripts = {
        each["configMap"]["name"]
        for p in (server, job)
        for each in p["volumes"]
        if each["name"] == "backup"
    }
    assert len(scripts) == 1
    (data,) = (named(overlay(of), "ConfigMap")[name]["data"] for name in scripts)
    parts = {"restore-window.sh", "restore-target.sh"}
    assert {"archive.sh", "backup.sh", "restore.sh", "pg_hba.conf"} | parts == data.keys()


def restore(folder: Path, *arguments: str, fails: str = "none") -> tuple[int, list[str], str]:
    """Exit code, the calls of kubectl, and the Jobs that were made."""
    spec = named(overlay("staging"), "CronJob")["backup"]["spec"]["jobTemplate"]["spec"]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}, "spec": spec}
    (folder / "job").write_text(json.dumps(job))
    kubectl = folder / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    files = {name: str(folder / name.lower()) for name in ("CALLS", "CREATED", "JOB")}
    more = {"KUBECTL": str(kubectl), "PYTHON": sys.executable, "FAILS": fails, "POLL_SECONDS": "0"}
    done = subprocess.run(
        ["bash", str(SCRIPT), "--context", "here", "--namespace", "shop", *arguments],
        env={**os.environ, **files, **more},
        capture_output=True,
        text=True,
    )
    calls = (folder / "calls").read_text().splitlines()
    created = folder / "created"
    return done.returncode, calls, created.read_text() if created.exists() else ""


def test_a_restore_stops_the_shop_after_the_check_and_starts_it_as_it_was(tmp_path: Path) -> None:
    code, calls, created = restore(tmp_path, "2026-07-31T02:17:00Z")
    assert code == 0
    told = [call for call in calls if not call.startswith(("get", "logs"))]
    first = next(at for at, call in enumerate(told) if "suspend" in call)
    assert [call for call in told[:first] if "scale" in call] == []
    assert [call for call in told if "scale" in call] == [
        "scale --replicas=0 deployment/storefront",
        "scale --replicas=0 statefulset/postgres",
        "scale --replicas=1 statefulset/postgres",
        "scale --replicas=3 deployment/storefront",
    ]
    assert told[-1] == 'patch cronjob backup --patch {"spec": {"suspend": false}}'
    check, job = (json.loads(part) for part in created.replace("}{", "}\n{").splitlines())
    container = job["spec"]["template"]["spec"]["containers"][0]
    script = ["bash", "/etc/backup/restore.sh"]
    assert container["command"] == [*script, "2026-07-31T02:17:00Z", "--set-aside"]
    assert "/var/lib/postgresql/data" in {each["mountPath"] for each in container["volumeMounts"]}
    pod = check["spec"]["template"]["spec"]
    assert pod["containers"][0]["command"] == [*script, "check", "2026-07-31T02:17:00Z"]
    assert "data" not in {each["name"] for each in pod["volumes"]}


def test_an_instant_that_cannot_be_had_stops_nothing(tmp_path: Path) -> None:
    code, calls, _ = restore(tmp_path, "2026-07-31T02:17:00Z", fails="restore-check")
    assert code == 2
    assert not any(call.startswith(("scale", "patch", "annotate")) for call in calls)


def test_a_restore_that_fails_starts_the_shop_again(tmp_path: Path) -> None:
    code, calls, _ = restore(tmp_path, "2026-07-31T02:17:00Z", fails="restore")
    assert code == 1
    assert "scale --replicas=1 statefulset/postgres" in calls
    assert "scale --replicas=3 deployment/storefront" in calls


def test_looking_stops_nothing(tmp_path: Path) -> None:
    for arguments in (["list"], ["check", "latest"]):
        code, calls, _ = restore(tmp_path, *arguments)
        assert code == 0
        assert not any(call.startswith(("scale", "patch", "annotate")) for call in calls)
