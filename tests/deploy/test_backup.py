"""Backups in the manifests, and restore.sh against a make-believe cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import OVERLAYS, ROOT, named, overlay

RESTORE = ROOT / "deploy" / "scripts" / "restore.sh"
BACKUP = ROOT / "deploy" / "scripts" / "backup.sh"
INSTANT = "2026-07-31T02:17:00Z"
STARTED = ["scale --replicas=1 statefulset/postgres", "scale --replicas=3 deployment/storefront"]
OWN = [of for of in OVERLAYS if of != "production"]
# Plays a cluster of which all that is asked for is there, and notes each call; FAILS is a Job that
# has failed, RUNS one that goes on, GONE one that somebody deleted, LEFT a pod that does not end,
# TRACKED Argo CD's annotation; calls that begin with BROKEN fail.
KUBECTL = """#!/bin/bash
[[ $1 != config ]] || { echo here; exit; }
shift 4
echo "$*" >>"$CALLS"
[[ -z $BROKEN || "$*" != "$BROKEN"* ]] || exit 1
case "$*" in
    *--dry-run=client*) cat "$JOB" ;;
    "create -f -") cat >>"$CREATED" ;;
    "get job/$FAILS "*) echo Failed ;;
    "get job/$RUNS "*) echo is ;;
    "get job/$GONE "*) ;;
    "get pods"*) echo -n "$LEFT" ;;
    "get statefulset/postgres "*) echo -n "$TRACKED" ;;
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


def begin(script: Path, folder: Path, *arguments: str, **scenario: str) -> subprocess.Popen[str]:
    spec = named(overlay("staging"), "CronJob")["backup"]["spec"]["jobTemplate"]["spec"]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}, "spec": spec}
    (folder / "job").write_text(json.dumps(job))
    kubectl = folder / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    files = {name: str(folder / name.lower()) for name in ("CALLS", "CREATED", "JOB")}
    nothing = dict.fromkeys(("FAILS", "RUNS", "GONE"), "none") | dict.fromkeys(
        ("LEFT", "TRACKED", "BROKEN"), ""
    )
    more = {"KUBECTL": str(kubectl), "PYTHON": sys.executable, "POLL_SECONDS": "0"}
    return subprocess.Popen(
        ["bash", str(script), "--context", "here", "--namespace", "shop", *arguments],
        env={**os.environ, **files, **more, "STOP_SECONDS": "0", **nothing, **scenario},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], folder: Path) -> tuple[int, list[str], str]:
    """Exit code, the calls of kubectl, and the last line of what it said about an error."""
    try:
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    return process.returncode, calls_of(folder), errors.strip().rpartition("\n")[2]


def calls_of(folder: Path) -> list[str]:
    calls = folder / "calls"
    return calls.read_text().splitlines() if calls.exists() else []


def restore(folder: Path, *arguments: str, **scenario: str) -> tuple[int, list[str], str]:
    return ended(begin(RESTORE, folder, *arguments, **scenario), folder)


def test_a_restore_stops_the_shop_after_the_check_and_starts_it_as_it_was(tmp_path: Path) -> None:
    code, calls, _ = restore(tmp_path, INSTANT)
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
    created = (tmp_path / "created").read_text()
    check, job = (json.loads(part) for part in created.replace("}{", "}\n{").splitlines())
    container = job["spec"]["template"]["spec"]["containers"][0]
    script = ["bash", "/etc/backup/restore.sh"]
    assert container["command"] == [*script, INSTANT, "--set-aside"]
    pod = check["spec"]["template"]["spec"]
    assert pod["containers"][0]["command"] == [*script, "check", INSTANT]
    place = "/var/lib/postgresql/data"
    for made, is_reading in ((check, True), (job, False)):
        pod = made["spec"]["template"]["spec"]
        mount = {"name": "data", "mountPath": place, "readOnly": is_reading}
        assert mount in pod["containers"][0]["volumeMounts"]
        claim = {"claimName": "data-postgres-0", "readOnly": is_reading}
        assert {"name": "data", "persistentVolumeClaim": claim} in pod["volumes"]
        assert ("affinity" in pod) == is_reading  # its volume is attached to PostgreSQL's node


def scaled(calls: list[str]) -> list[str]:
    return [call for call in calls if call.startswith("scale")]


def test_an_instant_that_cannot_be_had_stops_nothing(tmp_path: Path) -> None:
    code, calls, _ = restore(tmp_path, INSTANT, FAILS="restore-check")
    assert code == 2
    assert not any(call.startswith(("scale", "patch", "annotate")) for call in calls)


def test_a_restore_that_fails_starts_the_shop_again(tmp_path: Path) -> None:
    code, calls, _ = restore(tmp_path, INSTANT, FAILS="restore")
    assert code == 1
    assert scaled(calls)[-2:] == STARTED


