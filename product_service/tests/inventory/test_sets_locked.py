"""Rows that somebody has locked hold up the order that wants them, and no other of its call."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence

import pytest
from django.db import transaction

from product_service.inventory.models import StockItem
from product_service.tests.at_once import run_at_once
from product_service.tests.conftest import Answer, OrderService
from product_service.tests.factories import make_stock
from product_service.tests.inventory.test_races import assert_the_books_agree, stock
from product_service.tests.inventory.test_sets import hold, ids, said, work

pytestmark = pytest.mark.django_db(transaction=True)

CLIENT_WAITS = 3.0  # seconds, DEADLINE_SECONDS of order_service


@pytest.mark.parametrize("action", ["hold", "commit", "release"])
def test_a_locked_row_stops_no_other_order(order_service: OrderService, action: str) -> None:
    """And the answer is there while order_service still waits for it."""
    make_stock("MUG", 10)
    pen = make_stock("PEN", 10)
    orders = ids(3)
    wanted = [(each, {sku: 1}) for each, sku in zip(orders, ("MUG", "PEN", "MUG"), strict=True)]
    if action != "hold":
        hold(order_service, wanted)
    is_locked, is_answered = threading.Event(), threading.Event()

    @transaction.atomic
    def lock() -> None:
        StockItem.objects.select_for_update().get(pk=pen.pk)
        is_locked.set()
        assert is_answered.wait(timeout=30)

    def ask() -> tuple[Answer, float]:
        assert is_locked.wait(timeout=30)
        began = time.monotonic()
        try:
            return _ask(order_service, action, wanted), time.monotonic() - began
        finally:
            is_answered.set()

    _, (answer, seconds) = run_at_once([lock, ask])

    done = {"hold": "held", "commit": "committed", "release": "released"}[action]
    assert said(answer) == [done, "unavailable", done]
    assert seconds < CLIENT_WAITS
    assert said(_ask(order_service, action, wanted)) == [done] * 3
    assert stock("PEN") == {"hold": (10, 1), "commit": (9, 0), "release": (10, 0)}[action]
    assert_the_books_agree()


def _ask(
    service: OrderService, action: str, wanted: Sequence[tuple[uuid.UUID, dict[str, int]]]
) -> Answer:
    if action == "hold":
        return hold(service, wanted)
    return work(service, action, [order_id for order_id, _ in wanted])
