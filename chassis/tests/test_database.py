"""What a request pays for its connection to PostgreSQL, counted, and what a lost one costs."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from prometheus_client import REGISTRY

from chassis.database import base
from chassis.tests.test_wsgi import call

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENTS, CONNECTIONS = "django_db_execute_total", "django_db_new_connections_total"
PATIENCE_SECONDS = 5.0


@pytest.fixture(autouse=True)
def _used_a_moment_ago() -> None:
    ask_the_database()


def ask_the_database() -> None:
    """A request of one statement, as gunicorn hands it on."""
    assert call(PATH_INFO="/statement/")[0] == "200 OK"


@contextmanager
def assert_costs(*, statements: int, connections: int = 0) -> Iterator[None]:
    labels = {"alias": "default", "vendor": "postgresql"}

    def counted() -> list[float]:
        names = (STATEMENTS, CONNECTIONS)
        return [REGISTRY.get_sample_value(name, labels) or 0 for name in names]

    before = counted()
    yield
    assert [now - was for now, was in zip(counted(), before, strict=True)] == [
        statements,
        connections,
    ]


def have_it_told(statement: str) -> None:
    """Another session runs this on the id of the server process behind our connection.

    Returns when something of it has arrived here.
    """
    own = connection.connection
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(statement, [own.info.backend_pid])
    other.close()
    assert select.select([own], [], [], PATIENCE_SECONDS)[0]


def test_a_connection_that_was_just_used_is_neither_replaced_nor_asked() -> None:
    with assert_costs(statements=3):
        for _ in range(3):
            ask_the_database()


def test_one_that_idled_is_asked_once_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "TRUSTED_SECONDS", 0.0)
    with assert_costs(statements=2):
        ask_the_database()


def test_one_that_the_server_has_ended_is_replaced_and_no_request_notices() -> None:
    have_it_told("SELECT pg_terminate_backend(%s)")
    with assert_costs(statements=2, connections=1):  # one asks whether it still works
        ask_the_database()


def test_one_on_which_the_server_said_something_else_is_asked_and_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    have_it_told("SELECT pg_notify('news', %s::text)")
    with assert_costs(statements=3):
        ask_the_database()
        ask_the_database()
