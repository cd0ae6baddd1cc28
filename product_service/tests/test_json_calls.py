"""The usual call, JSON in and JSON out, gets what every other way of asking for JSON gets."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pytest
from django.test import Client
from rest_framework.response import Response

from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_product, make_stock

pytestmark = pytest.mark.django_db

LINE = {"sku": "MUG", "quantity": 2}
UNUSUAL = {"Accept": "application/json, */*;q=0.5"}


def ask(method: str, path: str, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    known = {"X-Request-ID": "same-for-both", **headers}
    client = Client(raise_request_exception=False)
    return client.generic(method, path, content, "application/json", headers=known)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/quotes", {"lines": [LINE, {"sku": "NONE", "quantity": 1}]}, 200),
        ("POST", "/v1/quotes", {"lines": [{"sku": "MUG", "quantity": 0}], "total": 1}, 400),
        ("POST", "/v1/quotes", [], 400),
        ("POST", "/v1/quotes", "", 400),
        ("POST", "/v1/quotes", "{", 400),
        ("POST", "/v1/quotes", b'{"lines": "\xff"}', 400),
        ("POST", "/v1/quotes", '{"lines": [{"sku": "\\ud800", "quantity": 1}]}', 400),
        ("POST", "/v1/quotes", "[" * 30_000, 400),
        ("POST", "/v1/quotes?format=xml", {"lines": [LINE]}, 404),
        ("GET", "/v1/quotes", "", 405),
        ("GET", "/v1/products/nothing", "", 404),
        ("POST", "/v1/reservations/batch/hold", {"orders": []}, 401),
    ],
)
def test_both_ways_get_the_same_answer(method: str, path: str, body: Any, status: int) -> None:
    make_stock("MUG", 10)
    usual, other = ask(method, path, body), ask(method, path, body, **UNUSUAL)
    assert usual.status_code == other.status_code == status
    assert usual.content == other.content
    headers = dict(other.headers)
    if status < 405:
        headers.pop("Allow")  # DRF says it each time; it is due where the method is wrong
    assert {**headers, **dict(usual.headers)} == dict(usual.headers)


class BrokenOff(io.BytesIO):
    """A body that its sender did not finish."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError("connection reset")


def test_a_body_that_breaks_off_is_no_bug_of_ours() -> None:
    """Both ways."""
    broken: Any = {"wsgi.input": BrokenOff()}
    for headers in ({}, UNUSUAL):
        client = Client(raise_request_exception=False, headers=headers)
        answer = client.post("/v1/quotes", "{}", "application/json", **broken)
        assert answer.status_code == 400


def test_the_usual_call_is_spared_what_the_other_kinds_need() -> None:
    make_stock("MUG", 10)
    usual, other = (ask("POST", "/v1/quotes", {"lines": [LINE]}, **each) for each in ({}, UNUSUAL))
    assert not isinstance(usual, Response)
    assert isinstance(other, Response)
    assert usual.json()["lines"][0]["status"] == "ok"


def test_permissions_and_refusals_hold_for_it(order_service: OrderService) -> None:
    make_product()
    order_id = uuid.uuid4()
    assert OrderService("").get(order_id).status == 403
    assert order_service.get(order_id).status == 404
    assert order_service.put(order_id, {"NONE": 1}).body["code"] == "out_of_stock"
