"""The back office of the catalogue, through its pages."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.text import slugify
from PIL import Image as Pillow

from chassis.tests.back_office import Opened, errors_of
from product_service.catalogue.models import (
    Attribute,
    AttributeValue,
    Image,
    Option,
    Price,
    Product,
    Variant,
)
from product_service.inventory.models import StockItem
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_value,
    make_variant,
    picture_bytes,
)
from tests.effort import third

pytestmark = pytest.mark.django_db

PREFIXES = {"variants": 0, "images": 0, "values": 0}


def form(product: Product | None = None, **changes: Any) -> dict[str, Any]:
    """What the browser would send for the product's page, with `changes`."""
    data: dict[str, Any] = {
        "name": product.name if product else "New one",
        "slug": product.slug if product else "new-one",
        "brand": "Auralis",
        "category": product.category_id if product else make_category().pk,
        "description": "",
        "keywords": "",
    }
    for prefix in PREFIXES:
        data[f"{prefix}-INITIAL_FORMS"] = 0
        data[f"{prefix}-TOTAL_FORMS"] = 0
    if product:
        data |= variant_rows(*product.variants.all())
        if product.is_published:
            data["is_published"] = "on"
    return data | changes


def variant_rows(*variants: Variant) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "variants-INITIAL_FORMS": len(variants),
        "variants-TOTAL_FORMS": len(variants),
    }
    for n, variant in enumerate(variants):
        price = variant.price
        rows |= {
            f"variants-{n}-id": variant.pk,
            f"variants-{n}-product": variant.product_id,
            f"variants-{n}-sku": variant.sku,
            f"variants-{n}-options": "{}",
            f"variants-{n}-amount": str(price.amount),
            f"variants-{n}-prior_amount": price.prior_amount or "",
            f"variants-{n}-position": n,
            f"variants-{n}-is_active": "on",
        }
    return rows


def new_variant(**changes: str) -> dict[str, Any]:
    row = {"sku": "NEW-1", "options": "{}", "amount": "19.90", "position": "0", "is_active": "on"}
    fields = {f"variants-0-{name}": value for name, value in (row | changes).items()}
    return {"variants-TOTAL_FORMS": 1, **fields}


def save(
    admin_client: Client, product: Product | None, data: dict[str, Any], *, follow: bool = False
) -> Any:
    where = f"{product.pk}/change" if product else "add"
    return admin_client.post(f"/admin/catalogue/product/{where}/", data, follow=follow)


