"""The life of one reservation, over HTTP. Races are in test_races."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from product_service.inventory.actions import expire_overdue
from product_service.inventory.models import Reservation, State, StockItem, StockMovement
from product_service.shapes import RESERVATION_STATES
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock, receive

pytestmark = pytest.mark.django_db


def stock(sku: str) -> tuple[int, int]:
    """(on hand, reserved)"""
    item = StockItem.objects.get(variant__sku=sku)
    return item.on_hand, item.reserved


def let_time_pass(order_id: uuid.UUID) -> None:
    """The reservation's time is over; nobody has swept yet."""
    Reservation.objects.filter(pk=order_id).update(expires_at=Now() - timedelta(seconds=1))


def test_every_state_is_described() -> None:
    assert set(RESERVATION_STATES) == set(State.values)


def test_put_holds_every_line_for_the_time_asked_for(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    make_stock("PEN", 3)
    order_id = uuid.uuid4()

    answer = order_service.put(order_id, {"PEN": 3, "MUG": 2}, ttl=600)

    assert answer.status == 200
    assert answer.body["order_id"] == str(order_id)
    assert answer.body["state"] == "held"
    assert answer.body["lines"] == [{"sku": "MUG", "quantity": 2}, {"sku": "PEN", "quantity": 3}]
    assert stock("MUG") == (10, 2)
    assert stock("PEN") == (3, 3)
    row = Reservation.objects.get()
    assert row.expires_at - row.created_at == timedelta(seconds=600)
    assert answer.body["expires_at"] == row.expires_at.isoformat().replace("+00:00", "Z")


def test_lines_of_one_sku_are_merged(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    line = {"sku": "MUG", "quantity": 2}

    answer = order_service.put_body(uuid.uuid4(), {"lines": [line, {**line, "quantity": 3}]})

    assert answer.body["lines"] == [{"sku": "MUG", "quantity": 5}]
    assert stock("MUG") == (10, 5)


def test_putting_twice_holds_once_and_answers_the_same(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()

    first = order_service.put(order_id, {"MUG": 2})
    second = order_service.put(order_id, {"MUG": 2}, ttl=60)

    assert (second.status, second.body) == (200, first.body)
    assert stock("MUG") == (10, 2)


def test_one_short_line_holds_nothing_and_all_short_lines_are_named(
    order_service: OrderService,
) -> None:
    make_stock("MUG", 10)
    make_stock("PEN", 3)
    make_stock("INK", 0)
    order_id = uuid.uuid4()

    answer = order_service.put(order_id, {"MUG": 2, "PEN": 4, "INK": 1, "GONE": 1})

    assert answer.status == 409
    assert answer.body["code"] == "out_of_stock"
    assert answer.body["short"] == [
        {"sku": "GONE", "wanted": 1, "available": 0},
        {"sku": "INK", "wanted": 1, "available": 0},
        {"sku": "PEN", "wanted": 4, "available": 3},
    ]
    assert stock("MUG") == (10, 0)
    assert stock("PEN") == (3, 0)
    assert order_service.get(order_id).body["state"] == "refused"


def test_a_refusal_repeats_even_when_stock_has_come_back(order_service: OrderService) -> None:
    item = make_stock("MUG", 1)
    order_id = uuid.uuid4()
    first = order_service.put(order_id, {"MUG": 2})
    receive(item.variant, 100)

    again = order_service.put(order_id, {"MUG": 2})

    assert again.status == 409
    assert (
        again.body["short"] == first.body["short"] == [{"sku": "MUG", "wanted": 2, "available": 1}]
    )
    assert order_service.commit(order_id).body["code"] == "out_of_stock"


def test_other_lines_under_the_same_id_are_refused(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})

    answer = order_service.put(order_id, {"MUG": 3})

    assert (answer.status, answer.body["code"]) == (422, "fingerprint_mismatch")
    assert stock("MUG") == (10, 2)


def test_commit_takes_the_stock_out_once(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})

    answers = [order_service.commit(order_id) for _ in range(2)]

    assert [(a.status, a.body["state"]) for a in answers] == [(200, "committed")] * 2
    assert stock("MUG") == (8, 0)
    assert order_service.put(order_id, {"MUG": 2}).body["state"] == "committed"
    assert stock("MUG") == (8, 0)


def test_commit_takes_seven_statements(
    order_service: OrderService, django_assert_num_queries: Any
) -> None:
    """The row under its lock, its lines, the stock under its lock, the movement, the state; around
    them the savepoint here that is BEGIN and COMMIT in a request."""
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})

    with django_assert_num_queries(7):
        assert order_service.commit(order_id).body["state"] == "committed"


