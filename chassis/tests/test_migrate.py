"""Of two migrations at once one works and the other waits."""

from __future__ import annotations

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from chassis.loop import advisory_lock


@pytest.mark.django_db(transaction=True)
def test_a_migration_waits_for_the_one_that_runs() -> None:
    done = threading.Event()

    def migrate() -> None:
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        done.set()

    second = threading.Thread(target=migrate)
    with advisory_lock("migrate") as held:
        assert held
        second.start()
        assert not done.wait(1.0)
    assert done.wait(30)
    second.join()


@pytest.mark.django_db(transaction=True)
def test_the_next_migration_finds_the_lock_free() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    with advisory_lock("migrate") as held:
        assert held


@pytest.mark.django_db(transaction=True)
def test_a_failed_migration_gives_the_lock_back() -> None:
    with pytest.raises(CommandError, match="nothing_of_ours"):
        call_command("migrate", "nothing_of_ours", verbosity=0, interactive=False)
    with advisory_lock("migrate") as held:
        assert held
