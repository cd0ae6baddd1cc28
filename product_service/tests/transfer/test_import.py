"""What an import changes, what it leaves, and its undo."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.admin.models import LogEntry

from product_service.catalogue.models import Option, Price, Product
from product_service.inventory.models import StockItem, StockMovement
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_category, make_product, make_variant, receive
from product_service.tests.transfer.files import (
    ben,
    exported,
    imported,
    only_row,
    texts,
    undone,
    uploaded,
)
from product_service.transfer.actions.apply import apply
from product_service.transfer.history import note
from product_service.transfer.models import Outcome, State
from product_service.transfer.snapshot import known_variants

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _options() -> None:
    Option.objects.create(code="colour", name="Colour")


def whole() -> dict[str, str]:
    return {
        "sku": "NEW-1",
        "name": "Lamp",
        "brand": "Auralis",
        "category": "lamps",
        "description": "Bright.\nVery.",
        "price": "19.90",
        "prior_price": "25",
        "options": "colour=Black",
        "on_hand": "7",
        "published": "yes",
    }


def test_the_dry_run_changes_nothing_and_counts() -> None:
    make_product(sku="A-1", price="10.00", stock=4)
    make_product(sku="A-2", price="10.00")
    before = exported()
    of = uploaded(
        {"sku": "A-1", "price": "12"},
        {"sku": "a-2", "price": "10,00"},
        {"sku": "A-3", "price": "x"},
    )
    assert of.state == State.CHECKED
    assert of.counts == {"changed": 1, "unchanged": 1, "error": 1, "warnings": 0}
    assert of.rows.get(sku="A-1").changes == {"price": ["10.00", "12.00"]}
    assert exported() == before


def test_a_new_product_is_made_with_price_and_stock_and_published() -> None:
    make_category("lamps")
    of = imported(
        whole(),
        {"sku": "NEW-2", "product": "lamp", "price": "21", "options": "colour=White"},
    )
    assert of.state == State.IMPORTED
    assert {row.outcome for row in of.rows.all()} == {Outcome.DONE}
    assert texts("NEW-1") == whole() | {
        "product": "lamp",
        "keywords": "",
        "tax_class": "standard",
        "active": "yes",
        "prior_price": "25.00",
    }
    assert texts("NEW-2")["published"] == "yes"
    product = Product.objects.get(slug="lamp")
    assert [variant.position for variant in product.variants.all()] == [0, 1]
    movement = StockMovement.objects.get()
    assert (movement.d_on_hand, movement.reason, movement.actor) == (7, "counted", "staff:anna")


def test_what_the_file_leaves_blank_stays_and_clear_empties() -> None:
    make_product(sku="A-1", description="Old", keywords="lamp")
    imported({"sku": "A-1", "description": "[clear]", "keywords": ""})
    assert (texts("A-1")["description"], texts("A-1")["keywords"]) == ("", "lamp")


def test_all_kinds_of_values_change_and_are_given_back() -> None:
    make_category("lamps")
    product = make_product(sku="A-1", price="10.00", stock=5)
    make_variant(product, "A-2", price="11.00", options={"colour": "Red"})
    before = {sku: texts(sku) for sku in ("A-1", "A-2")}
    of = imported(
        {"sku": "A-1", "name": "Lamp", "price": "9", "prior_price": "12", "on_hand": "8"},
        {"sku": "A-2", "category": "lamps", "options": "colour=Blue", "active": "no"},
        {"sku": "A-3", "product": product.slug, "price": "5", "on_hand": "3"}
        | {"options": "colour=Green"},
    )
    after = texts("A-1")
    assert (after["name"], after["price"], after["prior_price"]) == ("Lamp", "9.00", "12.00")
    assert (after["on_hand"], after["category"]) == ("8", "lamps")
    assert (texts("A-2")["options"], texts("A-2")["active"]) == ("colour=Blue", "no")
    assert texts("A-3")["on_hand"] == "3"
    assert undone(of).state == State.UNDONE
    assert {sku: texts(sku) for sku in before} == before
    assert (texts("A-3")["active"], texts("A-3")["on_hand"]) == ("no", "0")
    assert not StockItem.objects.drifted()
    told = LogEntry.objects.filter(object_id=str(product.pk))
    assert {entry.user.get_username() for entry in told} == {"anna"}
    assert "price 10.00 → 9.00" in told.order_by("id")[0].change_message


def test_the_undo_of_a_new_product_removes_it() -> None:
    make_category("lamps")
    of = undone(imported(whole()))
    product = Product.objects.get(slug="lamp")
    assert (product.is_published, product.deleted_at is not None) == (False, True)
    assert only_row(of).outcome == Outcome.UNDONE
    assert texts("NEW-1")["on_hand"] == "0"


def test_a_new_product_without_anything_to_buy_is_not_published() -> None:
    make_category("lamps")
    of = imported(whole() | {"active": "no"})
    assert not Product.objects.get(slug="lamp").is_published
    assert only_row(of).outcome == Outcome.PARTLY
    assert only_row(of).left[0][0] == "published"


def test_a_second_persons_change_is_left_and_told() -> None:
    product = make_product(sku="A-1", price="10.00", name="Old")
    of = uploaded({"sku": "A-1", "price": "12", "name": "New"})
    Price.objects.update(amount="15.00")
    note(product, ben(), "Changed.")
    apply(of, user=of.user)
    assert (texts("A-1")["price"], texts("A-1")["name"]) == ("15.00", "New")
    row = only_row(of)
    assert row.outcome == Outcome.PARTLY
    ((column, sentence),) = row.left
    assert column == "price"
    assert sentence.startswith("ben at ")
    assert sentence.endswith("10.00 when checked, 15.00 now.")


def test_the_undo_leaves_what_somebody_changed_since() -> None:
    make_product(sku="A-1", price="10.00", name="Old")
    of = imported({"sku": "A-1", "price": "12", "name": "New"})
    Price.objects.update(amount="15.00")
    undone(of)
    assert (texts("A-1")["price"], texts("A-1")["name"]) == ("15.00", "Old")
    assert only_row(of).left == [["price", "Changed since the import, to 15.00."]]


def test_pieces_sold_since_the_check_stay_sold(order_service: OrderService) -> None:
    make_product(sku="A-1", stock=10)
    of = uploaded({"sku": "A-1", "on_hand": "12"})
    order = uuid.uuid4()
    order_service.put(order, {"A-1": 4})
    order_service.commit(order)
    apply(of, user=of.user)
    assert texts("A-1")["on_hand"] == "8"
    undone(of)
    assert texts("A-1")["on_hand"] == "6"
    assert not StockItem.objects.drifted()


def test_stock_that_a_person_counted_meanwhile_is_left() -> None:
    product = make_product(sku="A-1", stock=10)
    of = uploaded({"sku": "A-1", "on_hand": "12"})
    receive(product.variants.get(), 5)
    apply(of, user=of.user)
    assert texts("A-1")["on_hand"] == "15"
    assert only_row(of).outcome == Outcome.LEFT


def test_a_row_that_the_database_refuses_stops_no_other() -> None:
    make_category("lamps")
    make_product(sku="A-1", price="10.00")
    of = uploaded(whole(), {"sku": "A-1", "price": "12"})
    taken = make_product(sku="A-9", slug="lamp")
    make_variant(taken, "A-10", options={"colour": "Black"})
    apply(of, user=of.user)
    assert texts("A-1")["price"] == "12.00"
    assert of.rows.get(sku="NEW-1").outcome == Outcome.LEFT
    assert "NEW-1" not in known_variants(["NEW-1"])


def test_an_import_begins_once_and_its_undo_too() -> None:
    make_product(sku="A-1", price="10.00", stock=1)
    of = imported({"sku": "A-1", "on_hand": "3"})
    assert not apply(of, user=of.user)
    of = undone(of)
    assert not of.may_be_undone
    assert texts("A-1")["on_hand"] == "1"
