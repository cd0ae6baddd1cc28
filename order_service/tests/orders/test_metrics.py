"""Counters agree with what happened, and figures with what is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from prometheus_client import REGISTRY

from order_service.orders.actions import cancel_order
from order_service.orders.states import Reason, State
from order_service.payments.actions import PaymentChange
from order_service.payments.states import PaymentState
from order_service.tests.clients import Shopper
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.orders.samples import Samples
from order_service.tests.product_stub import State as Shop
from order_service.tests.product_stub import problem

pytestmark = pytest.mark.django_db(transaction=True)


def test_placements_and_replays_are_counted_and_refusals_are_not(
    ada: Shopper, shop: Shop, changes: Callable[[], Samples]
) -> None:
    statuses = [ada.place(key=key).status_code for key in ("one", "one", "two", "one")]
    statuses.append(ada.place(lines=[{"sku": "NONE", "quantity": 1}]).status_code)
    statuses.append(ada.place(payment_token="tok_decline", key="two").status_code)
    assert statuses == [202, 202, 202, 202, 422, 422]
    assert changes() == {
        ("techcommerce_orders_placed_total", "EUR"): 2,
        ("techcommerce_idempotent_replays_total", "place_order"): 2,
    }


def test_what_is_rolled_back_counts_nothing(
    ada: Shopper, shop: Shop, changes: Callable[[], Samples]
) -> None:
    with transaction.atomic():
        assert ada.place().status_code == 202
        cancel_order(order_id=make_order().id, actor="staff:1", reason=Reason.STAFF)
        transaction.set_rollback(True)
    assert changes() == {}


def test_a_confirmed_order_is_counted_move_by_move(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.advance(make_order(placed_at=Now() - timedelta(seconds=3)))
    moves = "techcommerce_order_transitions_total"
    name = "techcommerce_order_decision_seconds"
    labels = {"decision": "confirmed", "le": "2.0"}
    within = REGISTRY.get_sample_value(f"{name}_bucket", labels)
    assert changes() == {
        (moves, "reserved", ""): 1,
        (moves, "authorized", ""): 1,
        (moves, "committed", ""): 1,
        (moves, "confirmed", ""): 1,
        (f"{name}_count", "confirmed"): 1,
        ("techcommerce_revenue_minor_total", "EUR"): 2480,
        ("techcommerce_reservations_total", "reserved"): 1,
        ("techcommerce_payments_total", "sandbox", "authorized"): 1,
        ("techcommerce_payment_seconds_count", "sandbox"): 2,
    }
    world.advance(make_order())
    assert REGISTRY.get_sample_value(f"{name}_bucket", labels) == (within or 0) + 1


def ended(reason: Reason, decision: str) -> Samples:
    transitions = "techcommerce_order_transitions_total"
    return {
        (transitions, "cancelling", str(reason)): 1,
        (transitions, "cancelled", str(reason)): 1,
        ("techcommerce_order_decision_seconds_count", decision): 1,
    }


def test_a_declined_card_is_a_declined_payment_and_a_rejected_order(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.finish(make_order(payment_token="tok_decline"))
    assert changes() == {
        **ended(Reason.PAYMENT_DECLINED, "rejected"),
        ("techcommerce_order_transitions_total", "reserved", ""): 1,
        ("techcommerce_reservations_total", "reserved"): 1,
        ("techcommerce_payments_total", "sandbox", "declined"): 1,
        ("techcommerce_payment_seconds_count", "sandbox"): 1,
    }


def test_a_payment_whose_answer_is_lost_is_authorized_once(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.finish(make_order(payment_token="tok_timeout_after_effect"))
    payments = {key: n for key, n in changes().items() if key[0] == "techcommerce_payments_total"}
    assert payments == {
        ("techcommerce_payments_total", "sandbox", "timeout"): 1,
        ("techcommerce_payments_total", "sandbox", "authorized"): 1,
    }


def test_news_of_a_payment_that_are_old_or_late_are_not_counted(
    world: World, changes: Callable[[], Samples]
) -> None:
    claimed = world.claim(make_order(State.RESERVED))
    payment = world.ports.store.open_payment(claimed, "sandbox")
    assert payment is not None
    changes()
    for state in ("authorized", "authorized", "voided", "declined"):
        change = PaymentChange(payment.id, PaymentState(state), "auth_1")
        world.ports.store.record_payment(claimed, change)
    assert changes() == {("techcommerce_payments_total", "sandbox", "authorized"): 1}


def test_a_shopper_who_cancels_is_not_rejected(
    world: World, changes: Callable[[], Samples]
) -> None:
    order = make_order()
    cancel_order(order_id=order.id, actor="guest:ada", reason=Reason.SHOPPER)
    world.finish(order)
    assert changes() == ended(Reason.SHOPPER, "cancelled")


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        ("conflict", (409, problem(409, "reservation_released"))),
        ("error", (503, problem(503, "database_away"))),
        ("error", (200, {"state": "in another shape"})),
    ],
)
def test_reservations_tell_how_they_ended(
    world: World, changes: Callable[[], Samples], outcome: str, answer: tuple[int, Any]
) -> None:
    order = make_order()
    world.shop.answers[f"/v1/reservations/{order.id}"] = answer
    world.advance(order)
    assert reservations(changes()) == {outcome: 1}


def test_a_reservation_that_is_short_is_insufficient(
    world: World, changes: Callable[[], Samples]
) -> None:
    world.shop.short = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]
    world.finish(make_order())
    assert reservations(changes()) == {"insufficient": 1}


def reservations(counted: Samples) -> dict[str, float]:
    return {key[1]: n for key, n in counted.items() if key[0] == "techcommerce_reservations_total"}
