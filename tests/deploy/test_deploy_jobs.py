"""How long deploy.sh waits for a migration, and what becomes of one that it gives up."""

from __future__ import annotations

import signal
import time

from tests.deploy.script_trial import (
    BACK,
    MIGRATION,
    OLD,
    RENDERED,
    UNDO_ALL,
    Trial,
    applied,
    manifest,
)

SECOND = manifest("Job", "migrate-2", "  labels:\n    app.kubernetes.io/component: migration\n")


def test_migrations_run_one_after_another(trial: Trial) -> None:
    """Together they would take the processors of a small node from the shop that sells on it."""
    trial.overlay("local", RENDERED + SECOND)
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 3}})
    done = trial.deploy("local", "--yes", POLL_SECONDS="0.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert [each for each in applied(done) if each.startswith("job/migrate")] == [
        "job/migrate-1",
        "job/migrate-2",
    ]
    calls = trial.calls()
    first, second = (n for n, line in enumerate(calls) if "apply" in line and "migrations" in line)
    assert sum("get jobs" in line for line in calls[first:second]) >= 3


def test_after_a_failed_migration_none_begins(trial: Trial) -> None:
    trial.overlay("local", RENDERED + SECOND)
    trial.world(workloads=OLD, plan=MIGRATION)
    done = trial.deploy("local", "--yes")
    assert done.returncode == 1
    assert "job/migrate-2" not in applied(done)


def test_a_job_has_until_its_own_deadline(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 5}, "deadline": 60})
    done = trial.deploy("local", "--yes", "--timeout", "1", POLL_SECONDS="0.5")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_job_without_a_deadline_has_as_long_as_all_else(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 1000}})
    done = trial.deploy("local", "--yes", "--timeout", "1")
    why = "migrate-1: is not complete. Deleted unfinished job/migrate-1"
    assert (done.returncode, done.stderr) == (1, f"Failed: {why}. {BACK}\n")


def test_a_migration_that_has_ended_is_left_to_be_looked_at(trial: Trial) -> None:
    trial.world(workloads=OLD, plan=MIGRATION)
    assert trial.deploy("local", "--yes").returncode == 1
    begun = trial.steps().index("apply migrations")
    assert not any("migrate-1" in line for line in trial.steps()[begun:])


def test_no_migration_goes_on_after_an_interrupt(trial: Trial) -> None:
    trial.world(workloads=OLD, plan={"trouble": {"migrate-1": 1000}, "deadline": 900})
    process = trial.start("local", "--yes")
    deadline = time.monotonic() + 20
    while "apply migrations" not in trial.steps() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=20)
    assert error == f"Failed: interrupted. Deleted unfinished job/migrate-1. {BACK}\n"
    (stopped,) = (line for line in trial.steps() if "--cascade=foreground" in line)
    assert stopped.endswith(" job/migrate-1")
    assert trial.steps().index(stopped) < trial.steps().index(UNDO_ALL[0])
