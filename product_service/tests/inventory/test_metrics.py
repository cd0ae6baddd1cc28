"""What the sweep tells about reservations and about the books."""

from __future__ import annotations

import time
import uuid

import pytest
from django.db import connection

from product_service.inventory.metrics import stock_figures
from product_service.inventory.models import Reservation, StockItem
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock

pytestmark = pytest.mark.django_db(transaction=True)


def figures() -> dict[tuple[str, ...], float]:
    """Looked up anew, by name and label values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for each in stock_figures()
        for family in each.collect()
        for sample in family.samples
    }


def test_reservations_that_hold_stock_are_told_with_their_age(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    assert figures()["techcommerce_reservations_active",] == 0
    assert figures()["techcommerce_reservation_oldest_age_seconds",] == 0
    held, sold = uuid.uuid4(), uuid.uuid4()
    for order_id in (held, sold):
        assert order_service.put(order_id, {"MUG": 1}).status == 200
    assert order_service.commit(sold).status == 200
    Reservation.objects.filter(pk=held).update(updated_at="2020-01-01T00:00:00Z")
    assert figures()["techcommerce_reservations_active",] == 1
    assert figures()["techcommerce_reservation_oldest_age_seconds",] > 1e8


def test_stock_that_its_movements_do_not_explain_is_a_violation(
    order_service: OrderService,
) -> None:
    make_stock("MUG", 10)
    make_stock("POT", 10)
    began = time.time()
    assert figures()["techcommerce_invariant_violations", "stock"] == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stock_item SET on_hand = 9, reserved = 1 WHERE variant_id = %s",
            [StockItem.objects.order_by("pk")[0].pk],
        )
    assert figures()["techcommerce_invariant_violations", "stock"] == 1
    assert figures()["techcommerce_invariant_last_run_timestamp_seconds",] >= began


def test_the_books_are_compared_once_a_minute_however_often_it_is_asked() -> None:
    _, books = stock_figures()
    first, again = ([family.samples for family in books.collect()] for _ in range(2))
    assert first == again
