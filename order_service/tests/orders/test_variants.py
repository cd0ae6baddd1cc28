"""An order follows its variants, whatever happens to their SKUs before the stock is reserved."""

from __future__ import annotations

from typing import Any

import pytest

from order_service.orders.models import Order, OrderLine
from order_service.orders.states import State
from order_service.tests.clients import Shopper, order_body
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.product_stub import Product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(world: World) -> Shopper:
    world.shop.products["KETTLE-1"].variant_id = 7
    return Shopper()


def place(ada: Shopper, **line: Any) -> Order:
    wanted = {"sku": "KETTLE-1", "quantity": 1, **line}
    response = ada.place(**order_body(lines=[wanted]))
    assert response.status_code == 202, response.content
    return Order.objects.get()


def reserved(world: World) -> list[Any]:
    """The lines of every PUT of a reservation."""
    return [body["lines"] for method, _, body in world.shop.calls if method == "PUT"]


def test_an_order_reserves_its_variant_and_keeps_the_sku_for_the_paper(
    ada: Shopper, world: World
) -> None:
    order = place(ada)
    world.shop.products = {"KETTLE-2": Product(variant_id=7), "KETTLE-1": Product(variant_id=8)}

    assert world.finish(order).state == State.CONFIRMED
    assert reserved(world) == [[{"sku": "KETTLE-1", "quantity": 1, "variant_id": 7}]]
    line = ada.get(f"/v1/orders/{order.number}").json()["lines"][0]
    assert (line["sku"], line["variant_id"]) == ("KETTLE-1", 7)


def test_what_is_ordered_by_variant_is_billed_under_its_sku_now(ada: Shopper, world: World) -> None:
    world.shop.products = {
        "KETTLE-2": Product(variant_id=7),
        "KETTLE-1": Product(price="1.00", variant_id=8),
    }

    place(ada, variant_id=7)

    line = OrderLine.objects.get()
    assert (line.sku, line.variant_id, str(line.unit_price)) == ("KETTLE-2", 7, "19.90")


def test_an_order_in_flight_of_the_release_before_goes_on_by_sku(world: World) -> None:
    order = make_order()

    assert world.finish(order).state == State.CONFIRMED
    assert reserved(world) == [[{"sku": "KETTLE-1", "quantity": 1}]]


def test_product_service_of_the_release_before_is_asked_by_sku(ada: Shopper, world: World) -> None:
    order = place(ada, variant_id=7)
    world.shop.knows_variants = False

    assert world.finish(order).state == State.CONFIRMED
    assert reserved(world)[-1] == [{"sku": "KETTLE-1", "quantity": 1}]
    quote = ada.post("/v1/quotes", {"lines": [{"sku": "KETTLE-1", "quantity": 1, "variant_id": 7}]})
    assert quote.json()["lines"][0]["status"] == "ok"
