"""A stock-take: counted on a sheet, by several people, and booked as differences."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from chassis.tests.back_office import fields_of
from product_service.inventory.models import StockItem, StockMovement
from product_service.stocktake.models import CountLine, StockTake
from product_service.tests.backoffice.browsing import signed_in_browser
from product_service.tests.backoffice.test_admin_pages import assert_nothing_inline
from product_service.tests.backoffice.test_bulk_clicks import NO_BROWSER
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_category, make_product, make_stock, receive
from tests.e2e.browser import chromium_path

pytestmark = pytest.mark.django_db


def open_sheet(client: Client, **fields: Any) -> str:
    """The address of a new sheet."""
    data = {"name": "Shelf 2", "category": "", "skus": "", **fields}
    page: Any = client.post("/admin/stocktake/stocktake/add/", data, follow=True)
    address: str = page.request["PATH_INFO"]
    assert "change" in address, page.content.decode()
    return address


class Sheet:
    """The page of a sheet as one person has it open; its first form counts."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        self.fields = self._fields()

    def _fields(self) -> dict[str, Any]:
        return {"text": "", "at": ""} | _first_form(self.client.get(self.address))

    def save(self, **fields: Any) -> str:
        page = self.client.post(self.address, self.fields | fields, follow=True)
        return page.content.decode()

    def count(self, **pieces: int) -> str:
        ids = {sku: StockItem.objects.get(variant__sku=sku).pk for sku in pieces}
        return self.save(**{f"count-{ids[sku]}": number for sku, number in pieces.items()})


def _first_form(page: Any) -> dict[str, Any]:
    form = page.context_data["form"]
    names = [each for each in form.fields if each not in ("text", "at")]
    values = {each: form[each].value() for each in names}
    return {each: "" if value is None else value for each, value in values.items()}


def book(client: Client, address: str, **fields: Any) -> str:
    address = address.replace("change", "book")
    sent = fields_of(client.get(address)) | {"reason": "Yearly count"} | fields
    return client.post(address, sent, follow=True).content.decode()


def on_hand(sku: str) -> int:
    return StockItem.objects.get(variant__sku=sku).on_hand


def test_what_was_sold_between_counting_and_booking_is_not_lost(
    anna: Client, order_service: OrderService
) -> None:
    for sku, pieces in (("MUG", 10), ("CUP", 5), ("LID", 4)):
        make_stock(sku, pieces)
    address = open_sheet(anna, skus="mug\nCUP\nLID")
    assert "2 counts were saved." in Sheet(anna, address).count(MUG=8, CUP=5)
    order_id = uuid.uuid4()
    order_service.put(order_id, {"MUG": 3})
    order_service.commit(order_id)

    shown = anna.get(address.replace("change", "book")).content.decode()
    assert "1 differ from the books, 1 are as expected." in shown
    assert "1 are not counted yet" in shown
    page = book(anna, address)

    assert "1 difference booked." in page
    assert (on_hand("MUG"), on_hand("CUP"), on_hand("LID")) == (5, 5, 4)
    movement = StockMovement.objects.latest("id")
    assert (movement.d_on_hand, movement.reason) == (-2, "counted")
    assert (movement.note, movement.actor) == ("Shelf 2: Yearly count", "staff:anna")
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Stock-take Shelf 2: -2. Yearly count"
    assert not StockItem.objects.drifted().exists()


def test_a_sheet_is_booked_once(anna: Client) -> None:
    make_stock("MUG", 10)
    address = open_sheet(anna, skus="MUG")
    Sheet(anna, address).count(MUG=8)
    form = fields_of(anna.get(address.replace("change", "book"))) | {"reason": "x"}
    for _ in range(2):
        anna.post(address.replace("change", "book"), form)
    assert on_hand("MUG") == 8


