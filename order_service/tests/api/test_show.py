"""Reading orders: only one's own, with everything a page shows, cheap to ask again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from order_service.api import waiting
from order_service.orders.links import link_token
from order_service.orders.models import Order, OrderEvent
from order_service.orders.states import Reason, State
from order_service.payments.models import Payment
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db


def path(order: Order) -> str:
    return f"/v1/orders/{order.number}"


@pytest.mark.parametrize("typed", ["tc-7q2m9x4b", "7Q2M9X4B", "TC7Q2M9X4B", "%23TC-7Q2M9X4B"])
def test_the_address_of_an_order_may_be_typed(ada: Shopper, typed: str) -> None:
    make_order(number="TC-7Q2M9X4B")
    assert ada.get(f"/v1/orders/{typed}").json()["number"] == "TC-7Q2M9X4B"


def test_an_order_is_shown_with_its_history(ada: Shopper) -> None:
    order = make_order(State.CONFIRMED, payment_status="paid")

    response = ada.get(path(order))

    body = response.json()
    assert response.status_code == 200
    assert (body["state"], body["terminal"], body["payment_status"]) == ("confirmed", True, "paid")
    reached = ["placed", "reserved", "authorized", "committed", "confirmed"]
    assert [moment["state"] for moment in body["timeline"]] == reached
    assert body["allowed_actions"] == []
    assert body["queue"] is None
    assert body["token"] == link_token(order.id, 1)
    assert "Retry-After" not in response
    assert response["Cache-Control"] == "private, no-cache"


def test_a_pending_order_says_when_to_ask_again(ada: Shopper) -> None:
    response = ada.get(path(make_order(State.RESERVED)))

    assert response["Retry-After"] == "1"
    assert response.json()["queue"] == {"position": 1, "expected_wait_seconds": 1}


def test_an_unchanged_order_is_304_until_it_moves(ada: Shopper) -> None:
    order = make_order(State.CONFIRMED)
    first = ada.get(path(order))

    again = ada.get(path(order), If_None_Match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert ada.get(path(order), If_None_Match='"another", ' + first["ETag"]).status_code == 304
    assert ada.get(path(order), If_None_Match=f"W/{first['ETag']}x").status_code == 200

    Order.objects.update(payment_status="voided")
    changed = ada.get(path(order), If_None_Match=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_an_order_of_somebody_else_does_not_exist(ada: Shopper, bob: Shopper) -> None:
    order = make_order()

    absent = bob.get("/v1/orders/TC-00000000").json()
    foreign = bob.get(path(order))

    assert problem_of(foreign) == (404, "not_found")
    ignored = {"instance", "request_id"}
    assert {name: value for name, value in foreign.json().items() if name not in ignored} == {
        name: value for name, value in absent.items() if name not in ignored
    }
    assert problem_of(bob.post(path(order) + "/cancel")) == (404, "not_found")
    assert Order.objects.get().state == "placed"
    assert ada.get(path(order)).status_code == 200


def test_the_token_of_its_link_opens_an_order_to_anybody(bob: Shopper) -> None:
    order, other = make_order(), make_order()
    token = link_token(order.id, 1)

    assert bob.get(path(order), Order_Token=token).json()["number"] == order.number
    assert bob.get(path(other), Order_Token=token).status_code == 404
    assert bob.get(path(order), Order_Token=token + "x").status_code == 404
    assert bob.get(path(order), Order_Token="ä").status_code == 404


def test_link_keys_are_rotated_without_breaking_old_links(bob: Shopper, settings: Settings) -> None:
    order = make_order()
    settings.ORDER_LINK_KEYS = ["old-key" * 5]
    old = link_token(order.id, 1)

    settings.ORDER_LINK_KEYS = ["new-key" * 5, "old-key" * 5]
    assert bob.get(path(order), Order_Token=old).status_code == 200
    assert link_token(order.id, 1) != old
    settings.ORDER_LINK_KEYS = ["new-key" * 5]
    assert bob.get(path(order), Order_Token=old).status_code == 404


def test_a_sold_out_line_is_named(ada: Shopper) -> None:
    short = [{"sku": "KETTLE-1", "wanted": 2, "available": 1}]
    order = make_order(State.CANCELLED, reason=Reason.OUT_OF_STOCK, short=short)

    body = ada.get(path(order)).json()

    assert (body["state"], body["reason"]) == ("cancelled", "out_of_stock")
    assert body["short"] == [{"sku": "KETTLE-1", "name": "Kettle", "wanted": 2, "available": 1}]


def test_the_confirm_page_is_offered_while_the_bank_waits(ada: Shopper) -> None:
    order = make_order(State.AWAITING_SHOPPER)
    Payment.objects.create(
        order=order,
        amount=Decimal("24.80"),
        currency="EUR",
        state="action_required",
        idempotency_key="k",
        confirm_url="http://bank.example/confirm/1",
    )

    body = ada.get(path(order)).json()
    assert body["confirm_url"] == "http://bank.example/confirm/1"
    assert body["queue"] is None
    assert ada.get(path(make_order())).json()["confirm_url"] is None


def test_the_place_in_the_queue_counts_undecided_orders_before_this_one(ada: Shopper) -> None:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    moment = [start + timedelta(seconds=second) for second in range(6)]
    make_order(State.CONFIRMED, placed_at=moment[0])  # decided
    make_order(State.AWAITING_SHOPPER, placed_at=moment[1])  # waits for its shopper
    make_order(State.PLACED, placed_at=moment[2], attention_at=moment[3])  # needs attention
    make_order(State.AUTHORIZED, placed_at=moment[3])
    mine = make_order(State.PLACED, placed_at=moment[4])
    make_order(State.PLACED, placed_at=moment[5])

    assert ada.get(path(mine)).json()["queue"]["position"] == 2


def test_a_long_queue_is_counted_up_to_a_bound(
    ada: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every shopper who watches would count the whole backlog, again and again."""
    monkeypatch.setattr(waiting, "LONGEST_COUNTED", 3)
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    moments = [start + timedelta(hours=hour) for hour in range(6)]
    orders = [make_order(placed_at=at, next_attempt_at=at) for at in moments]

    assert ada.get(path(orders[-1])).json()["queue"]["position"] == 3
    assert ada.get(path(orders[1])).json()["queue"]["position"] == 2
    assert ada.get(path(orders[0])).json()["queue"]["position"] == 1