def test_a_new_product_is_saved_priced_and_published(admin_client: Client) -> None:
    Option.objects.create(code="colour", name="Colour")
    data = form(is_published="on") | new_variant(
        sku="new-1", options='{"colour": "Black"}', prior_amount="29.90"
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
    ({"options": '{"colour": "Bl\u202eack"}'}, "change the direction of text"),
    ({"sku": "TAKEN"}, "“TAKEN” already belongs to <a href="),
    ({"options": '{"size": "M"}'}, "No option is called size."),
    ({"options": '{"colour": 1}'}, "Write options like"),
    ({"options": '["colour"]'}, "Write options like"),
    ({"options": "{"}, "Enter a valid JSON."),
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
        data = {"action": action, "_selected_action": [draft.pk, empty.pk]}
        page = admin_client.post("/admin/catalogue/product/", data, follow=True)
        return page.content.decode()

    page = act("publish")
    assert "1 product is in the shop." in page
    assert "Empty is not published" in page
    assert [item["name"] for item in client.get("/v1/products").json()["items"]] == ["Draft"]

    act("unpublish")
    assert client.get("/v1/products").json()["count"] == 0

    act("remove")
    assert Product.objects.filter(deleted_at__isnull=False).count() == 2
    assert Product.objects.count() == 2  # soft


def test_search_by_sku_and_name_and_the_filters(admin_client: Client) -> None:
    low = make_product("Low one", sku="LOW-1", stock=2)
    make_product("Plenty", sku="MANY-1", stock=50)
    make_product("Sold out one", stock=0)
    StockItem.objects.get_or_create(variant=Variant.objects.get(product__name="Sold out one"))
    make_product("Draft one", is_published=False, stock=50)
    make_product("Gone one", deleted_at=timezone.now(), stock=50)
    make_image(low)

    def listed(query: str) -> list[str]:
        page = admin_client.get(f"/admin/catalogue/product/?{query}").content.decode()
        return re.findall(r'<th class="field-name"><a[^>]*>([^<]*)</a>', page)

    assert listed("") == ["Draft one", "Low one", "Plenty", "Sold out one"]
    assert listed("q=many-1") == ["Plenty"]
    assert listed("q=plen") == ["Plenty"]
    assert listed("stock=low") == ["Low one"]
    assert listed("stock=out") == ["Sold out one"]
    assert listed("visible=unpublished") == ["Draft one"]
    assert listed("visible=published") == ["Low one", "Plenty", "Sold out one"]
    assert listed("visible=no-image") == ["Draft one", "Plenty", "Sold out one"]
    assert listed("visible=removed") == ["Gone one"]


def test_the_list_needs_as_many_statements_for_forty_products_as_for_four(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    def statements() -> int:
        with django_assert_max_num_queries(12) as captured:
            admin_client.get("/admin/catalogue/product/")
        return len(captured)

    for _ in range(4):
        make_product()
    few = statements()
    for n in range(36):
        make_variant(make_product(), f"SECOND-{n}", options={"n": str(n)})

    assert statements() == few


def test_the_page_says_why_it_cannot_be_bought(admin_client: Client) -> None:
    product = make_product(stock=0, is_published=False)

    page = admin_client.get(f"/admin/catalogue/product/{product.pk}/change/").content.decode()

    rules = dict(re.findall(r'<li class="rule-\w+"><b>(\w+)</b> ([^<]+)</li>', page)[::-1])
    found = re.findall(r"<b>(yes|no)</b> ([^<]+)</li>", page)
    assert rules
    assert found == [
        ("no", "It is published"),
        ("yes", "It was not removed"),
        ("yes", "A variant is sold"),
        ("yes", "A sold variant has a price"),
        ("no", "Something is left"),
        ("no", "It has a picture"),
    ]


def image_row(**fields: Any) -> dict[str, Any]:
    row = {"alt": "Front", "position": 0, **fields}
    return {"images-TOTAL_FORMS": 1, **{f"images-0-{name}": value for name, value in row.items()}}


def test_an_uploaded_picture_is_made_anew_and_served(admin_client: Client, client: Client) -> None:
    product = make_product()
    data = picture_bytes("blue", (2400, 1200), "JPEG")
    upload = SimpleUploadedFile("holiday.jpg", data, content_type="image/jpeg")

    response = save(admin_client, product, form(product) | image_row(upload=upload))

    assert response.status_code == 302, errors_of(response)
    image = Image.objects.get()
    assert (image.width, image.height, image.alt) == (1600, 800, "Front")
    served = client.get(image.file.url)
    assert served.status_code == 200
    assert served.content[:4] == b"RIFF"
    assert served.content[8:12] == b"WEBP"
    card = client.get("/v1/products").json()["items"][0]
    assert card["image"]["url"] == image.file.url


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a JPEG, PNG or WebP picture"),
        (b"GIF89a" + b"\0" * 50, "is not a JPEG, PNG or WebP picture"),
        (picture_bytes(kind="PNG")[:60], "is damaged"),
        (b"\xff\xd8\xff" + b"\0" * 500, "is damaged"),
        (b"RIFF\0\0\0\0AVI LIST" + b"\0" * 50, "is damaged"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(
    admin_client: Client, upload: bytes, error: str
) -> None:
    product = make_product()
    row = image_row(upload=SimpleUploadedFile("a.png", upload))

    errors = errors_of(save(admin_client, product, form(product) | row))

    assert len(errors) == 1
    assert error in errors[0]
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("row", "error"),
    [({"alt": ""}, "This field is required."), ({"upload": ""}, "Choose a picture.")],
)
def test_a_picture_needs_a_file_and_a_text(
    admin_client: Client, row: dict[str, Any], error: str
) -> None:
    product = make_product()
    upload = SimpleUploadedFile("a.png", picture_bytes(kind="PNG"))

    response = save(admin_client, product, form(product) | image_row(**({"upload": upload} | row)))

    assert errors_of(response) == [error]


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


PAGES = [
    "",
    "catalogue/product/",
    "catalogue/product/add/",
    "catalogue/category/",
    "catalogue/category/add/",
    "catalogue/attribute/",
    "catalogue/attribute/add/",
    "catalogue/option/",
    "inventory/stockitem/",
    "inventory/stockmovement/",
    "inventory/reservation/",
    "auth/user/",
    "password_change/",
]


@pytest.mark.parametrize("page", third(PAGES))
def test_no_page_has_inline_script_or_style(admin_client: Client, page: str) -> None:
    product = make_product()
    make_image(product)
    make_value(product, "battery", 30)

    response = admin_client.get(f"/admin/{page}")

    assert_nothing_inline(response)


def test_the_pages_of_rows_have_nothing_inline(admin_client: Client) -> None:
    product = make_product()
    make_image(product)
    variant = product.variants.get()
    for page in (
        f"catalogue/product/{product.pk}/change/",
        f"catalogue/product/{product.pk}/history/",
        f"catalogue/category/{product.category_id}/change/",
        f"inventory/stockitem/{variant.pk}/change/",
        f"inventory/stockitem/{variant.pk}/adjust/",
    ):
        assert_nothing_inline(admin_client.get(f"/admin/{page}"))
    assert_nothing_inline(Client().get("/admin/login/"))


def assert_nothing_inline(response: Any) -> None:
    page = response.content.decode()
    assert response.status_code == 200
    assert "admin_skin/admin.css" in page
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script>|javascript:", page) == []
    for tag in re.findall(r"<script[^>]*>", page):
        assert " src=" in tag or 'type="application/json"' in tag
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


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


@pytest.mark.parametrize("where", ["add/", "{}/change/"])
def test_nothing_is_decoded_for_staff_without_the_right(
    client: Client, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    decoded: list[Any] = []
    monkeypatch.setattr("product_service.backoffice.products.prepare", decoded.append)
    product = make_product()
    address = f"/admin/catalogue/product/{where.format(product.pk)}"
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))

    def send() -> int:
        picture = SimpleUploadedFile("a.png", picture_bytes(kind="PNG"))
        return client.post(address, {"images-0-upload": picture}).status_code

    client.force_login(reader)
    assert (send(), decoded) == (403, [])
    client.force_login(User.objects.create_superuser("writer"))
    assert (send(), len(decoded)) == (200, 1)


@pytest.mark.parametrize(
    ("side", "error"),
    [(30_000, "The picture has far too many pixels."), (7_000, "at most 16 million can be taken")],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(
    admin_client: Client, side: int, error: str
) -> None:
    """A PNG of a few bytes whose header promises a wall of pixels."""
    product = make_product()
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0" * 4
    row = image_row(upload=SimpleUploadedFile("bomb.png", bomb))

    errors = errors_of(save(admin_client, product, form(product) | row))

    assert len(errors) == 1
    assert error in errors[0]


def test_a_file_over_ten_megabytes_is_refused(admin_client: Client) -> None:
    product = make_product()
    large = picture_bytes(kind="PNG") + b"\0" * (10 * 1024 * 1024)
    row = image_row(upload=SimpleUploadedFile("large.png", large))

    errors = errors_of(save(admin_client, product, form(product) | row))

    assert errors == ["The file is larger than 10 MB."]


def test_nothing_but_pixels_survives(admin_client: Client) -> None:
    """A JPEG lying on its side, with EXIF and a script at its end."""
    product = make_product()
    exif = Pillow.Exif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees
    exif[0x010E] = "secret place"
    buffer = io.BytesIO()
    Pillow.new("RGB", (60, 40), "red").save(buffer, "JPEG", exif=exif)
    upload = SimpleUploadedFile("a.jpg", buffer.getvalue() + b"<script>alert(1)</script>")

    save(admin_client, product, form(product) | image_row(upload=upload))

    image = Image.objects.get()
    assert (image.width, image.height) == (40, 60)
    data = image.file.read()
    assert b"secret" not in data
    assert b"script" not in data
    assert not Pillow.open(io.BytesIO(data)).getexif()


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


NAMES = ["Apfel", "Äpfel 2", "Phone 9", "Phone 10", "Zebra"]
LISTS: dict[str, Callable[[str], Any]] = {
    "catalogue/product": make_product,
    "catalogue/category": lambda name: make_category(name=name),
    "catalogue/attribute": lambda name: Attribute.objects.create(code=slugify(name), name=name),
    "catalogue/option": lambda name: Option.objects.create(code=slugify(name), name=name),
    "inventory/stockitem": make_product,
}


def list_of(client: Client, where: str, **query: str) -> Any:
    response: Any = client.get(f"/admin/{where}/", query)
    return response.context_data["cl"]


@pytest.mark.parametrize("where", LISTS)
def test_a_column_of_names_sorts_as_people_expect(admin_client: Client, where: str) -> None:
    for name in reversed(NAMES):
        LISTS[where](name)
    column = "product" if where == "inventory/stockitem" else "name"
    place = list_of(admin_client, where).list_display.index(column)

    for order, expected in ((f"{place}", NAMES), (f"-{place}", NAMES[::-1])):
        rows = list_of(admin_client, where, o=order).result_list
        names = [str(row.variant.product if column == "product" else row) for row in rows]
        assert [name for name in names if name in NAMES] == expected


@pytest.mark.parametrize("address", ["?slug__regex=[", "?o=1&slug__regex=["])
def test_lists_of_names_take_no_other_filter(admin_client: Client, address: str) -> None:
    response = admin_client.get(f"/admin/catalogue/product/{address}", follow=True)

    assert "This list cannot be filtered like that" in response.content.decode()


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
