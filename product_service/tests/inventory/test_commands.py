"""The commands: the sweep as a real process, and the check of the books."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from chassis.loop import advisory_lock
from product_service.inventory.actions import expire_overdue
from product_service.inventory.models import Reservation, ReservationLine, StockItem
from product_service.management.commands.sweep import LOCK, turn
from product_service.tests.at_once import run_at_once
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock

ROOT = Path(__file__).parent.parent.parent.parent


def overdue_reservation(order_service: OrderService) -> uuid.UUID:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})
    Reservation.objects.update(expires_at=Now() - timedelta(seconds=1))
    return order_id


def sweep_process() -> subprocess.Popen[bytes]:
    """`manage.py product_service sweep` on the database of this test run."""
    url = urlsplit(os.environ["PRODUCT_SERVICE_DATABASE_URL"])
    path = f"/{connection.settings_dict['NAME']}"
    environment = {
        **os.environ,
        "PRODUCT_SERVICE_DATABASE_URL": urlunsplit(url._replace(path=path)),
        "SWEEP_INTERVAL_SECONDS": "0.05",
    }
    command = [sys.executable, "manage.py", "product_service", "sweep"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


@pytest.mark.django_db(transaction=True)
def test_the_sweep_frees_stock_and_ends_on_sigterm(order_service: OrderService) -> None:
    order_id = overdue_reservation(order_service)

    process = sweep_process()
    try:
        deadline = time.monotonic() + 60
        while order_service.get(order_id).body["state"] == "held" and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)
    finally:
        process.kill()
        process.wait()

    assert code == 0
    assert order_service.get(order_id).body["state"] == "expired"
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (10, 0)


@pytest.mark.django_db(transaction=True)
def test_of_several_sweeps_one_works(order_service: OrderService) -> None:
    order_id = overdue_reservation(order_service)

    with advisory_lock(LOCK) as held:
        assert held
        assert run_at_once([turn]) == [False]
        assert order_service.get(order_id).body["state"] == "held"

    assert run_at_once([turn]) == [False]  # done, and nothing more to do
    assert order_service.get(order_id).body["state"] == "expired"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_gone", [True, False])
def test_an_impossible_reservation_holds_up_no_other(
    order_service: OrderService, *, is_gone: bool
) -> None:
    broken, whole = uuid.uuid4(), uuid.uuid4()
    lost = make_stock("LOST", 10)
    make_stock("MUG", 10)
    order_service.put(broken, {"LOST": 2})
    order_service.put(whole, {"MUG": 2})
    Reservation.objects.update(expires_at=Now() - timedelta(seconds=1))
    Reservation.objects.filter(pk=broken).update(expires_at=Now() - timedelta(seconds=9))
    if is_gone:
        ReservationLine.objects.filter(sku="LOST").update(variant_id=None)
    else:
        StockItem.objects.filter(pk=lost.pk).update(reserved=0)

    assert expire_overdue() == 1
    assert order_service.get(broken).body["state"] == "held"
    assert order_service.get(whole).body["state"] == "expired"


@pytest.mark.django_db
def test_the_books_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    item = make_stock("MUG", 10)

    call_command("check_stock")
    assert capsys.readouterr().out == "1 stock items agree with their movements.\n"

    StockItem.objects.filter(pk=item.pk).update(on_hand=11, reserved=1)
    with pytest.raises(CommandError) as failure:
        call_command("check_stock")
    assert str(failure.value).splitlines() == [
        "MUG: on hand 11, reserved 1; the movements say otherwise",
        "MUG: on hand 11, reserved 1; held reservations hold another number",
    ]


@pytest.mark.django_db
def test_a_lost_movement_is_noticed(order_service: OrderService) -> None:
    """One that changes nothing in sum, but leaves a gap in the versions."""
    item = make_stock("MUG", 10)
    StockItem.objects.filter(pk=item.pk).update(version=2)

    with pytest.raises(CommandError, match="the movements say otherwise"):
        call_command("check_stock")
