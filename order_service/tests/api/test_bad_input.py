"""Nonsense gets a clear refusal, never a 500, and leaves no order behind."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest

from order_service.orders.models import IdempotencyKey, Order
from order_service.tests.clients import ADDRESS, Shopper, order_body, problem_of
from order_service.tests.product_stub import State

pytestmark = pytest.mark.django_db(transaction=True)

KEY = {"Idempotency-Key": "one-key"}


def pointers(response: Any) -> list[tuple[str, str]]:
    return [(field["pointer"], field["code"]) for field in response.json()["errors"]]


def nothing_was_stored() -> bool:
    return not Order.objects.exists() and not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"surprise": 1}, [("/surprise", "unknown_field")]),
        ({"lines": [{"sku": "A", "quantity": 1, "price": "0.01"}]},
         [("/lines/0/price", "unknown_field")]),
        ({"shipping_address": {**ADDRESS, "vip": True}},
         [("/shipping_address/vip", "unknown_field")]),
        ({"state": "confirmed"}, [("/state", "unknown_field")]),
        ({"lines": []}, [("/lines", "empty")]),
        ({"lines": "A"}, [("/lines", "not_a_list")]),
        ({"lines": None}, [("/lines", "null")]),
        ({"lines": [{"sku": "A", "quantity": 1}] * 51}, [("/lines", "max_length")]),
        ({"lines": [{"sku": "A"}]}, [("/lines/0/quantity", "required")]),
        ({"lines": [{"sku": "A", "quantity": 0}]}, [("/lines/0/quantity", "min_value")]),
        ({"lines": [{"sku": "A", "quantity": -1}]}, [("/lines/0/quantity", "min_value")]),
        ({"lines": [{"sku": "A", "quantity": 100}]}, [("/lines/0/quantity", "max_value")]),
        ({"lines": [{"sku": "A", "quantity": 10**9}]}, [("/lines/0/quantity", "max_value")]),
        ({"lines": [{"sku": "A", "quantity": 2**63 - 1}]}, [("/lines/0/quantity", "max_value")]),
        ({"lines": [{"sku": "A", "quantity": "1"}]}, [("/lines/0/quantity", "invalid")]),
        ({"lines": [{"sku": "A", "quantity": 1.5}]}, [("/lines/0/quantity", "invalid")]),
        ({"lines": [{"sku": "A", "quantity": True}]}, [("/lines/0/quantity", "invalid")]),
        ({"lines": [{"sku": "A\0B", "quantity": 1}]},
         [("/lines/0/sku", "invalid")]),
        ({"lines": [{"sku": "x" * 65, "quantity": 1}]}, [("/lines/0/sku", "max_length")]),
        ({"lines": [{"sku": 7, "quantity": 1}]}, [("/lines/0/sku", "invalid")]),
        ({"lines": [{"sku": {"a": 1}, "quantity": 1}]}, [("/lines/0/sku", "invalid")]),
        ({"lines": [7]}, [("/lines/0", "invalid")]),
        ({"email": "nobody"}, [("/email", "invalid")]),
        ({"email": "ada@localhost"}, [("/email", "invalid")]),
        ({"email": 7}, [("/email", "invalid")]),
        ({"payment_token": 7}, [("/payment_token", "invalid")]),
        ({"shipping_address": {**ADDRESS, "postal_code": 10115}},
         [("/shipping_address/postal_code", "invalid")]),
        ({"shipping_address": {**ADDRESS, "name": "\u200b\u3164\u00ad"}},
         [("/shipping_address/name", "blank")]),
        ({"shipping_address": {**ADDRESS, "line2": "\u202eecalevoL"}},
         [("/shipping_address/line2", "invalid")]),
        ({"email": "a@" + "b." * 130 + "org"}, [("/email", "max_length")]),
        ({"email": "a@example.org\nBcc: b@example.org"}, [("/email", "invalid")]),
        ({"shipping_address": {**ADDRESS, "name": "A\0"}},
         [("/shipping_address/name", "invalid")]),
        ({"shipping_address": {**ADDRESS, "city": "a\nb"}},
         [("/shipping_address/city", "invalid")]),
        ({"shipping_address": {**ADDRESS, "country": "de"}},
         [("/shipping_address/country", "invalid")]),
        ({"shipping_address": []}, [("/shipping_address", "invalid")]),
        ({"shipping_method": "tele port"}, [("/shipping_method", "invalid")]),
        ({"shipping_method": ["standard"]}, [("/shipping_method", "invalid")]),
        ({"payment_token": "tok approve"}, [("/payment_token", "invalid")]),
        ({"expected_total": "24.80"}, [("/expected_total", "invalid_money")]),
        ({"expected_total": 24.8}, [("/expected_total", "invalid_money")]),
        ({"expected_total": {"amount": 24.8, "currency": "EUR"}},
         [("/expected_total", "invalid_money")]),
        ({"expected_total": {"amount": "24.801", "currency": "EUR"}},
         [("/expected_total", "invalid_money")]),
        ({"expected_total": {"amount": "1E+999999", "currency": "EUR"}},
         [("/expected_total", "invalid_money")]),
        ({"expected_total": {"amount": "NaN", "currency": "EUR"}},
         [("/expected_total", "invalid_money")]),
        ({"expected_total": {"amount": "cheap", "currency": "EUR"}},
         [("/expected_total", "invalid_money")]),
        ({"expected_total": {"amount": "24.80", "currency": "eur"}},
         [("/expected_total", "invalid_money")]),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_stored(
    ada: Shopper, shop: State, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    response = ada.place(**changes)

    assert problem_of(response) == (400, "invalid")
    assert pointers(response) == expected
    assert shop.calls == []
    assert nothing_was_stored()


@pytest.mark.parametrize("name", sorted(order_body()))
def test_a_missing_field_is_named(ada: Shopper, shop: State, name: str) -> None:
    body = order_body()
    del body[name]

    response = ada.post("/v1/orders", body, **KEY)

    assert problem_of(response) == (400, "invalid")
    assert pointers(response) == [(f"/{name}", "required")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", (400, "malformed_json")),
        (b"\xff\xfe", (400, "malformed_json")),
        (b'{"lines": NaN}', (400, "malformed_json")),
        (b"[" * 60_000, (400, "malformed_json")),
        (b'{"a":' * 10_000, (400, "malformed_json")),
        (b"9" * 60_000, (400, "malformed_json")),
        (b"[]", (400, "invalid")),
        (b"null", (400, "invalid")),
        (b'"text"', (400, "invalid")),
        (b'{"\\ud800": 1}', (400, "invalid")),
        (b'{"email": "\\ud800"}', (400, "invalid")),
        (b'{"shipping_method": "\\ud800"}', (400, "invalid")),
        (b'{"' + b"x" * 70_000 + b'": 1}', (413, "body_too_large")),
        (b"", (400, "invalid")),
    ],
)
def test_a_broken_body_is_refused(
    ada: Shopper, shop: State, content: bytes, expected: tuple[int, str]
) -> None:
    assert problem_of(ada.post("/v1/orders", content, **KEY)) == expected
    assert nothing_was_stored()


def test_another_content_type_is_refused(ada: Shopper, shop: State) -> None:
    headers = ada._headers(KEY)
    response = ada._client.post("/v1/orders", {"email": "a"}, headers=headers)

    assert problem_of(response) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "idempotency_key_missing"),
        ("a b", "idempotency_key_malformed"),
        ("ä", "idempotency_key_malformed"),
        ("x" * 256, "idempotency_key_malformed"),
    ],
)
def test_an_order_needs_a_proper_idempotency_key(
    ada: Shopper, shop: State, key: str, code: str
) -> None:
    response = ada.post("/v1/orders", order_body(), **{"Idempotency-Key": key})

    assert problem_of(response) == (400, code)
    assert nothing_was_stored()


def test_an_unknown_sku_is_named(ada: Shopper, shop: State) -> None:
    lines = [{"sku": "KETTLE-1", "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}]

    response = ada.place(lines=lines)

    assert problem_of(response) == (422, "unknown_sku")
    assert pointers(response) == [("/lines/1/sku", "unknown_sku")]
    assert nothing_was_stored()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders/TC-00000000",
        "/v1/orders/x",
        "/v1/orders/" + "x" * 500,
        "/v1/orders/%F0%9F%91%BB",
        "/v1/orders/..%2F..%2Fetc",
        "/v1/nothing",
    ],
)
def test_an_order_that_does_not_exist_is_404(ada: Shopper, path: str) -> None:
    assert problem_of(ada.get(path)) == (404, "not_found")


def test_a_nul_byte_in_an_address_is_refused(ada: Shopper) -> None:
    assert problem_of(ada.get("/v1/orders/TC-%00"))[0] == 400
    assert problem_of(ada.get("/v1/orders?cursor=%00"))[0] == 400


@pytest.mark.parametrize("cursor", ["x", "....", "a" * 400, "AAAA", "%F0%9F%91%BB"])
def test_a_cursor_that_we_never_gave_is_refused(ada: Shopper, cursor: str) -> None:
    response = ada.get(f"/v1/orders?cursor={cursor}")

    assert problem_of(response) == (400, "invalid_parameter")
    assert pointers(response)[0][0] == "/cursor"


def test_an_unknown_parameter_is_refused(ada: Shopper) -> None:
    response = ada.get("/v1/orders?page=2")

    assert problem_of(response) == (400, "invalid_parameter")
    assert pointers(response) == [("/page", "unknown_field")]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+20:00", "9999-12-31T23:59:59-20:00"])
def test_a_cursor_outside_of_all_time_is_refused(ada: Shopper, at: str) -> None:
    response = ada.get(f"/v1/orders?cursor={_cursor(at)}")

    assert problem_of(response) == (400, "invalid_parameter")


def test_a_cursor_of_another_time_zone_is_as_good(ada: Shopper) -> None:
    assert ada.get(f"/v1/orders?cursor={_cursor('2026-01-01T00:00:00+20:00')}").status_code == 200


def _cursor(at: str) -> str:
    return base64.urlsafe_b64encode(f"{at} {uuid.uuid4()}".encode()).rstrip(b"=").decode()


def test_a_wrong_method_is_refused(ada: Shopper) -> None:
    assert problem_of(ada.post("/v1/countries")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"sku": "A", "quantity": 0}]},
        {"lines": [{"sku": "A", "quantity": 1}], "shipping_method": "X"},
        {"lines": [{"sku": "A", "quantity": 1}], "country": "de"},
        {"lines": [{"sku": "A", "quantity": 1}], "coupon": "x"},
        [],
    ],
)
def test_a_wrong_cart_is_not_quoted(ada: Shopper, shop: State, body: Any) -> None:
    assert problem_of(ada.post("/v1/quotes", body)) == (400, "invalid")
    assert shop.calls == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": "TC-ABCD2345"},
        {"number": "TC\0", "email": "a@example.org"},
        {"number": 7, "email": "a@example.org"},
        {"number": "TC-ABCD2345", "email": "a"},
        {"number": "TC-ABCD2345", "email": "a@example.org", "x": 1},
    ],
)
def test_a_wrong_look_up_is_refused(ada: Shopper, body: Any) -> None:
    assert problem_of(ada.post("/v1/orders/lookup", body)) == (400, "invalid")
