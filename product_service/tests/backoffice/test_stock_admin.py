"""Stock in the back office: adjusted with a reason, never edited."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from chassis.tests.back_office import fields_of
from product_service.inventory.models import StockItem, StockMovement
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock

pytestmark = pytest.mark.django_db


def adjust(client: Client, item: StockItem, **fields: Any) -> Any:
    data = {"change": 5, "reason": "received", "note": "", "reference": uuid.uuid4(), **fields}
    return client.post(f"/admin/inventory/stockitem/{item.pk}/adjust/", data, follow=True)


def test_an_adjustment_says_who_and_why(admin_client: Client) -> None:
    item = make_stock("MUG", 10)

    response = adjust(admin_client, item, change=-3, reason="damaged", note="Fell.")

    assert "MUG: 7 on hand, 7 left." in response.content.decode()
    item.refresh_from_db()
    assert (item.on_hand, item.version) == (7, 2)
    movement = StockMovement.objects.get(version=2)
    assert (movement.d_on_hand, movement.d_reserved) == (-3, 0)
    assert (movement.reason, movement.note, movement.actor) == ("damaged", "Fell.", "staff:admin")
    assert LogEntry.objects.get().get_change_message() == "damaged: -3. Fell."


def test_a_form_sent_twice_counts_once(admin_client: Client) -> None:
    item = make_stock("MUG", 10)
    reference = uuid.uuid4()

    for _ in range(2):
        adjust(admin_client, item, reference=reference)

    item.refresh_from_db()
    assert item.on_hand == 15
    assert StockMovement.objects.count() == 2


def test_what_orders_hold_cannot_be_taken_away(
    admin_client: Client, order_service: OrderService
) -> None:
    item = make_stock("MUG", 10)
    order_service.put(uuid.uuid4(), {"MUG": 6})

    page = adjust(admin_client, item, change=5, reason="damaged").content.decode()

    assert "10 are on hand and orders hold 6 of them, so at most 4 can be taken away." in page
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (10, 6)


def confirm(client: Client, page: Any) -> Any:
    """Press "Save the count" on `page`."""
    return client.post(page.request["PATH_INFO"], fields_of(page), follow=True)


def test_a_count_sets_the_stock_and_shows_the_difference_first(
    admin_client: Client, order_service: OrderService
) -> None:
    item = make_stock("MUG", 21)
    order_service.put(uuid.uuid4(), {"MUG": 3})

    page = adjust(admin_client, item, change=17, reason="counted", note="Shelf 2")

    text = page.content.decode()
    assert "21 on the books, you counted 17: takes away 4." in text
    assert "Orders hold 3 of them, so 14 are left to sell." in text
    assert StockMovement.objects.count() == 2

    assert "MUG: 17 on hand, 14 left." in confirm(admin_client, page).content.decode()
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (17, 3)
    movement = StockMovement.objects.first()
    assert movement is not None
    assert (movement.d_on_hand, movement.reason, movement.note) == (-4, "counted", "Shelf 2")
    confirm(admin_client, page)  # pressed twice
    call_command("check_stock")
    assert StockMovement.objects.count() == 3


def test_a_count_is_asked_again_when_the_stock_changed_meanwhile(admin_client: Client) -> None:
    item = make_stock("MUG", 21)
    page = adjust(admin_client, item, change=17, reason="counted")
    adjust(admin_client, item, change=1, reason="damaged")

    page = confirm(admin_client, page)

    text = page.content.decode()
    assert "The stock has changed meanwhile, from 21 to 20." in text
    assert "20 on the books, you counted 17: takes away 3." in text
    item.refresh_from_db()
    assert item.on_hand == 20
    confirm(admin_client, page)
    item.refresh_from_db()
    assert item.on_hand == 17


def test_a_count_that_agrees_changes_nothing(admin_client: Client) -> None:
    item = make_stock("MUG", 21)

    page = adjust(admin_client, item, change=21, reason="counted")

    assert "MUG: 21 on hand, 21 left." in page.content.decode()
    assert StockMovement.objects.count() == 1


def test_a_count_below_what_orders_hold_is_refused(
    admin_client: Client, order_service: OrderService
) -> None:
    item = make_stock("MUG", 10)
    order_service.put(uuid.uuid4(), {"MUG": 6})

    page = adjust(admin_client, item, change=4, reason="counted").content.decode()

    assert "Orders hold 6 of the pieces, so a count of 4 leaves too few." in page
    item.refresh_from_db()
    assert item.on_hand == 10


@pytest.mark.parametrize(
    ("reason", "typed", "on_hand"),
    [
        ("received", 3, 13),
        ("returned", 3, 13),
        ("damaged", 3, 7),
        ("damaged", -3, 7),
        ("corrected", 3, 13),
        ("corrected", -3, 7),
    ],
)
def test_each_reason_has_its_direction(
    admin_client: Client, reason: str, typed: int, on_hand: int
) -> None:
    item = make_stock("MUG", 10)

    adjust(admin_client, item, change=typed, reason=reason)

    item.refresh_from_db()
    assert item.on_hand == on_hand


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"reason": "received", "change": -3}, "“Received from supplier” adds pieces. Type 3,"),
        ({"reason": "returned", "change": -3}, "“Returned by a shopper” adds pieces. Type 3,"),
        ({"reason": "counted", "change": -3}, "A count cannot be below zero."),
        ({"change": "10,000"}, "“10,000” can mean 10 or 10000."),
        ({"change": 0}, "Nothing would change."),
        ({"change": "many"}, "Enter a whole number."),
        ({"change": 10**9}, "Ensure this value is less than or equal to 1000000."),
        ({"reason": ""}, "This field is required."),
        ({"reason": "commit"}, "Select a valid choice."),
        ({"note": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_adjustment_is_refused(
    admin_client: Client, fields: dict[str, Any], error: str
) -> None:
    item = make_stock("MUG", 10)

    page = adjust(admin_client, item, **fields).content.decode()

    assert error in page
    assert StockMovement.objects.count() == 1


def test_stock_is_never_a_field(admin_client: Client) -> None:
    item = make_stock("MUG", 10)
    address = f"/admin/inventory/stockitem/{item.pk}/change/"

    admin_client.post(address, {"on_hand": 999, "reserved": 0, "version": 0, "low_at": 8})

    item.refresh_from_db()
    assert (item.on_hand, item.reserved, item.version, item.low_at) == (10, 0, 1, 8)
    page = admin_client.get(address).content.decode()
    assert re.findall(r'<input[^>]*name="(on_hand|reserved|version)"', page) == []


def test_movements_are_seen_and_never_written(admin_client: Client) -> None:
    item = make_stock("MUG", 10)
    base = "/admin/inventory/stockmovement/"

    page = admin_client.get(f"{base}?stock_item__variant__id__exact={item.pk}").content.decode()

    assert "1 stock movement" in page
    assert admin_client.get(f"{base}add/").status_code == 403
    change = f"{base}{StockMovement.objects.get().pk}/change/"
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {"d_on_hand": 5}).status_code == 403
    assert admin_client.post(change.replace("change", "delete"), {}).status_code == 403


@pytest.mark.parametrize(
    "statement", ["UPDATE stock_movement SET d_on_hand = 5", "DELETE FROM stock_movement"]
)
def test_the_database_refuses_to_change_a_movement(statement: str) -> None:
    make_stock("MUG", 10)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change", ["reserved = on_hand + 1", "reserved = -1", "on_hand = -1, reserved = -1"]
)
def test_the_database_refuses_impossible_stock(change: str) -> None:
    make_stock("MUG", 10)

    with (
        pytest.raises(IntegrityError, match="stock_item_reserved_within_on_hand"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE stock_item SET {change}")


def test_filters_and_search(admin_client: Client) -> None:
    make_stock("LOW-1", 2)
    make_stock("OUT-1", 0)
    make_stock("MANY-1", 50)

    def listed(query: str) -> list[str]:
        page = admin_client.get(f"/admin/inventory/stockitem/?{query}").content.decode()
        return re.findall(r'<th class="field-sku"><a[^>]*>([^<]*)</a>', page)

    assert listed("") == ["LOW-1", "MANY-1", "OUT-1"]
    assert listed("level=low") == ["LOW-1"]
    assert listed("level=out") == ["OUT-1"]
    assert listed("q=many") == ["MANY-1"]
