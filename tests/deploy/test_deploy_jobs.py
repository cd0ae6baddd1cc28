"""How long deploy.sh waits for a migration, and what becomes of one that it gives up."""

from __future__ import annotations

import signal
import time

from tests.deploy.script_trial import BACK, MIGRATION, OLD, UNDO_ALL, Trial


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