def test_the_expected_wait_follows_the_pace_of_the_last_minute(ada: Shopper) -> None:
    now = datetime.now(UTC)
    for number in range(10):  # ten decisions in the last 20 seconds: 2 s each
        order = make_order(State.PLACED, next_attempt_at=now)
        OrderEvent.objects.create(
            order=order,
            version=1,
            to_state=State.CONFIRMED,
            at=now - timedelta(seconds=20 - 2 * number),
        )
    mine = make_order(State.PLACED)

    queue = ada.get(path(mine)).json()["queue"]
    assert queue["position"] == 11
    assert 22 <= queue["expected_wait_seconds"] <= 24


@pytest.mark.parametrize("events", [0, 300])
def test_showing_an_order_takes_five_statements_at_most(ada: Shopper, events: int) -> None:
    order = make_order()
    for _ in range(events // 5):
        make_order(State.CONFIRMED)

    with CaptureQueriesContext(connection) as captured:
        ada.get(path(order))

    assert len(captured) <= 5


def test_the_list_holds_ones_own_orders_newest_first(ada: Shopper) -> None:
    make_order(subject="guest:bob")
    numbers = [make_order().number for _ in range(45)]
    numbers.reverse()

    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        body: Any = ada.get(f"/v1/orders?cursor={cursor}").json()
        seen += [item["number"] for item in body["items"]]
        pages += 1
        cursor = body["next"]
        if cursor is None:
            break

    assert pages == 3
    assert seen == numbers


def test_a_row_of_the_list_is_a_summary(ada: Shopper) -> None:
    order = make_order(State.CONFIRMED, payment_status="paid")

    (item,) = ada.get("/v1/orders").json()["items"]

    assert item == {
        "number": order.number,
        "state": "confirmed",
        "reason": None,
        "terminal": True,
        "placed_at": ada.get(path(order)).json()["placed_at"],
        "total": {"amount": "24.80", "currency": "EUR"},
        "payment_status": "paid",
        "fulfilment_status": "unfulfilled",
    }


def test_orders_placed_at_the_same_moment_are_not_lost_between_pages(ada: Shopper) -> None:
    at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    numbers = {make_order(placed_at=at).number for _ in range(25)}

    first = ada.get("/v1/orders").json()
    second = ada.get(f"/v1/orders?cursor={first['next']}").json()

    assert {item["number"] for item in first["items"] + second["items"]} == numbers
    assert second["next"] is None


def test_what_a_checkout_offers(ada: Shopper) -> None:
    methods = ada.get("/v1/shipping-methods").json()["items"]
    assert [(item["code"], item["price"]["amount"]) for item in methods] == [
        ("standard", "4.90"),
        ("express", "9.90"),
    ]
    assert methods[0]["free_from"] == {"amount": "50.00", "currency": "EUR"}
    tokens = [item["token"] for item in ada.get("/v1/payment-methods").json()["items"]]
    assert tokens == [
        "tok_approve",
        "tok_decline",
        "tok_insufficient_funds",
        "tok_confirm",
        "tok_slow",
        "tok_timeout_after_effect",
        "tok_capture_decline",
        "tok_late_success",
    ]
    countries = ada.get("/v1/countries").json()["items"]
    assert {"code": "DE", "name": "Germany"} in countries
