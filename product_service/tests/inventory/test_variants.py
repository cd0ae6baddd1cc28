"""A line follows its variant id. SKUs are corrected, swapped and given to others meanwhile."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from product_service.catalogue.models import Option, Variant
from product_service.inventory.models import StockItem
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_product, make_variant
from product_service.tests.inventory.test_races import assert_the_books_agree

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Variant:
    """A variant with 5 pieces; a sibling called PEN has 3."""
    product = make_product("Mug", sku="MUG", stock=5, price="10.00")
    make_variant(product, "PEN", stock=3, price="2.00", options={"kind": "pen"})
    return Variant.objects.get(sku="MUG")


def correct_mug() -> None:
    Variant.objects.filter(sku="MUG").update(sku="MUG-1")


def swap_mug_and_pen() -> None:
    Variant.objects.filter(sku="MUG").update(sku="TMP")
    Variant.objects.filter(sku="PEN").update(sku="MUG")
    Variant.objects.filter(sku="TMP").update(sku="PEN")


def remove_mug_and_reuse_its_sku() -> None:
    Variant.objects.filter(sku="MUG").update(sku="OLD", is_active=False)
    Variant.objects.filter(sku="PEN").update(sku="MUG")


def line(variant: Variant, quantity: int, sku: str = "MUG") -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "variant_id": variant.pk}


def reserved() -> dict[int, int]:
    return dict(StockItem.objects.filter(reserved__gt=0).values_list("variant_id", "reserved"))


@pytest.mark.parametrize("meanwhile", [correct_mug, swap_mug_and_pen, remove_mug_and_reuse_its_sku])
def test_a_reservation_follows_the_variant_and_not_its_sku(
    mug: Variant, order_service: OrderService, meanwhile: Any
) -> None:
    meanwhile()
    order_id, body = uuid.uuid4(), {"lines": [line(mug, 4)]}

    held = order_service.put_body(order_id, body)

    assert held.status == 200
    assert held.body["lines"] == [{"sku": "MUG", "quantity": 4}]  # as the order has it on paper
    assert reserved() == {mug.pk: 4}
    assert order_service.commit(order_id).status == 200
    assert StockItem.objects.get(pk=mug.pk).on_hand == 1


@pytest.mark.parametrize(
    ("meanwhile", "sku", "status"),
    [
        (correct_mug, "MUG-1", "ok"),
        (swap_mug_and_pen, "PEN", "ok"),
        (remove_mug_and_reuse_its_sku, "MUG", "unavailable"),
    ],
)
def test_a_quote_follows_the_variant_and_says_its_sku_now(
    mug: Variant, client: Client, meanwhile: Any, sku: str, status: str
) -> None:
    meanwhile()

    body = {"lines": [line(mug, 1)]}
    answer = client.post("/v1/quotes", body, content_type="application/json")

    (quoted,) = answer.json()["lines"]
    assert (quoted["sku"], quoted["variant_id"], quoted["status"]) == (sku, mug.pk, status)
    if status == "ok":
        assert quoted["unit_price"]["amount"] == "10.00"


def test_lines_of_one_variant_are_judged_together_whatever_they_call_it(
    mug: Variant, client: Client
) -> None:
    body = {"lines": [line(mug, 3, sku="OLD-NAME"), {"sku": "MUG", "quantity": 3}]}
    answer = client.post("/v1/quotes", body, content_type="application/json").json()

    assert [quoted["status"] for quoted in answer["lines"]] == ["less_left", "less_left"]


def test_two_lines_of_one_variant_share_what_is_left(
    mug: Variant, order_service: OrderService
) -> None:
    """Each would do alone. The second is told what the first leaves, again and again."""
    order_id, other = uuid.uuid4(), uuid.uuid4()
    body = {"lines": [line(mug, 3, sku="MUG"), line(mug, 3, sku="OLD-NAME")]}

    for _ in range(2):
        answer = order_service.put_body(order_id, body)
        assert (answer.status, answer.body["code"]) == (409, "out_of_stock")
        (short,) = answer.body["short"]
        assert (short["wanted"], short["available"]) == (3, 2)
    assert reserved() == {}
    assert_the_books_agree()
    enough = {"lines": [line(mug, 3, sku="MUG"), line(mug, 2, sku="OLD-NAME")]}
    assert order_service.put_body(other, enough).status == 200
    assert reserved() == {mug.pk: 5}
    assert_the_books_agree()


def test_an_order_of_the_release_before_goes_on_under_its_sku(
    mug: Variant, order_service: OrderService
) -> None:
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 2})

    again = order_service.put_body(order_id, {"lines": [line(mug, 2)], "ttl_seconds": 1800})

    assert again.status == 200
    assert reserved() == {mug.pk: 2}


def test_one_sku_for_two_variants_is_refused(mug: Variant, order_service: OrderService) -> None:
    other = Variant.objects.get(sku="PEN")
    answer = order_service.put_body(uuid.uuid4(), {"lines": [line(mug, 1), line(other, 1)]})

    assert (answer.status, answer.body["code"]) == (422, "ambiguous_sku")
    assert reserved() == {}


def test_a_product_page_names_the_variant_of_each_sku(mug: Variant, client: Client) -> None:
    detail = client.get(f"/v1/products/{mug.product.slug}").json()

    assert {one["sku"]: one["variant_id"] for one in detail["variants"]} == {
        "MUG": mug.pk,
        "PEN": Variant.objects.get(sku="PEN").pk,
    }


@pytest.mark.parametrize("sku", ["MUG", "MUG-1"])
def test_staff_find_a_reservation_by_the_sku_of_then_and_of_now(
    mug: Variant, order_service: OrderService, admin_client: Client, sku: str
) -> None:
    order_id = uuid.uuid4()
    order_service.put_body(order_id, {"lines": [line(mug, 1)]})
    correct_mug()

    page = admin_client.get("/admin/inventory/reservation/", {"q": sku})

    assert str(order_id) in page.content.decode()


def test_the_code_of_an_option_stays_because_variants_name_it(
    mug: Variant, admin_client: Client
) -> None:
    option = Option.objects.create(code="kind", name="Kind")
    change = {"code": "sort", "name": "Sort", "position": 0}

    admin_client.post(f"/admin/catalogue/option/{option.pk}/change/", change)

    option.refresh_from_db()
    assert (option.code, option.name) == ("kind", "Sort")
