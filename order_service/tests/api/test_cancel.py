"""Cancelling over HTTP: while nothing was taken, once, and by the right people."""

from __future__ import annotations

import pytest

from order_service.orders.links import link_token
from order_service.orders.models import Order, OrderEvent
from order_service.orders.states import State
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db

EARLY = [State.PLACED, State.RESERVED, State.AWAITING_SHOPPER, State.AUTHORIZED]


@pytest.mark.parametrize("state", EARLY)
def test_a_shopper_cancels_while_nothing_was_taken(ada: Shopper, state: State) -> None:
    order = make_order(state)

    response = ada.post(f"/v1/orders/{order.number}/cancel")

    assert response.status_code == 202
    body = response.json()
    assert (body["state"], body["reason"], body["terminal"]) == ("cancelling", "shopper", False)
    assert body["allowed_actions"] == []
    event = OrderEvent.objects.filter(order=order).last()
    assert event is not None
    assert (event.from_state, event.to_state, event.actor) == (state, "cancelling", "guest:ada")
    assert event.version == order.version + 1


def test_a_second_cancel_changes_nothing(ada: Shopper) -> None:
    order = make_order()
    ada.post(f"/v1/orders/{order.number}/cancel")
    events = OrderEvent.objects.count()

    again = ada.post(f"/v1/orders/{order.number}/cancel")

    assert again.status_code == 200
    assert again.json()["state"] == "cancelling"
    assert OrderEvent.objects.count() == events


@pytest.mark.parametrize("state", [State.COMMITTED, State.CONFIRMED])
def test_it_is_too_late_once_money_moves(ada: Shopper, state: State) -> None:
    order = make_order(state)

    response = ada.post(f"/v1/orders/{order.number}/cancel")

    assert problem_of(response) == (409, "cancel_not_allowed")
    assert Order.objects.get().state == state


def test_the_holder_of_the_link_may_cancel(bob: Shopper) -> None:
    order = make_order()

    refused = bob.post(f"/v1/orders/{order.number}/cancel")
    token = link_token(order.id, order.link_version)
    allowed = bob.post(f"/v1/orders/{order.number}/cancel", Order_Token=token)

    assert refused.status_code == 404
    assert allowed.status_code == 202