def test_looking_stops_nothing(tmp_path: Path) -> None:
    for arguments in (["list"], ["check", "latest"]):
        code, calls, _ = restore(tmp_path, *arguments)
        assert code == 0
        assert not any(call.startswith(("scale", "patch", "annotate")) for call in calls)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_ends_the_job_before_postgres_starts_on_its_volume(
    tmp_path: Path, sent: signal.Signals
) -> None:
    process = begin(RESTORE, tmp_path, INSTANT, RUNS="restore", POLL_SECONDS="0.02")
    limit = time.monotonic() + 20
    while not any(call.startswith("get job/restore ") for call in calls_of(tmp_path)):
        assert time.monotonic() < limit
        assert process.poll() is None
        time.sleep(0.01)
    assert process.stdout is not None
    process.stdout.close()  # the terminal is gone
    process.stdout = None
    process.send_signal(sent)
    code, calls, _ = ended(process, tmp_path)
    assert code == 1
    after = calls[calls.index("scale --replicas=0 statefulset/postgres") :]
    made = after.index("create -f -")
    gone = next(at for at, call in enumerate(after) if at > made and call.startswith("delete job"))
    assert "--cascade=foreground" in after[gone]  # else its pod outlives it
    assert scaled(after[gone:]) == STARTED
    assert scaled(after[:gone]) == ["scale --replicas=0 statefulset/postgres"]


def test_a_job_that_may_still_have_the_data_keeps_postgres_stopped(tmp_path: Path) -> None:
    code, calls, said = restore(tmp_path, INSTANT, BROKEN="delete job restore ")
    assert code == 1
    assert "stay stopped" in said
    assert not set(STARTED) & set(calls)


def test_a_job_that_is_refused_or_deleted_starts_the_shop_again(tmp_path: Path) -> None:
    code, calls, said = restore(tmp_path, INSTANT, GONE="restore")
    assert (code, scaled(calls)[-2:]) == (1, STARTED)
    assert "pgdata.before-" in said


def test_a_check_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    code, calls, _ = restore(tmp_path, INSTANT, BROKEN="create -f -")
    assert (code, scaled(calls)) == (2, [])


@pytest.mark.parametrize("scenario", [{"LEFT": "pod/storefront-1"}, {"BROKEN": "get pods"}])
def test_a_pod_that_does_not_end_or_is_not_known_to_keeps_the_data(
    tmp_path: Path, scenario: dict[str, str]
) -> None:
    code, calls, said = restore(tmp_path, INSTANT, **scenario)
    assert code == 1
    assert "scale --replicas=0 statefulset/postgres" not in calls
    assert scaled(calls)[-2:] == STARTED
    assert "The databases are as they were" in said


@pytest.mark.parametrize("late", ["statefulset/postgres", "deployment/storefront"])
def test_what_does_not_become_ready_is_named_and_the_rest_is_started(
    tmp_path: Path, late: str
) -> None:
    code, calls, said = restore(tmp_path, INSTANT, BROKEN=f"rollout status {late}")
    assert code == 1
    assert scaled(calls)[-2:] == STARTED
    assert f"not ready: {late.rpartition('/')[2]}. The databases are of {INSTANT}." in said
    assert "deploy.sh OVERLAY" in said  # an older schema


def test_what_argo_cd_applies_is_restored_only_when_its_sync_is_off(tmp_path: Path) -> None:
    tracked = "techcommerce-staging:apps/StatefulSet:techcommerce-staging/postgres"
    code, calls, said = restore(tmp_path, INSTANT, TRACKED=tracked)
    assert (code, scaled(calls)) == (2, [])
    assert "its application techcommerce-staging," in said
    assert restore(tmp_path, INSTANT, "--sync-is-off", TRACKED=tracked)[0] == 0


def test_a_backup_that_failed_is_a_failure_though_its_log_is_gone(tmp_path: Path) -> None:
    date = tmp_path / "date"
    date.write_text("#!/bin/sh\necho night\n")
    date.chmod(0o755)
    more = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    failed = begin(BACKUP, tmp_path, FAILS="backup-night", BROKEN="logs", **more)
    assert ended(failed, tmp_path)[0] == 1
    whole = begin(BACKUP, tmp_path, BROKEN="logs", **more)
    assert ended(whole, tmp_path)[0] == 0


@pytest.mark.parametrize("script", [RESTORE, BACKUP])
def test_a_namespace_without_its_cluster_is_refused(script: Path) -> None:
    """It would be the shop of this machine that is copied or replaced."""
    arguments = ("2026-07-31T02:17:00Z",) if script == RESTORE else ()
    done = subprocess.run(
        ["bash", str(script), "--namespace", "techcommerce-production", *arguments],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (2, "Refused: --namespace goes with --context\n")


@pytest.mark.parametrize("script", [RESTORE, BACKUP])
def test_a_cluster_that_cannot_be_asked_is_refused(script: Path, tmp_path: Path) -> None:
    arguments = ("list",) if script == RESTORE else ()
    elsewhere = ended(begin(script, tmp_path, "--context", "nope", *arguments), tmp_path)
    assert elsewhere == (2, [], "Refused: there is no context 'nope'; known are: here")
    code, calls, said = ended(begin(script, tmp_path, *arguments, BROKEN="get cronjob"), tmp_path)
    assert (code, calls) == (2, ["get cronjob backup"])
    assert said.startswith("Refused: namespace shop of here has no CronJob backup, or ")
