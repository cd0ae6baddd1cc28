"""Many prices changed at once: seen before, made exactly so, undone within a day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from product_service.bulk.models import BulkChange, PriceLine
from product_service.bulk.rules import PriceRule
from product_service.catalogue import cache
from product_service.catalogue.models import Price, Variant
from product_service.management.commands.sweep import turn
from product_service.tests.backoffice.choosing import choose, confirm, preview, price, undo
from product_service.tests.factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db
UP_5 = {"how": "up", "by": "5", "ending": ""}


@pytest.mark.parametrize(
    ("before", "way", "by", "ending", "after"),
    [
        ("19.90", "percent", "5", "", "20.90"),  # 20.895, half up
        ("19.90", "percent", "5", "99", "20.99"),
        ("19.90", "percent", "-5", "00", "19.00"),
        ("20.48", "amount", "0", "99", "19.99"),
        ("20.49", "amount", "0", "99", "20.99"),
        ("0.40", "amount", "0", "99", "0.99"),
        ("0.40", "amount", "0", "00", "1.00"),
        ("19.90", "amount", "-2.50", "", "17.40"),
        ("19.90", "amount", "-19.90", "", "0.00"),
    ],
)
def test_a_rule_makes_a_price(before: str, way: str, by: str, ending: str, after: str) -> None:
    assert PriceRule(way, Decimal(by), ending).new(Decimal(before)) == Decimal(after)


def test_a_price_without_decimals_stays_without(settings: Settings) -> None:
    settings.STORE_CURRENCY = "JPY"
    assert PriceRule("percent", Decimal(5)).new(Decimal(1990)) == Decimal(2090)


def test_prices_of_a_filter_are_seen_changed_and_undone(
    anna: Client, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = make_category("audio")
    mug, cup = make_product(category=audio, sku="MUG"), make_product(category=audio, sku="CUP")
    make_variant(cup, "CUP-2", price="30.00", prior="31.00", options={"colour": "Red"})
    make_product(sku="OTHER")
    versions: list[int] = []
    monkeypatch.setattr(cache, "bump_version", lambda: versions.append(1))

    page = choose(anna, "change_prices", [], f"?category__id__exact={audio.pk}")
    assert "2 products chosen" in page.content.decode()
    seen = preview(anna, page, **UP_5)

    text = seen.content.decode()
    assert "3 prices change." in text
    assert "1 struck-through price goes" in text
    assert "€19.90</td><td><b>€20.90</b>" in text
    assert price("MUG") == "19.90"
    assert not LogEntry.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        made = confirm(anna, seen, reason="New list")

    assert {sku: price(sku) for sku in ("MUG", "CUP", "CUP-2", "OTHER")} == {
        "MUG": "20.90",
        "CUP": "20.90",
        "CUP-2": "31.50",
        "OTHER": "19.90",
    }
    assert Price.objects.get(variant__sku="CUP-2").prior_amount is None
    assert versions == [1]
    entry = LogEntry.objects.get(object_id=str(mug.pk))
    assert entry.user.username == "anna"
    number = BulkChange.objects.get().pk
    told = f"Change prices {number} (MUG 19.90 → 20.90). Reason: New list"
    assert entry.get_change_message() == told
    assert LogEntry.objects.count() == 2

    page = undo(anna, made)

    assert "3 changes are undone." in page.content.decode()
    assert [price(sku) for sku in ("MUG", "CUP", "CUP-2")] == ["19.90", "19.90", "30.00"]
    assert Price.objects.get(variant__sku="CUP-2").prior_amount == Decimal("31.00")
    lines = PriceLine.objects.order_by("variant__sku").values_list(
        "variant__sku", "before", "after"
    )
    assert list(lines)[-1] == ("MUG", Decimal("19.90"), Decimal("20.90"))


def test_what_cannot_be_is_left_out_and_what_jumps_is_pointed_out(anna: Client) -> None:
    make_product(sku="CHEAP", price="5.00")
    make_product(sku="MIDDLE", price="18.00")
    make_product(sku="DEAR", price="90.00")
    Price.objects.filter(
        variant=make_variant(make_product(sku="X"), "BARE", options={"n": "2"})
    ).delete()
    Price.objects.filter(variant__sku="X").update(amount=90)

    page = choose(anna, "change_prices", [])
    text = preview(anna, page, how="take", by="10").content.decode()

    assert "3 prices change." in text
    assert "1 variant has no price and is left out." in text
    assert "1 price would fall to zero or below and stays as it is." in text
    assert "1 price changes by more than half" in text
    assert text.index(">MIDDLE<") < text.index(">DEAR<")


@pytest.mark.parametrize("what", ["price", "variant", "product"])
def test_a_change_since_the_preview_is_told_and_previewed_again(anna: Client, what: str) -> None:
    product = make_product(sku="MUG", price="10.00")
    seen = preview(anna, choose(anna, "change_prices", [product]), **UP_5)
    if what == "price":
        Price.objects.update(amount=Decimal("20.00"))
    elif what == "variant":
        make_variant(product, "MUG-2", price="20.00", options={"colour": "Red"})
    else:
        Variant.objects.filter(sku="MUG").update(product=make_product(), options={"n": "2"})

    again = confirm(anna, seen, reason="New list")

    assert "Nothing was changed yet" in again.content.decode()
    assert not LogEntry.objects.exists()
    if what != "product":
        assert "€20.00</td><td><b>€21.00</b>" in again.content.decode()
        confirm(anna, again, reason="New list")
        assert set(Price.objects.values_list("amount", flat=True)) <= {
            Decimal("21.00"),
            Decimal("10.50"),
        }


def test_an_older_preview_in_another_tab_is_not_what_is_made(anna: Client) -> None:
    page = choose(anna, "change_prices", [make_product(sku="MUG", price="10.00")])
    first = preview(anna, page, **UP_5)
    preview(anna, page, how="down", by="50")

    assert "Nothing was changed yet" in confirm(anna, first, reason="New list").content.decode()
    assert price("MUG") == "10.00"


def test_a_form_sent_twice_counts_once(anna: Client) -> None:
    page = choose(anna, "change_prices", [make_product(sku="MUG", price="10.00")])
    seen = preview(anna, page, **UP_5)
    for _ in range(2):
        confirm(anna, seen, reason="New list")
    assert price("MUG") == "10.50"


def test_undoing_leaves_what_was_changed_since(anna: Client, ben: Client) -> None:
    products = [make_product(sku="MUG", price="10.00"), make_product(sku="CUP", price="10.00")]
    made = confirm(anna, preview(anna, choose(anna, "change_prices", products), **UP_5), reason="x")
    Price.objects.filter(variant__sku="CUP").update(amount=Decimal("12.00"))

    opened = ben.get(made.request["PATH_INFO"]).content.decode()
    assert "1 of 2 cannot go back" in opened
    page = undo(ben, made).content.decode()

    assert "1 change is undone." in page
    assert "1 stays as it is, because it was changed since." in page
    assert "Undone by ben" in page
    assert (price("MUG"), price("CUP")) == ("10.00", "12.00")
    assert "Nothing was undone" in undo(ben, made).content.decode()


def test_after_a_day_nothing_is_undone(anna: Client) -> None:
    product = make_product(sku="MUG", price="10.00")
    made = confirm(
        anna, preview(anna, choose(anna, "change_prices", [product]), **UP_5), reason="x"
    )
    BulkChange.objects.update(made_at=F("made_at") - timedelta(hours=24))

    assert "Undo" not in anna.get(made.request["PATH_INFO"]).content.decode()
    assert "Nothing was undone" in undo(anna, made).content.decode()
    assert price("MUG") == "10.50"


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"how": "up", "by": "0", "ending": ""}, "Nothing would change."),
        ({"how": "down", "by": "100", "ending": ""}, "by less than 100 percent"),
        ({"how": "up", "by": "1001", "ending": ""}, "by 1000 percent at most"),
        ({"how": "up", "by": "-5", "ending": ""}, "greater than or equal to 0"),
        ({"how": "add", "by": "1.999", "ending": ""}, "can mean"),
        ({"how": "up", "by": "five", "ending": ""}, "Enter a number like"),
        ({"how": "up", "by": "5", "ending": "42"}, "Select a valid choice"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(
    anna: Client, rule: dict[str, str], error: str
) -> None:
    page = preview(anna, choose(anna, "change_prices", [make_product()]), **rule)
    assert error in page.content.decode()
    assert not PriceLine.objects.exists()


def test_a_change_of_prices_needs_a_reason(anna: Client) -> None:
    seen = preview(anna, choose(anna, "change_prices", [make_product(sku="MUG")]), **UP_5)
    assert "This field is required." in confirm(anna, seen).content.decode()
    assert price("MUG") == "19.90"


def test_only_who_may_change_products_decides(anna: Client, client: Client) -> None:
    made = confirm(
        anna, preview(anna, choose(anna, "change_prices", [make_product()]), **UP_5), reason="x"
    )
    open_ = BulkChange.objects.create(kind="prices", product_ids=[1], actor="anna")
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_product"))
    client.force_login(reader)

    page = client.get(made.request["PATH_INFO"])
    assert page.status_code == 200
    assert "Undo" not in page.content.decode()
    for address in (f"{open_.pk}/decide/", f"{made.context_data['change_row'].pk}/undo/"):
        assert client.post(f"/admin/bulk/bulkchange/{address}").status_code == 403
    assert "Change prices" not in client.get("/admin/catalogue/product/").content.decode()


def test_what_was_never_made_goes_after_a_day() -> None:
    for age in (timedelta(hours=25), timedelta(hours=23)):
        change = BulkChange.objects.create(kind="prices", product_ids=[1], actor="anna")
        BulkChange.objects.filter(pk=change.pk).update(asked_at=F("asked_at") - age)
    turn()
    assert BulkChange.objects.get() == change


def test_forty_prices_take_as_many_statements_as_two(anna: Client) -> None:
    def statements(number: int) -> int:
        products = [make_product(stock=0) for _ in range(number)]
        seen = preview(anna, choose(anna, "change_prices", products), **UP_5)
        with CaptureQueriesContext(connection) as captured:
            confirm(anna, seen, reason="x")
        return len(captured)

    assert statements(2) == statements(40)
