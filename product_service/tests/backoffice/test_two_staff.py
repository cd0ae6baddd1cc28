"""Two people who change the same thing at once: both changes are kept, or a clash is told."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chassis.tests.back_office import Opened, errors_of
from product_service.catalogue.models import Category, Image, Price, Product
from product_service.inventory.models import StockItem
from product_service.tests.at_once import run_at_once
from product_service.tests.backoffice.choosing import choose, confirm
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_stock,
    make_value,
    picture_bytes,
)
from tests.effort import third

pytestmark = pytest.mark.django_db


def test_a_text_saved_late_leaves_the_price_that_somebody_else_saved(
    anna: Client, ben: Client
) -> None:
    product = make_product(price="100.00")
    page = Opened(anna, product)
    assert Opened(ben, product).save(**{"variants-0-amount": "80.00"}).status_code == 302

    assert page.save(description="Better").status_code == 302

    product.refresh_from_db()
    assert product.description == "Better"
    assert Price.objects.get().amount == Decimal("80.00")


EDITED = [
    (make_category, {"position": "3"}, {"slug": "two"}),
    (lambda: make_stock("MUG", 5), {"low_at": "7"}, {}),
    (lambda: User.objects.create_user("carl"), {"is_staff": "on"}, {"user_permissions": ["1"]}),
    (lambda: Group.objects.create(name="Packers"), {"name": "Pickers"}, {"permissions": ["1"]}),
    (lambda: make_value(make_product(), "ram", 8).attribute, {"unit": "GB"}, {"name": "Memory"}),
    (make_category, {"name": "One"}, {"description": "Two"}),
    (lambda: User.objects.create_user("carl"), {"email": "c@example.org"}, {"first_name": "Carl"}),
]


@pytest.mark.parametrize(("make", "first", "second"), third(EDITED))
def test_different_fields_are_both_kept(
    anna: Client, ben: Client, make: Any, first: dict[str, Any], second: dict[str, Any]
) -> None:
    row = make()
    page, other = Opened(anna, row), Opened(ben, row)

    assert other.save(**first).status_code == 302
    assert page.save(**second).status_code == 302

    now = Opened(anna, row).fields
    for name, value in (first | second).items():
        assert now[name] == (value if isinstance(value, list) else [value])


def test_an_adjustment_meanwhile_survives_the_saving_of_the_form(anna: Client, ben: Client) -> None:
    item = make_stock("MUG", 5)
    page = Opened(anna, item)
    StockItem.objects.update(on_hand=2, version=9)

    with CaptureQueriesContext(connection) as statements:
        page.save(low_at="8")

    item.refresh_from_db()
    assert (item.on_hand, item.version, item.low_at) == (2, 9, 8)
    (written,) = [each["sql"] for each in statements if each["sql"].startswith("UPDATE")]
    assert written.startswith('UPDATE "stock_item" SET "low_at" = 8 WHERE')


def test_hiding_meanwhile_is_not_undone(anna: Client, ben: Client) -> None:
    product = make_product()
    page = Opened(anna, product)
    confirm(ben, choose(ben, "unpublish", [product]))

    assert page.save(description="Better").status_code == 302

    assert not Product.objects.get().is_published


def test_rows_that_somebody_else_added_or_deleted_stay_so(anna: Client, ben: Client) -> None:
    product = make_product()
    first, second = make_image(product, colour="red"), make_image(product, colour="blue")
    page, other = Opened(anna, product), Opened(ben, product)
    upload = SimpleUploadedFile("a.png", picture_bytes("green", kind="PNG"))
    new = {"images-TOTAL_FORMS": "3", "images-2-alt": "New", "images-2-position": "0"}
    assert (
        other.save(**{"images-0-DELETE": "on"}, **new, **{"images-2-upload": upload}).status_code
        == 302
    )

    response = page.save(**{"images-1-alt": "Blue one"})

    assert response.status_code == 302, errors_of(response)
    assert not Image.objects.filter(pk=first.pk).exists()
    second.refresh_from_db()
    assert second.alt == "Blue one"
    assert Image.objects.count() == 2


def test_a_changed_row_that_somebody_else_deleted_comes_back_as_typed(
    anna: Client, ben: Client
) -> None:
    product = make_product()
    value, kept = make_value(product, "ram", 8), make_value(product, "ssd", 256)
    page = Opened(anna, product)
    Opened(ben, product).save(**{"values-0-DELETE": "on"})

    response = page.save(**{"values-0-value": "16", "values-1-value": "512"})

    assert errors_of(response) == [
        "Somebody else deleted this row after you opened this page."
        " Save again to add it anew, or remove it."
    ]
    assert page.fields["values-1-value"] == ["16"]
    assert page.save().status_code == 302
    kept.refresh_from_db()
    assert kept.number == 512
    anew = product.values.get(attribute=value.attribute)
    assert anew.number == Decimal(16)
    assert anew.pk != value.pk


def test_a_list_is_no_form() -> None:
    """Fields edited in lists would be saved without what their page has seen."""
    assert [each for each in admin.site._registry.values() if each.list_editable] == []


def test_nothing_is_written_when_nothing_was_changed(anna: Client) -> None:
    category = make_category()
    page = Opened(anna, category)
    Category.objects.filter(pk=category.pk).update(name="Meanwhile")

    assert page.save().status_code == 302

    category.refresh_from_db()
    assert category.name == "Meanwhile"


@pytest.mark.django_db(transaction=True)
def test_two_categories_are_never_hung_below_each_other(anna: Client, ben: Client) -> None:
    one, two = make_category("one"), make_category("two")
    pages = ((Opened(anna, one), two), (Opened(ben, two), one))

    responses = run_at_once([partial(page.save, parent=other.pk) for page, other in pages])

    assert sorted(response.status_code for response in responses) == [200, 302]
    refused = next(response for response in responses if response.status_code == 200)
    assert errors_of(refused) == ["Choose a category that is not below this one."]


def test_categories_that_hang_below_each_other_hold_nothing_up(anna: Client) -> None:
    one = make_category("one")
    two = make_category("two", parent=one)
    product = make_product(category=two)
    Category.objects.filter(pk=one.pk).update(parent=two)

    for address in (f"products/{product.slug}", "products?category=one", "categories"):
        assert anna.get(f"/v1/{address}").status_code == 200
    assert Opened(anna, one).save(name="Still here").status_code == 200
    assert Opened(anna, one).save(parent="").status_code == 302


@pytest.mark.parametrize("what", ["product", "category"])
def test_what_somebody_puts_into_a_category_keeps_it_from_being_deleted(
    anna: Client, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    category = make_category()

    def meanwhile(*_: Any) -> None:
        if what == "product":
            make_product(category=category)
        else:
            make_category(parent=category)

    # What Django does last before it deletes.
    monkeypatch.setattr(admin.ModelAdmin, "log_deletions", meanwhile)
    page = anna.post(f"/admin/catalogue/category/{category.pk}/delete/", {"post": "yes"})
    messages = [str(each) for each in get_messages(page.wsgi_request)]

    assert messages == [
        "Nothing was changed. Something that this row belongs to, or that belongs to it, was added"
        " or deleted just now. Load the page again to see what is there."
    ]
    assert Category.objects.filter(pk=category.pk).exists()