def test_a_count_of_an_hour_ago_is_compared_with_the_stock_of_then(anna: Client) -> None:
    item = make_stock("MUG", 10)
    address = open_sheet(anna, skus="MUG")
    before = timezone.localtime(timezone.now())
    receive(item.variant, 7)
    sheet = Sheet(anna, address)

    sheet.save(**{"at": before.strftime("%Y-%m-%dT%H:%M:%S.%f"), f"count-{item.pk}": 9})

    line = CountLine.objects.get()
    assert (line.on_books, line.difference) == (10, -1)
    book(anna, address)
    assert on_hand("MUG") == 16


@pytest.mark.parametrize("ago", [timedelta(hours=-1), timedelta(days=8)])
def test_a_time_of_counting_is_in_the_last_days(anna: Client, ago: timedelta) -> None:
    make_stock("MUG", 10)
    sheet = Sheet(anna, open_sheet(anna, skus="MUG"))
    at = timezone.localtime(timezone.now() - ago).strftime("%Y-%m-%dT%H:%M")
    assert "Choose a time in the last seven days" in sheet.save(at=at)


def test_scanned_lines_are_added_also_what_was_not_on_the_sheet(anna: Client) -> None:
    for sku in ("MUG", "CUP", "LID"):
        make_stock(sku, 5)
    sheet = Sheet(anna, open_sheet(anna, skus="MUG"))

    for _ in range(2):  # sent twice
        sheet.save(text="MUG\nmug\nCUP 4\nLID;2\nMUG\t3\n")

    lines = CountLine.objects.values_list("variant__sku", "counted")
    assert dict(lines) == {"MUG": 5, "CUP": 4, "LID": 2}
    again = Sheet(anna, sheet.address)
    again.save(text="CUP")
    assert CountLine.objects.get(variant__sku="CUP").counted == 5


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("MUG\nNO-SUCH 4", "Line 2, “NO-SUCH 4”: no variant has this SKU."),
        ("MUG four", "Line 1, “MUG four”: write a SKU, a space and how many."),
        ("MUG -4", "Line 1, “MUG -4”: write a SKU"),
        ("MUG 9999999", "At most 1,000,000 pieces can be counted."),
        ("MUG\n" * 1001, "Send 1000 lines at once at most."),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_lost(
    anna: Client, text: str, error: str
) -> None:
    item = make_stock("MUG", 5)
    sheet = Sheet(anna, open_sheet(anna, skus="MUG"))

    page = sheet.save(**{"text": text, f"count-{item.pk}": 77})

    assert error in page
    assert 'value="77"' in page
    assert CountLine.objects.get().counted is None


def test_a_second_person_is_told_what_the_first_has_counted(anna: Client, ben: Client) -> None:
    make_stock("MUG", 10)
    make_stock("CUP", 10)
    address = open_sheet(anna, skus="MUG\nCUP")
    annas, bens = Sheet(anna, address), Sheet(ben, address)
    bens.count(MUG=7)

    response = anna.post(address, annas.fields | {_name("MUG"): 9, _name("CUP"): 3})

    page = response.content.decode()
    assert "MUG: ben saved 7 at" in page
    assert "you typed 9. Save again to keep yours." in page
    counts = dict(CountLine.objects.values_list("variant__sku", "counted"))
    assert counts == {"MUG": 7, "CUP": 3}
    anna.post(address, {"text": "", "at": ""} | _first_form(response))
    assert CountLine.objects.get(variant__sku="MUG").counted == 9
    assert CountLine.objects.get(variant__sku="MUG").counted_by == "anna"


def _name(sku: str) -> str:
    return f"count-{StockItem.objects.get(variant__sku=sku).pk}"


def test_what_was_counted_since_the_comparison_is_shown_before_it_is_booked(
    anna: Client, ben: Client
) -> None:
    make_stock("MUG", 10)
    address = open_sheet(anna, skus="MUG")
    Sheet(anna, address).count(MUG=8)
    form = fields_of(anna.get(address.replace("change", "book"))) | {"reason": "x"}
    Sheet(ben, address).count(MUG=6)

    page = anna.post(address.replace("change", "book"), form)

    assert "Nothing was booked. Somebody has changed a count." in page.content.decode()
    assert on_hand("MUG") == 10
    anna.post(address.replace("change", "book"), fields_of(page))
    assert on_hand("MUG") == 6