def test_commit_of_an_unknown_id_is_not_found(order_service: OrderService) -> None:
    assert order_service.commit(uuid.uuid4()).status == 404
    assert order_service.get(uuid.uuid4()).status == 404


@pytest.mark.parametrize("before", ["held", "committed", "expired", "refused"])
def test_delete_undoes_whatever_was_done(order_service: OrderService, before: str) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 11 if before == "refused" else 2})
    if before == "committed":
        order_service.commit(order_id)
    if before == "expired":
        let_time_pass(order_id)
        assert expire_overdue() == 1
    assert order_service.get(order_id).body["state"] == before

    answers = [order_service.delete(order_id) for _ in range(2)]

    assert [(a.status, a.body["state"]) for a in answers] == [(200, "released")] * 2
    assert stock("MUG") == (10, 0)
    assert order_service.commit(order_id).body["code"] == "reservation_released"
    assert stock("MUG") == (10, 0)


def test_a_late_reserve_after_delete_is_refused(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()

    tombstone = order_service.delete(order_id)
    late = order_service.put(order_id, {"MUG": 2})

    assert (tombstone.status, tombstone.body["state"]) == (200, "released")
    assert (late.status, late.body["code"]) == (409, "reservation_released")
    assert stock("MUG") == (10, 0)


def test_the_sweep_frees_overdue_reservations_and_no_others(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    overdue, current = uuid.uuid4(), uuid.uuid4()
    order_service.put(overdue, {"MUG": 2})
    order_service.put(current, {"MUG": 3})
    let_time_pass(overdue)

    assert expire_overdue() == 1
    assert expire_overdue() == 0

    assert order_service.get(overdue).body["state"] == "expired"
    assert order_service.get(current).body["state"] == "held"
    assert stock("MUG") == (10, 3)
    refused = order_service.commit(overdue)
    assert (refused.status, refused.body["code"]) == (409, "reservation_expired")
    assert stock("MUG") == (10, 3)


def test_an_expired_reservation_is_held_again_while_stock_is_left(
    order_service: OrderService,
) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})
    let_time_pass(order_id)
    expire_overdue()

    again = order_service.put(order_id, {"MUG": 2})

    assert (again.status, again.body["state"]) == (200, "held")
    assert stock("MUG") == (10, 2)
    assert expire_overdue() == 0
    assert order_service.commit(order_id).body["state"] == "committed"
    assert stock("MUG") == (8, 0)


def test_an_expired_reservation_is_refused_when_stock_is_gone(order_service: OrderService) -> None:
    make_stock("MUG", 2)
    late, other = uuid.uuid4(), uuid.uuid4()
    order_service.put(late, {"MUG": 2})
    let_time_pass(late)
    expire_overdue()
    order_service.put(other, {"MUG": 1})

    answer = order_service.put(late, {"MUG": 2})

    assert (answer.status, answer.body["code"]) == (409, "out_of_stock")
    assert answer.body["short"] == [{"sku": "MUG", "wanted": 2, "available": 1}]
    assert stock("MUG") == (2, 1)


def test_an_overdue_reservation_that_is_put_again_is_not_swept(
    order_service: OrderService,
) -> None:
    make_stock("MUG", 2)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})
    let_time_pass(order_id)

    assert order_service.put(order_id, {"MUG": 2}).body["state"] == "held"

    assert expire_overdue() == 0
    assert stock("MUG") == (2, 2)


def test_every_change_is_a_movement_in_order(order_service: OrderService) -> None:
    make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})
    order_service.commit(order_id)
    order_service.delete(order_id)

    movements = StockMovement.objects.order_by("version").values_list(
        "version", "reason", "d_on_hand", "d_reserved"
    )

    assert list(movements) == [
        (1, "received", 10, 0),
        (2, "reserve", 0, 2),
        (3, "commit", -2, -2),
        (4, "restock", 2, 0),
    ]
    by_order = StockMovement.objects.filter(order_id=order_id)
    assert set(by_order.values_list("actor", flat=True)) == {"service:order_service"}


def test_renaming_a_sku_does_not_strand_what_it_held(order_service: OrderService) -> None:
    item = make_stock("MUG", 10)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})
    item.variant.sku = "CUP"
    item.variant.save()

    assert order_service.delete(order_id).status == 200

    assert stock("CUP") == (10, 0)
