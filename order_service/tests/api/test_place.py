"""Placing an order over HTTP: accepted once, priced by us, whatever is repeated or down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from order_service.orders import placing
from order_service.orders.models import IdempotencyKey, Order, OrderEvent, OrderLine
from order_service.pricing.quotes import quote_cart
from order_service.tests.clients import ADDRESS, Shopper, order_body, problem_of
from order_service.tests.product_stub import IMAGE, Product, State, problem

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_accepted_with_everything_copied_into_it(ada: Shopper, shop: State) -> None:
    shop.products["MUG-2"] = Product(price="7.05", name="Mug")
    lines = [{"sku": "MUG-2", "quantity": 3}, {"sku": "KETTLE-1", "quantity": 1}]

    response = ada.place(lines=lines, expected_total={"amount": "45.95", "currency": "EUR"})

    assert response.status_code == 202
    body = response.json()
    assert response["Location"] == f"/v1/orders/{body['number']}"
    assert response["Retry-After"] == "1"
    assert "Idempotent-Replayed" not in response
    assert (body["state"], body["terminal"], body["reason"]) == ("placed", False, None)
    assert body["subtotal"] == {"amount": "41.05", "currency": "EUR"}
    assert body["shipping"] == {"amount": "4.90", "currency": "EUR"}
    assert body["tax"] == {"amount": "7.34", "currency": "EUR"}  # 3.38 + 3.18 + 0.78
    assert body["total"] == {"amount": "45.95", "currency": "EUR"}
    assert body["shipping_address"] == ADDRESS
    assert body["shipping_method"] == {"code": "standard", "name": "Standard"}
    assert body["lines"][0] == {
        "sku": "MUG-2",
        "variant_id": None,
        "name": "Mug",
        "options": {"colour": "Steel"},
        "image": IMAGE,
        "quantity": 3,
        "unit_price": {"amount": "7.05", "currency": "EUR"},
        "tax_rate": "0.19",
        "line_total": {"amount": "21.15", "currency": "EUR"},
    }
    assert [moment["state"] for moment in body["timeline"]] == ["placed"]
    assert body["timeline"][0]["at"] == body["placed_at"]
    assert body["allowed_actions"] == ["cancel"]
    assert ada.get(response["Location"]).json()["lines"] == body["lines"]


def test_the_row_is_due_at_once_with_its_first_event(ada: Shopper, shop: State) -> None:
    number = ada.place().json()["number"]

    order = Order.objects.get(number=number)
    assert (order.state, order.version, order.attempts) == ("placed", 0, 0)
    assert order.subject == "guest:ada"
    assert order.next_attempt_at == order.placed_at
    assert (order.published_at, order.lease_until, order.attention_at) == (None, None, None)
    event = OrderEvent.objects.get(order=order)
    assert (event.version, event.from_state, event.to_state) == (0, "", "placed")
    assert (event.actor, event.at) == ("guest:ada", order.placed_at)


def test_the_request_id_goes_into_the_order_and_to_product_service(
    ada: Shopper, shop: State
) -> None:
    response = ada.post(
        "/v1/orders",
        order_body(),
        **{"Idempotency-Key": "k", "X-Request-ID": "click-0123456789"},
    )

    assert response["X-Request-ID"] == "click-0123456789"
    assert Order.objects.get().request_id == "click-0123456789"
    assert shop.headers[0]["X-Request-ID"] == "click-0123456789"


@pytest.mark.parametrize("lines", [1, 50])
def test_placing_takes_one_statement_however_many_lines(
    ada: Shopper, shop: State, lines: int
) -> None:
    shop.products = {f"S-{n}": Product(price="1.00") for n in range(lines)}
    cart = [{"sku": sku, "quantity": 1} for sku in shop.products]
    total = {"amount": f"{lines + (0 if lines >= 50 else 4.90):.2f}", "currency": "EUR"}
    ada.get("/v1/countries")  # connects, and reads the price list

    with CaptureQueriesContext(connection) as captured:
        response = ada.place(lines=cart, expected_total=total)

    assert response.status_code == 202
    assert len(captured) == 1, [query["sql"] for query in captured]
    assert OrderLine.objects.count() == lines


def test_rows_and_answer_tell_the_time_of_the_database(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = datetime(2001, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: wrong)
    before = clock()
    body = ada.place().json()
    monkeypatch.undo()

    order, event = Order.objects.get(), OrderEvent.objects.get()
    assert before <= order.placed_at <= clock()
    assert order.placed_at == order.updated_at == order.next_attempt_at == event.at
    assert body == {**IdempotencyKey.objects.get().body, "token": body["token"]}
    told = ada.get(f"/v1/orders/{order.number}").json()
    for name in ("placed_at", "updated_at", "timeline"):
        assert body[name] == told[name]
    assert "2001" not in str(body)


def clock() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_no_transaction_is_open_while_product_service_is_asked(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_transactions = []

    def spy(*args: Any, **kwargs: Any) -> Any:
        open_transactions.append(connection.in_atomic_block)
        return quote_cart(*args, **kwargs)

    monkeypatch.setattr(placing, "quote_cart", spy)
    ada.place()

    assert open_transactions == [False]


def test_a_changed_price_is_refused_with_both_totals(ada: Shopper, shop: State) -> None:
    shop.products["KETTLE-1"].price = "20.90"

    response = ada.place(key="k")

    assert problem_of(response) == (409, "price_changed")
    assert response.json()["expected_total"] == {"amount": "24.80", "currency": "EUR"}
    assert response.json()["total"] == {"amount": "25.80", "currency": "EUR"}
    assert not Order.objects.exists()
    # A refusal is not stored: the same key may carry the right total.
    right = ada.place(key="k", expected_total={"amount": "25.80", "currency": "EUR"})
    assert right.status_code == 202


def test_a_total_in_another_currency_is_another_total(ada: Shopper, shop: State) -> None:
    response = ada.place(expected_total={"amount": "24.80", "currency": "USD"})

    assert problem_of(response) == (409, "price_changed")


def test_a_product_that_vanished_is_named_and_nothing_is_stored(ada: Shopper, shop: State) -> None:
    shop.products["OLD-1"] = Product(status="unavailable", name="Old kettle")
    lines = [{"sku": "KETTLE-1", "quantity": 1}, {"sku": "OLD-1", "quantity": 1}]

    response = ada.place(lines=lines)

    assert problem_of(response) == (422, "line_unavailable")
    (field,) = response.json()["errors"]
    assert (field["pointer"], field["code"]) == ("/lines/1/sku", "line_unavailable")
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(("status", "available"), [("sold_out", 0), ("less_left", 1)])
def test_placing_is_never_refused_for_stock(
    ada: Shopper, shop: State, status: str, available: int
) -> None:
    shop.products["KETTLE-1"] = Product(status=status, available=available)

    assert ada.place().status_code == 202


@pytest.mark.parametrize(
    "answer",
    [
        (500, problem(500, "internal_error")),
        (503, problem(503, "unavailable")),
        (401, problem(401, "invalid_token")),
        (200, b"not json"),
        (200, {"currency": "EUR"}),
        (200, {"currency": "EUR", "lines": []}),
        (200, {"currency": "EUR", "lines": [{"sku": "OTHER"}]}),
        (200, []),
    ],
)
def test_a_wrong_answer_of_product_service_is_503(
    ada: Shopper, shop: State, answer: tuple[int, Any]
) -> None:
    shop.answers["/v1/quotes"] = answer

    response = ada.place()

    assert problem_of(response) == (503, "products_unavailable")
    assert int(response["Retry-After"]) > 0
    assert not Order.objects.exists()


def test_what_product_service_refuses_is_told_on(ada: Shopper, shop: State) -> None:
    errors = [{"pointer": "/lines/0/sku", "detail": "No.", "code": "invalid"}]
    shop.answers["/v1/quotes"] = (400, problem(400, "invalid", errors=errors))

    response = ada.place()

    assert problem_of(response) == (422, "lines_refused")
    assert response.json()["errors"] == errors


def test_a_taken_number_is_drawn_again(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(["TC-AAAAAAAA", "TC-AAAAAAAA", "TC-BBBBBBBB"])
    monkeypatch.setattr(placing, "new_order_number", lambda: next(numbers))

    first, second = ada.place(), ada.place()

    assert first.json()["number"] == "TC-AAAAAAAA"
    assert second.json()["number"] == "TC-BBBBBBBB"
    assert second.json()["number"] == ada.get(second["Location"]).json()["number"]


def test_an_order_number_is_easy_to_read_out() -> None:
    numbers = {placing.new_order_number() for _ in range(1000)}

    assert len(numbers) == 1000
    letters = set("".join(number.removeprefix("TC-") for number in numbers))
    assert letters == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert {len(number) for number in numbers} == {11}
