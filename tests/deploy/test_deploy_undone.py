"""What a deploy that fails or is interrupted undoes."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import Any

import pytest

from tests.deploy.script_trial import BACK, CRASH, OLD, UNDO_ALL, Trial
from tests.effort import third

FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "image of a migration": (
        {"trouble": {"migrate-1": "image"}},
        'migrate-1: its image cannot be pulled: no image "shop:broken". '
        "Deleted unfinished job/migrate-1",
    ),
    "image": (
        {"trouble": {"storefront": "image"}},
        'storefront: its image cannot be pulled: no image "shop:broken"',
    ),
    "unready": (
        {"trouble": {"storefront": "unready"}, "last_words": "migrations missing"},
        "storefront: not ready: Startup probe failed: HTTP probe failed with statuscode: 503; "
        "its last words: migrations missing",
    ),
    "a mount that may heal": (
        {"trouble": {"storefront": "busy disk"}, "last_words": "none"},
        'storefront: not ready: MountVolume.SetUp failed for volume "data" : timed out waiting; '
        "its last words: none",
    ),
    **{
        secret: (
            {"trouble": {"storefront": secret}, "last_words": "none"},
            'storefront: not ready: MountVolume.SetUp failed for volume "secrets" : '
            'secret "late" not found; its last words: none',
        )
        for secret in ("secret of a moment ago", "secret that came")
    },
}


@pytest.mark.parametrize("failure", third(FAILURES))
def test_a_failure_undoes_every_workload(trial: Trial, failure: str) -> None:
    plan, why = FAILURES[failure]
    trial.world(workloads=OLD, plan=plan)
    done = trial.deploy("local", "--yes", "--timeout", "1")
    assert (done.returncode, done.stderr) == (1, f"Failed: {why}. {BACK}\n")
    assert trial.undone() == UNDO_ALL
    assert trial.steps()[-1] == "smoke http://shop.test"


ABSENT = {
    "secret": 'MountVolume.SetUp failed for volume "secrets" : secret "storefront" not found',
    "key": 'MountVolume.SetUp failed for volume "secrets" : '
    "references non-existent secret key: CACHE_URL",
    "configuration": 'MountVolume.SetUp failed for volume "rules" : configmap "rules-1" not found',
    "variable": "couldn't find key TOKEN in Secret shop/storefront",
}


LACKING = [
    *(("secret", "storefront"), ("key", "migrate-1"), ("variable", "migrate-1")),
    *(("configuration", "storefront"), ("key", "storefront"), ("variable", "storefront")),
    *(("secret", "migrate-1"), ("configuration", "migrate-1")),
]


@pytest.mark.parametrize(("absent", "workload"), third(LACKING))
def test_nobody_waits_for_what_a_mount_or_a_variable_lacks(
    trial: Trial, absent: str, workload: str
) -> None:
    plan = {"trouble": {workload: absent}, "deadline": 900}
    trial.world(workloads=OLD, plan=plan)
    began = time.monotonic()
    done = trial.deploy("local", "--yes", "--timeout", "300")
    assert time.monotonic() - began < 30
    assert done.returncode == 1
    assert f"Failed: {workload}: " in done.stderr
    assert ABSENT[absent] in done.stderr


def test_says_when_the_shop_is_not_back(trial: Trial) -> None:
    trial.smoke("GET /: 503", "GET /: 503 still")
    done = trial.deploy("local", "--yes")
    assert done.returncode == 1
    assert done.stderr.endswith("THE SHOP IS NOT BACK: GET /: 503 still.\n")


def test_one_undo_that_fails_does_not_stop_the_others(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={**CRASH, "no_undo": ["statefulset/postgres"]})
    done = trial.deploy("local", "--yes")
    assert trial.undone() == UNDO_ALL
    assert "THE SHOP IS NOT BACK: could not be undone: statefulset/postgres." in done.stderr


def test_a_workload_that_is_new_goes_away_again(trial: Trial) -> None:
    old = {name: state for name, state in OLD.items() if name != "deployment/order-worker"}
    trial.world(workloads=old, plan=CRASH)
    done = trial.deploy("local", "--yes")
    assert done.stderr.endswith(f"{BACK}\n")
    assert trial.undone() == UNDO_ALL[:2]
    assert "delete --ignore-not-found deployment/order-worker" in trial.steps()


def test_a_first_deploy_that_fails_is_left_to_be_looked_at(trial: Trial) -> None:
    trial.world(plan=CRASH)
    done = trial.deploy("local", "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith("Failed: order-worker: crashes again and again")
    assert "It was the first deploy: all is left as it is, to be looked at." in done.stderr
    assert trial.undone() == []


INTERRUPTS = pytest.mark.parametrize("interrupt", [signal.SIGTERM, signal.SIGHUP])


@INTERRUPTS
def test_an_interrupt_undoes_every_workload(trial: Trial, interrupt: signal.Signals) -> None:
    process = interrupted(trial, interrupt)
    _, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (1, f"Failed: interrupted. {BACK}\n")
    assert trial.undone() == UNDO_ALL


@INTERRUPTS
def test_whoever_read_along_may_be_gone(trial: Trial, interrupt: signal.Signals) -> None:
    """A terminal that was closed, or a `| tee` that the same Ctrl-C has ended."""
    process = interrupted(trial, interrupt, is_read=False)
    assert process.wait(timeout=20) == 1
    assert trial.undone() == UNDO_ALL
    assert trial.steps()[-1] == "smoke http://shop.test"


def interrupted(
    trial: Trial, interrupt: signal.Signals, *, is_read: bool = True
) -> subprocess.Popen[str]:
    trial.world(workloads=OLD, plan={"trouble": {"storefront": "unready"}})
    process = trial.start("local", "--yes")
    deadline = time.monotonic() + 20
    while not waits_for_pods(trial) and time.monotonic() < deadline:
        time.sleep(0.02)
    if not is_read:
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    process.send_signal(interrupt)
    return process


def waits_for_pods(trial: Trial) -> bool:
    return "apply workloads" in trial.steps() and "replicasets,pods" in trial.calls()[-1]
