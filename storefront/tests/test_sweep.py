"""How rows are deleted: in small batches, beside shoppers and other sweeps, and with figures."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction

from chassis import retention
from chassis.loop import advisory_lock
from storefront.cart.models import CartLine
from storefront.checkout.models import Checkout
from storefront.retention import RETENTION
from storefront.tests.overdue import (
    age_carts,
    make_attempt,
    make_unanswered_attempt,
    put,
    sessions,
)
from storefront.tests.stubs.server import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
SUCCESS = ("techcommerce_retention_last_success_timestamp_seconds",)


def figures() -> dict[tuple[str, ...], float]:
    families = list(RETENTION.figures().collect())
    return {(each.name, *each.labels.values()): each.value for f in families for each in f.samples}


@contextmanager
def elsewhere(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """In a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_a_cart_in_use_at_this_moment_is_left_alone() -> None:
    put()
    age_carts(seconds=1)
    began = time.time()
    with transaction.atomic():
        put(sku="KB-1")
        with elsewhere(RETENTION.sweep):
            pass
    assert figures()[SUCCESS] >= began  # it did not wait for us until its patience ended
    RETENTION.sweep()
    assert set(CartLine.objects.values_list("sku", flat=True)) == {"TK-1", "KB-1"}


def test_who_comes_while_the_cart_is_deleted_begins_a_new_one() -> None:
    put()
    age_carts(seconds=1)
    shopping: list[threading.Thread] = []

    def shop_meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("DELETE") and not shopping:
            shopping.append(threading.Thread(target=add_elsewhere))
            shopping[0].start()
            wait_until(somebody_waits)
        return execute(sql, params, many, context)

    def add_elsewhere() -> None:
        try:
            put(sku="KB-1")
        finally:
            connection.close()

    with connection.execute_wrapper(shop_meanwhile):
        RETENTION.sweep()
    shopping[0].join(PATIENCE_SECONDS)
    assert list(CartLine.objects.values_list("sku", flat=True)) == ["KB-1"]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_heap_of_rows_goes_in_small_transactions() -> None:
    sessions(5_000, -timedelta(minutes=1))
    sessions(3, timedelta(minutes=1))
    deleted: list[int] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith("DELETE"):
            deleted.append(context["cursor"].rowcount)
        return result

    with connection.execute_wrapper(watch):
        assert RETENTION.sweep() is True  # perhaps there are more
        assert RETENTION.sweep() is False
    assert sum(deleted) == 5_000
    assert max(deleted) <= 500
    assert Session.objects.count() == 3


def test_of_several_sweeps_one_works() -> None:
    sessions(1, -timedelta(minutes=1))
    with advisory_lock("storefront.retention") as held:
        assert held
        with elsewhere(RETENTION.sweep):
            pass
        assert Session.objects.count() == 1
    RETENTION.sweep()
    assert Session.objects.count() == 0


def test_a_table_that_cannot_be_swept_is_told_and_stops_no_other() -> None:
    sessions(1, -timedelta(hours=1))
    make_attempt(settings.CHECKOUT_KEPT + timedelta(hours=2))
    before = figures()

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "django_session" in sql:
            raise OperationalError("canceling statement due to statement timeout")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        RETENTION.sweep()
    assert (Session.objects.count(), Checkout.objects.count()) == (1, 0)
    assert figures().get(SUCCESS) == before.get(SUCCESS)
    began = time.time()
    RETENTION.sweep()
    assert Session.objects.count() == 0
    assert figures()[SUCCESS] >= began


def test_what_is_overdue_is_told_with_its_age_and_what_was_deleted_with_its_number() -> None:
    name = "techcommerce_retention"
    sessions(2, -timedelta(hours=1))
    make_attempt(settings.CHECKOUT_KEPT + timedelta(hours=2))
    make_unanswered_attempt(settings.CART_KEPT + timedelta(hours=3))
    put()
    told = figures()
    tables = ("django_session", "checkout_checkout", "cart_cart")
    assert [told[f"{name}_overdue", table] for table in tables] == [2, 2, 0]
    ages = [told[f"{name}_oldest_overdue_seconds", table] for table in tables]
    assert ages == pytest.approx([3600, 10_800, 0], abs=60)
    counted = retention.DELETED.labels("django_session")._value
    before = counted.get()
    RETENTION.sweep()
    assert counted.get() == before + 2
    assert figures()[f"{name}_overdue", "django_session"] == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


@contextmanager
def sweep_process(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py storefront sweep` on the database of this test run."""
    url = urlsplit(os.environ["STOREFRONT_DATABASE_URL"])
    path = f"/{connection.settings_dict['NAME']}"
    environment = {
        **os.environ,
        "STOREFRONT_DATABASE_URL": urlunsplit(url._replace(path=path)),
        "METRICS_PORT": str(port),
        "RETENTION_INTERVAL_SECONDS": "3600",
    }
    command = [sys.executable, "manage.py", "storefront", "sweep"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_command_sweeps_tells_it_and_ends_on_sigterm() -> None:
    sessions(1, -timedelta(minutes=1))
    sessions(1, timedelta(minutes=1))
    port = free_port()
    with sweep_process(port) as process:
        wait_until(lambda: Session.objects.count() == 1)
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_SECONDS
        ) as answer:
            told = answer.read().decode()
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE_SECONDS)  # in the middle of the pause between two sweeps
    assert code == 0
    assert 'techcommerce_retention_deleted_total{table="django_session"} 1.0' in told
    assert 'techcommerce_retention_overdue{table="django_session"} 0.0' in told
