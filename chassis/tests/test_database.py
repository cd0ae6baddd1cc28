"""What a request pays for its connection to PostgreSQL, counted, and what a lost one costs."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction
from prometheus_client import REGISTRY

from chassis.database import base
from chassis.lost_database import lost_database
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


def have_it_run(statement: str, *values: int) -> None:
    """In another session."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(statement, values)
    other.close()


def have_it_told(statement: str) -> None:
    """Another session runs this on the id of the server process behind our connection.

    Returns when something of it has arrived here.
    """
    own = connection.connection
    have_it_run(statement, own.info.backend_pid)
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


@pytest.fixture
def prepared() -> Iterator[str]:
    """A statement that the connection has prepared and a migration has changed."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE widening (name varchar(10))")
        for _ in range(7):
            cursor.execute("SELECT * FROM widening WHERE name = %s", ["mug"])
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone()[0] > 0
        have_it_run("ALTER TABLE widening ADD COLUMN size int")
        yield "SELECT * FROM widening WHERE name = %s"
        cursor.execute("DROP TABLE widening")


def test_what_a_migration_has_changed_is_prepared_anew(prepared: str) -> None:
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(prepared, ["mug"])
            assert [column.name for column in cursor.description] == ["name", "size"]


def test_inside_a_transaction_it_is_worth_a_repeat_of_all(prepared: str) -> None:
    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(prepared, ["mug"])

    with pytest.raises(OperationalError) as lost:
        work()
    assert lost_database(lost.value) is not None
    work()
