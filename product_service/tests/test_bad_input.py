"""Nonsense on every call that takes a body: a problem with a stable code, never a 500."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from product_service.inventory.models import Reservation
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock

pytestmark = pytest.mark.django_db

LINE = {"sku": "MUG", "quantity": 1}
CALLS = ["quotes", "reservations"]
DEEP = "[" * 30_000


def send(call: str, body: Any) -> tuple[int, dict[str, Any]]:
    """`body` as JSON, or as it is if it is text."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    if call == "reservations":
        answer = OrderService().call("PUT", uuid.uuid4(), text)
        return answer.status, answer.body
    response = Client(raise_request_exception=False).post(
        f"/v1/{call}", text, content_type="application/json"
    )
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"lines": [', "malformed_json"),
        ("", "invalid"),
        (DEEP, "malformed_json"),
        (b"\xff\xfe{}", "malformed_json"),
        ('{"lines": [{"sku": "MUG", "quantity": NaN}]}', "malformed_json"),
        ("[]", "invalid"),
        ('"text"', "invalid"),
        ("null", "invalid"),
        ({}, "invalid"),
        ({"lines": []}, "invalid"),
        ({"lines": "MUG"}, "invalid"),
        ({"lines": {"0": LINE}}, "invalid"),
        ({"lines": [LINE] * 51}, "invalid"),
        ({"lines": [None]}, "invalid"),
        ({"lines": [{"sku": "MUG"}]}, "invalid"),
        ({"lines": [{"quantity": 1}]}, "invalid"),
    ],
)
def test_a_malformed_body_is_refused(call: str, body: Any, code: str) -> None:
    status, problem = send(call, body)

    assert (status, problem["code"]) == (400, code)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"quantity": 0}, "/lines/1/quantity"),
        ({"quantity": -1}, "/lines/1/quantity"),
        ({"quantity": 100}, "/lines/1/quantity"),
        ({"quantity": 10**9}, "/lines/1/quantity"),
        ({"quantity": 10**400}, "/lines/1/quantity"),
        ({"quantity": 1.5}, "/lines/1/quantity"),
        ({"quantity": "many"}, "/lines/1/quantity"),
        ({"quantity": None}, "/lines/1/quantity"),
        ({"quantity": True}, "/lines/1/quantity"),
        ({"quantity": []}, "/lines/1/quantity"),
        ({"quantity": "1"}, "/lines/1/quantity"),
        ({"sku": 0}, "/lines/1/sku"),
        ({"sku": True}, "/lines/1/sku"),
        ({"sku": ""}, "/lines/1/sku"),
        ({"sku": "A\0B"}, "/lines/1/sku"),
        ({"sku": "A" * 65}, "/lines/1/sku"),
        ({"sku": ["MUG"]}, "/lines/1/sku"),
        ({"sku": "\ud800"}, "/lines/1/sku"),
        ({"price": "1.00"}, "/lines/1/price"),
        ({"unit_price": {"amount": "0.01", "currency": "EUR"}}, "/lines/1/unit_price"),
    ],
)
def test_a_wrong_field_is_named(call: str, line: dict[str, Any], pointer: str) -> None:
    status, problem = send(call, {"lines": [LINE, {**LINE, **line}]})

    assert (status, problem["code"]) == (400, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_field_is_named(call: str) -> None:
    status, problem = send(call, {"lines": [LINE], "discount": 100})

    assert status == 400
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("/discount", "unknown_field")
    ]


@pytest.mark.parametrize("call", CALLS)
def test_a_body_over_64_kib_is_too_large(call: str) -> None:
    status, problem = send(call, {"lines": [LINE], "padding": "x" * 66_000})

    assert (status, problem["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("ttl", [0, -1, 86_401, 10**12, "long", "5", True, None])
def test_a_wrong_time_is_named(ttl: object) -> None:
    status, problem = send("reservations", {"lines": [LINE], "ttl_seconds": ttl})

    assert status == 400
    assert [error["pointer"] for error in problem["errors"]] == ["/ttl_seconds"]


def test_another_content_type_is_refused() -> None:
    response = Client().post("/v1/quotes", "lines=1", content_type="text/plain")

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_an_order_id_that_is_none_is_not_found(order_service: OrderService) -> None:
    assert order_service.call("PUT", "1%20OR%201", {"lines": [LINE]}).status == 404


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_reservations_need_a_token_with_the_scope(method: str) -> None:
    make_stock("MUG", 1)
    path = f"/v1/reservations/{uuid.uuid4()}"
    body = json.dumps({"lines": [LINE]})

    def send_with(headers: dict[str, str]) -> tuple[int, str]:
        response = Client().generic(
            method, path, body, content_type="application/json", headers=headers
        )
        return response.status_code, response.json()["code"]

    other = OrderService("")._headers
    assert send_with({}) == (401, "not_authenticated")
    assert send_with({"Authorization": "Bearer forged"}) == (401, "invalid_token")
    assert send_with(other) == (403, "insufficient_scope")
    assert not Reservation.objects.exists()
