"""Probes tell startup, readiness and life apart; the loop ends politely; the lock excludes."""

import os
import signal
import threading
import uuid
from collections.abc import Iterator

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from pytest_django import Settings

from chassis.loop import advisory_lock, run_loop


@pytest.mark.django_db
def test_all_probes_are_fine_on_a_migrated_database() -> None:
    for probe in ("live", "ready", "startup"):
        response = Client().get(f"/health/{probe}")
        assert (response.status_code, response.json()["status"]) == (200, "ok"), probe
    ready = Client().get("/health/ready").json()
    assert ready["dependencies"] == {"database": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_a_dead_cache_does_not_take_a_web_process_out(settings: Settings) -> None:
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/health/ready")
    assert response.status_code == 200
    assert response.json()["dependencies"]["cache"] == "away"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_reported_whatever_the_driver_calls_it(
    error: type[Exception],
) -> None:
    def refuse(*call: object) -> None:
        raise error("the connection is closed")

    with connection.execute_wrapper(refuse):
        ready, startup = Client().get("/health/ready"), Client().get("/health/startup")
    assert (ready.status_code, ready.json()["dependencies"]["database"]) == (200, "away")
    assert (startup.status_code, startup.json()["status"]) == (503, "database away")


@pytest.fixture
def database_elsewhere() -> Iterator[None]:
    """New connections go where nobody listens, as a user whose name nobody should learn."""
    known = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(PORT="9", USER="secret_role")
    yield
    connection.close()
    connection.settings_dict.update(known)


@pytest.mark.django_db(transaction=True)
def test_where_the_database_is_stands_in_the_log_and_in_no_probe(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("database_elsewhere")  # after the test's own database
    answers = {probe: Client().get(f"/health/{probe}") for probe in ("live", "ready", "startup")}
    assert {probe: answer.json() for probe, answer in answers.items()} == {
        "live": {"status": "ok"},
        "ready": {"status": "ok", "dependencies": {"database": "away", "cache": "ok"}},
        "startup": {"status": "database away"},
    }
    (line,) = caplog.messages
    assert "port 9" in line


@pytest.mark.django_db
def test_a_missing_migration_is_named_in_one_line_of_the_log_and_not_by_the_startup_probe(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'auth' AND name LIKE '0012%'")
    response = Client().get("/health/startup")
    assert (response.status_code, response.json()) == (503, {"status": "migrations missing"})
    (line,) = caplog.messages
    assert "migrations missing" in line
    assert "auth.0012_alter_user_first_name_max_length" in line


@pytest.mark.django_db(transaction=True)
def test_the_loop_goes_on_after_a_database_error_and_stops_on_sigterm() -> None:
    turns: list[str] = []
    pauses: list[float] = []

    def pause(stop: threading.Event, seconds: float) -> None:
        pauses.append(seconds)

    def turn() -> bool:
        turns.append("turn")
        if len(turns) == 1:
            raise OperationalError("away")
        if len(turns) == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return len(turns) < 4

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        run_loop("test", turn, interval_seconds=0.01, pause=pause)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert len(turns) == 4
    assert pauses == [0.02, 0.01]  # after the error, and the last


@pytest.mark.django_db(transaction=True)
def test_an_advisory_lock_is_held_by_one_session_only() -> None:
    name = f"test-{uuid.uuid4()}"
    seen: list[bool] = []

    def other() -> None:
        with advisory_lock(name) as held:
            seen.append(held)
        connection.close()

    with advisory_lock(name) as held:
        assert held
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    with advisory_lock(name) as held_again:
        assert held_again
    assert seen == [False]
