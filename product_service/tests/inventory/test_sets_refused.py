"""A call for many orders that is wrong names what is wrong, and moves nothing for any of them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from product_service.inventory.models import Reservation
from product_service.shapes import LINES_OF_A_SET, ORDERS_MAX
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock
from product_service.tests.inventory.test_races import stock

pytestmark = pytest.mark.django_db

ACTIONS = ("hold", "commit", "release")
LINE = {"sku": "MUG", "quantity": 1}
every_action = pytest.mark.parametrize("action", ACTIONS)


class Known:
    """An order that the call could work on, and how many pieces there are before it."""

    def __init__(self, service: OrderService, action: str) -> None:
        self.id = uuid.uuid4()
        self.action = action
        make_stock("MUG", 1000)
        if action != "hold":
            service.put(self.id, {"MUG": 1})
        self.before = self.now()

    def now(self) -> tuple[object, ...]:
        return stock("MUG"), list(Reservation.objects.values_list("pk", "state"))

    @property
    def name(self) -> str:
        return "orders" if self.action == "hold" else "order_ids"

    def wish(self, order_id: object, *lines: Any) -> Any:
        if self.action != "hold":
            return str(order_id)
        return {"order_id": str(order_id), "lines": list(lines or [LINE])}


@pytest.fixture
def known(order_service: OrderService, action: str) -> Known:
    return Known(order_service, action)


def send(service: OrderService, known: Known, body: Any) -> tuple[int, str, list[dict[str, Any]]]:
    """The status and code of the problem, and its errors. Nothing was moved."""
    answer = service.call("POST", f"batch/{known.action}", body)
    assert known.now() == known.before
    return answer.status, answer.body["code"], answer.body["errors"]


@every_action
@pytest.mark.parametrize(
    "kind", ["empty", "no list", "null", "repeated", "no id", "a name", "unknown field", "nothing"]
)
def test_a_wrong_field_is_named(order_service: OrderService, known: Known, kind: str) -> None:
    name, own = known.name, known.wish(known.id)
    wrong: dict[str, tuple[dict[str, Any], str]] = {
        "empty": ({name: []}, f"/{name}"),
        "no list": ({name: own}, f"/{name}"),
        "null": ({name: [own, None]}, f"/{name}/1"),
        "repeated": ({name: [own, known.wish(uuid.uuid4()), own]}, f"/{name}/2"),
        "no id": ({name: [own, known.wish("")]}, f"/{name}/1"),
        "a name": ({name: [own, known.wish("TC-ABCD2345")]}, f"/{name}/1"),
        "unknown field": ({name: [own], "force": True}, "/force"),
        "nothing": ({}, f"/{name}"),
    }
    body, pointer = wrong[kind]

    status, code, errors = send(order_service, known, body)

    assert (status, code) == (400, "invalid")
    assert [error["pointer"].removesuffix("/order_id") for error in errors] == [pointer]


@every_action
@pytest.mark.parametrize("count", [ORDERS_MAX + 1, 1000])
def test_a_set_has_so_many_orders_at_most(
    order_service: OrderService, known: Known, count: int
) -> None:
    """They are counted, unless the body has more than 64 KiB before."""
    orders = [known.wish(uuid.uuid4()) for _ in range(count)]
    text = json.dumps({known.name: orders}, separators=(",", ":"))
    status, code, errors = send(order_service, known, text)

    if len(text) > 65_536:
        assert (status, code) == (413, "body_too_large")
    else:
        assert (status, code) == (400, "invalid")
        assert [(e["pointer"], e["code"]) for e in errors] == [(f"/{known.name}", "max_length")]


@every_action
def test_a_body_over_64_kib_is_too_large(order_service: OrderService, known: Known) -> None:
    body = {known.name: [known.wish(known.id)], "padding": "x" * 66_000}
    assert send(order_service, known, body)[:2] == (413, "body_too_large")


@pytest.mark.parametrize("action", ["hold"])
def test_a_set_has_so_many_lines_at_most(order_service: OrderService, known: Known) -> None:
    orders = [known.wish(uuid.uuid4(), *[LINE] * 50) for _ in range(LINES_OF_A_SET // 50)]
    assert order_service.call("POST", "batch/hold", {"orders": orders}).status == 200
    known.before = known.now()

    status, code, errors = send(order_service, known, {"orders": [*orders, known.wish(known.id)]})

    assert (status, code) == (400, "invalid")
    assert [(error["pointer"], error["code"]) for error in errors] == [("/orders", "max_length")]


@pytest.mark.parametrize("action", ["hold"])
def test_one_sku_for_two_variants_is_named(order_service: OrderService, known: Known) -> None:
    item = make_stock("JUG", 3)
    twice = [{**LINE, "variant_id": item.pk}, LINE]
    body = {"orders": [known.wish(known.id), known.wish(uuid.uuid4(), *twice)]}

    status, code, errors = send(order_service, known, body)

    assert (status, code) == (422, "ambiguous_sku")
    assert [error["pointer"] for error in errors] == ["/orders/1/lines"]


@pytest.mark.parametrize("action", ["commit"])
def test_committing_unknown_orders_names_them(order_service: OrderService, known: Known) -> None:
    body = {"order_ids": [str(uuid.uuid4()), str(known.id), str(uuid.uuid4())]}

    status, code, errors = send(order_service, known, body)

    assert (status, code) == (404, "not_found")
    assert [(error["pointer"], error["code"]) for error in errors] == [
        ("/order_ids/0", "not_found"),
        ("/order_ids/2", "not_found"),
    ]


@every_action
def test_who_has_no_right_to_reservations_moves_nothing(
    order_service: OrderService, known: Known
) -> None:
    body = {known.name: [known.wish(known.id)]}
    assert send(OrderService(""), known, body)[:2] == (403, "insufficient_scope")