def test_what_orders_hold_is_not_counted_away(anna: Client, order_service: OrderService) -> None:
    make_stock("MUG", 10)
    make_stock("CUP", 10)
    order_service.put(uuid.uuid4(), {"MUG": 6})
    address = open_sheet(anna, skus="MUG\nCUP")
    Sheet(anna, address).count(MUG=5, CUP=9)

    assert "Orders hold more than was counted of MUG." in book(anna, address)
    assert (on_hand("MUG"), on_hand("CUP")) == (10, 10)
    assert StockTake.objects.get().booked_at is None


def test_a_category_brings_all_below_it_and_unfinished_sheets_are_kept(anna: Client) -> None:
    top = make_category("top")
    make_product(sku="IN", category=make_category("below", parent=top))
    make_product(sku="OUT")
    address = open_sheet(anna, category=top.pk)
    Sheet(anna, address).count(IN=3)

    assert [line.variant.sku for line in CountLine.objects.all()] == ["IN"]
    listed = anna.get("/admin/stocktake/stocktake/").content.decode()
    assert "1 of 1" in listed
    assert "Open" in listed
    anna.post(address.replace("change", "discard"))
    assert not StockTake.objects.exists()
    assert on_hand("IN") == 10


def test_its_pages_have_nothing_inline_and_need_the_right(anna: Client, client: Client) -> None:
    make_stock("MUG", 10)
    address = open_sheet(anna, skus="MUG")
    Sheet(anna, address).count(MUG=8)
    pages = [address, *(address.replace("change", each) for each in ("book", "print"))]
    for each in pages:
        assert_nothing_inline(anna.get(each))
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_stockitem"))
    client.force_login(reader)
    assert [client.get(each).status_code for each in pages] == [200, 403, 200]
    assert "Save counts" not in client.get(address).content.decode()
    assert client.post(address, {"text": "MUG"}).status_code == 403
    assert client.get("/admin/stocktake/stocktake/add/").status_code == 403
    book(anna, address)
    assert "Booked by anna" in client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(chromium_path() is None, reason=NO_BROWSER)
def test_twelve_skus_are_counted_in_a_browser(live_server: Any, admin_client: Client) -> None:
    shelf = make_category("shelf")
    for n in range(12):
        make_product(f"Mug {n}", sku=f"MUG-{n:02}", category=shelf)

    with signed_in_browser(live_server.url, admin_client) as hand:
        page = hand.page
        page.goto("/admin/stocktake/stocktake/add/")
        page.get_by_label("Name").fill("Shelf 2")
        hand.choose("Category", "Shelf")
        hand.click("Open the sheet")
        page.get_by_label("Counted of MUG-00").fill("8")
        for n in range(1, 6):
            page.get_by_label(f"Counted of MUG-{n:02}").fill("10")
        page.get_by_label("Scan or type").click()
        for n in range(6, 12):  # as a scanner does
            page.keyboard.type(f"MUG-{n:02} {n}")
            page.keyboard.press("Enter")
        hand.click("Save counts")
        page.get_by_text("12 counts were saved.").wait_for()
        found = hand.sound(390)
        hand.click("Compare and book", "link")
        page.get_by_text("6 differ from the books, 6 are as expected.").wait_for()
        found += hand.sound(1280)
        page.get_by_label("Reason").fill("Yearly count")
        hand.click("Book 6 differences")
        page.get_by_text("6 differences booked.").wait_for()

    counts = [on_hand(f"MUG-{n:02}") for n in range(12)]
    assert counts == [8, 10, 10, 10, 10, 10, 6, 7, 8, 9, 10, 11]
    assert found == []
