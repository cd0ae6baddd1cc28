"""The back office of the catalogue, through its pages."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from chassis.tests.back_office import Opened, errors_of
from product_service.catalogue import actions
from product_service.catalogue.models import (
    Attribute,
    AttributeValue,
    Option,
    Price,
    Product,
    Variant,
)
from product_service.inventory.models import StockItem
from product_service.tests.backoffice.choosing import choose, confirm
from product_service.tests.backoffice.product_form import form, new_variant, save
from product_service.tests.factories import (
    make_category,
    make_product,
    make_value,
)
from tests.effort import third

pytestmark = pytest.mark.django_db


def test_a_new_product_is_saved_priced_and_published(admin_client: Client) -> None:
    Option.objects.create(code="colour", name="Colour")
    data = form(is_published="on") | new_variant(
        sku="new-1", options="Colour: Black", prior_amount="29.90"
    )

    response = save(admin_client, None, data)

    assert response.status_code == 302, errors_of(response)
    product = Product.objects.get()
    assert product.is_published
    assert product.published_at is not None
    variant = product.variants.get()
    assert (variant.sku, variant.options) == ("NEW-1", {"colour": "Black"})
    price = Price.objects.get(variant=variant)
    assert (price.amount, price.prior_amount) == (Decimal("19.90"), Decimal("29.90"))
    item = StockItem.objects.get(variant=variant)
    assert (item.on_hand, item.reserved) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_changed_price_is_seen_by_shoppers_at_once(admin_client: Client, client: Client) -> None:
    product = make_product(price="19.90")
    client.get(f"/v1/products/{product.slug}")

    response = save(admin_client, product, form(product, **{"variants-0-amount": "24.50"}))

    assert response.status_code == 302, errors_of(response)
    variant = client.get(f"/v1/products/{product.slug}").json()["variants"][0]
    assert variant["price"]["amount"] == "24.50"


WRONG = [
    ({"amount": "cheap"}, "Enter a number like 1299.50"),
    ({"amount": ""}, "This field is required."),
    ({"amount": "-1"}, "Ensure this value is greater than or equal to 0."),
    ({"amount": "1.9999"}, "Ensure that there are no more than 2 decimal places."),
    ({"amount": "NaN"}, "Enter a number like 1299.50"),
    ({"amount": "99999999999"}, "Ensure that there are no more than 10 digits before"),
    ({"prior_amount": "19.90"}, "The prior price must be higher than the price."),
    ({"sku": "no spaces"}, "Use A-Z, 0-9, dot, dash and underscore."),
    ({"amount": "10,000"}, "“10,000” can mean 10 or 10000. Type 10.00 or 10000."),
    ({"prior_amount": "1.000"}, "“1.000” can mean 1 or 1000. Type 1.00 or 1000."),
    ({"position": "1,000"}, "“1,000” can mean 1 or 1000. Type it without a dot or a comma."),
    ({"options": "Colour: Bl\u202eack"}, "change the direction of text"),
    ({"sku": "TAKEN"}, "“TAKEN” already belongs to <a href="),
    ({"options": "Size: M"}, "No option is called “Size”."),
    ({"options": "Colour"}, "Write options like"),
    ({"options": "Colour: Red / Colour: Green"}, "Write options like"),
    ({"gtin": "4006381333932"}, "This GTIN has a typing mistake"),
    ({"gtin": "12345"}, "A GTIN (EAN, UPC) has 8, 12, 13 or 14 digits."),
    ({"weight_grams": "-1"}, "Ensure this value is greater than or equal to 0."),
    ({"on_hand": "-1"}, "Ensure this value is greater than or equal to 0."),
]


@pytest.mark.parametrize(("changes", "error"), third(WRONG))
def test_a_wrong_variant_is_refused_with_the_reason(
    admin_client: Client, changes: dict[str, str], error: str
) -> None:
    Option.objects.create(code="colour", name="Colour")
    make_product(sku="TAKEN")

    response = save(admin_client, None, form() | new_variant(**changes))

    assert any(error in found for found in errors_of(response)), errors_of(response)
    assert Product.objects.count() == 1


def test_a_product_with_nothing_to_buy_is_not_published(admin_client: Client) -> None:
    data = form(is_published="on") | new_variant()
    del data["variants-0-is_active"]

    response = admin_client.post("/admin/catalogue/product/add/", data, follow=True)

    assert "is not published: no variant is sold at a price" in response.content.decode()
    assert not Product.objects.get().is_published


@pytest.mark.django_db(transaction=True)
def test_publishing_and_hiding_from_the_list(admin_client: Client, client: Client) -> None:
    draft = make_product("Draft", is_published=False, published_at=None)
    empty = make_product("Empty", is_published=False, published_at=None)
    Variant.objects.filter(product=empty).update(is_active=False)
    assert client.get("/v1/products").json()["count"] == 0

    def act(action: str) -> str:
        page = choose(admin_client, action, [draft, empty])
        made = confirm(admin_client, page)
        return f"{page.content.decode()}{made.content.decode()}"

    page = act("publish")
    assert "1 product will be in the shop." in page
    assert "1 product has no variant that is sold at a price and stays hidden." in page
    assert [item["name"] for item in client.get("/v1/products").json()["items"]] == ["Draft"]

    act("unpublish")
    assert client.get("/v1/products").json()["count"] == 0

    choose(admin_client, "remove", [draft, empty])
    assert Product.objects.filter(deleted_at__isnull=False).count() == 2
    assert Product.objects.count() == 2  # soft


def test_the_page_says_why_it_cannot_be_bought(admin_client: Client) -> None:
    product = make_product(stock=0, is_published=False)

    page = admin_client.get(f"/admin/catalogue/product/{product.pk}/change/").content.decode()

    found = re.findall(r'<b>(yes|no)</b> <a href="[^"]+">([^<]+)</a>', page)
    assert found == [
        ("no", "It is published"),
        ("yes", "It was not removed"),
        ("yes", "A variant is sold"),
        ("yes", "A sold variant has a price"),
        ("no", "Something is left"),
        ("no", "It has a picture"),
        ("yes", "Every picture is described"),
    ]
    listed = admin_client.get("/admin/catalogue/product/").content.decode()
    assert '<td class="field-can_be_bought">Not published</td>' in listed
    actions.publish(products=[product])
    listed = admin_client.get("/admin/catalogue/product/").content.decode()
    assert '<td class="field-can_be_bought">Sold out</td>' in listed


def value_row(attribute: Attribute, value: str) -> dict[str, Any]:
    return {"values-TOTAL_FORMS": 1, "values-0-attribute": attribute.pk, "values-0-value": value}


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        ("number", "30", (None, Decimal("30.0000"), None)),
        ("number", "2,5", (None, Decimal("2.5000"), None)),
        ("number", "1 250,5", (None, Decimal("1250.5000"), None)),
        ("boolean", "Yes", (None, None, True)),
        ("boolean", "no", (None, None, False)),
        ("text", "Matte", ("Matte", None, None)),
    ],
)
def test_a_value_is_kept_by_its_type(
    admin_client: Client, kind: str, text: str, stored: tuple[object, ...]
) -> None:
    product = make_product()
    attribute = Attribute.objects.create(code="it", name="It", kind=kind)

    response = save(admin_client, product, form(product) | value_row(attribute, text))

    assert response.status_code == 302, errors_of(response)
    row = AttributeValue.objects.get()
    assert (row.text, row.number, row.boolean) == stored


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "many"),
        ("number", "1.250"),
        ("number", "1e99"),
        ("number", "NaN"),
        ("boolean", "x"),
    ],
)
def test_a_value_of_another_type_is_refused(admin_client: Client, kind: str, text: str) -> None:
    product = make_product()
    attribute = Attribute.objects.create(code="it", name="It", kind=kind)

    errors = errors_of(save(admin_client, product, form(product) | value_row(attribute, text)))

    assert len(errors) == 1
    assert not AttributeValue.objects.exists()


def test_a_category_cannot_hang_below_itself(admin_client: Client) -> None:
    top = make_category("top")
    below = make_category("below", parent=top)
    data = {"name": "Top", "slug": "top", "position": 0, "parent": below.pk, "description": ""}

    errors = errors_of(admin_client.post(f"/admin/catalogue/category/{top.pk}/change/", data))

    assert errors == ["Choose a category that is not below this one."]


def test_staff_without_the_right_change_nothing(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client.force_login(reader)
    product = make_product()

    assert client.get(f"/admin/catalogue/product/{product.pk}/change/").status_code == 200
    assert save(client, product, form(product, name="Changed")).status_code == 403
    action = {"action": "unpublish", "_selected_action": [product.pk]}
    client.post("/admin/catalogue/product/", action)
    stock = f"/admin/inventory/stockitem/{product.variants.get().pk}/adjust/"
    assert client.get(stock).status_code == 403
    assert Product.objects.filter(name=product.name, is_published=True).exists()


@pytest.mark.parametrize("field", ["name", "brand", "keywords", "description"])
def test_texts_hold_no_invisible_characters(admin_client: Client, field: str) -> None:
    errors = errors_of(save(admin_client, None, form() | new_variant() | {field: "a\u202eb"}))
    assert errors == ["Leave out the invisible characters that change the direction of text."]


def test_a_name_of_nothing_visible_is_none(admin_client: Client) -> None:
    errors = errors_of(save(admin_client, None, form() | new_variant() | {"name": "\u200b\u2060"}))
    assert errors == ["This field is required."]


def test_a_price_is_read_as_it_is_written(admin_client: Client) -> None:
    save(admin_client, None, form() | new_variant(amount="1 299,50", prior_amount="1'499.00"))
    price = Price.objects.get()
    assert (price.amount, price.prior_amount) == (Decimal("1299.50"), Decimal("1499.00"))


def test_a_number_of_three_decimals_can_be_saved_as_it_is_shown(admin_client: Client) -> None:
    value = make_value(make_product(), "weight", Decimal("1.125"))
    page = Opened(admin_client, value.product)
    assert page.save(description="Better").status_code == 302
    value.refresh_from_db()
    assert value.number == Decimal("1.125")


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (2024, "text", ("2024", None, None)),
        ("2024", "number", (None, Decimal(2024), None)),
        ("yes", "boolean", (None, None, True)),
        (True, "text", ("yes", None, None)),
    ],
)
def test_a_value_goes_along_when_its_row_gets_another_attribute(
    admin_client: Client, before: object, kind: str, after: tuple[object, ...]
) -> None:
    product = make_product()
    make_value(product, "old", before)
    new = Attribute.objects.create(code="new", name="New", kind=kind)

    response = Opened(admin_client, product).save(**{"values-0-attribute": new.pk})

    assert response.status_code == 302, errors_of(response)
    row = AttributeValue.objects.get(attribute=new)
    assert (row.text, row.number, row.boolean) == after
