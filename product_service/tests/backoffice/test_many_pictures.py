"""Several pictures chosen together, and what becomes of them while the form is not yet right."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chassis.tests.back_office import Opened, errors_of, fields_of
from product_service.catalogue.models import Image, Option, Product
from product_service.tests.backoffice.product_form import form, image_row, new_variant, save
from product_service.tests.factories import make_image, make_product, make_variant, picture_bytes

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/catalogue/product/upload/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(name: str = "a.png", colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes(colour, kind="PNG"))


def test_pictures_chosen_together_become_rows(admin_client: Client) -> None:
    product = make_product("Mug", is_published=False, published_at=None)
    old = make_image(product)
    page = Opened(admin_client, product)

    response = page.save(pictures=[png(), png("b.png", "blue")])

    assert response.status_code == 302, errors_of(response)
    first, *added = product.images.all()
    assert first == old
    assert [(image.position, image.alt, image.needs_alt) for image in added] == [
        (1, "Mug", True),
        (2, "Mug", True),
    ]
    assert len({image.file.name for image in product.images.all()}) == 3


def test_a_bad_file_is_told_by_its_name_and_the_others_are_kept(admin_client: Client) -> None:
    product = make_product(is_published=False, published_at=None)
    files = [png(), SimpleUploadedFile("logo.png", SVG), SimpleUploadedFile("big.png", b"\0" * 9)]

    response = Opened(admin_client, product).save(pictures=files)

    assert [re.sub("&.*?;", "'", error) for error in errors_of(response)] == [
        "“logo.png”: The file is not a JPEG, PNG or WebP picture.",
        "“big.png”: The file is not a JPEG, PNG or WebP picture.",
    ]
    fields = fields_of(response)
    assert fields["images-TOTAL_FORMS"] == ["1"]
    assert re.search(r'<img src="/media/[0-9a-f]{64}\.webp"', response.content.decode())
    assert save(admin_client, product, fields).status_code == 302
    assert product.images.count() == 1


def test_no_product_is_published_before_its_pictures_are_described(
    admin_client: Client, client: Client
) -> None:
    data = form(is_published="on", pictures=[png()]) | new_variant()

    response = save(admin_client, None, data)

    assert errors_of(response) == [
        "Say what the picture shows: the product is in the shop, or about to be."
    ]
    fields = fields_of(response)
    draft = {name: value for name, value in fields.items() if name != "is_published"}
    assert save(admin_client, None, draft).status_code == 302
    product = Product.objects.get()
    chosen = {"action": "publish", "_selected_action": [product.pk]}
    listed = admin_client.post("/admin/catalogue/product/", chosen, follow=True).content.decode()
    assert "1 product has a picture that nobody has described and stays hidden" in listed
    page = Opened(admin_client, product)
    assert page.fields["images-0-alt"] == [""]
    assert page.save(**{"images-0-alt": "A red mug", "is_published": "on"}).status_code == 302
    shown = client.get(f"/v1/products/{product.slug}").json()
    assert [image["alt"] for image in shown["images"]] == ["A red mug"]


def test_a_picture_of_an_options_value_is_that_of_its_variants(
    admin_client: Client, client: Client
) -> None:
    Option.objects.create(code="colour", name="Colour")
    product = make_product(sku="GREEN-S")
    product.variants.update(options={"colour": "Green", "size": "S"})
    make_variant(product, "GREEN-M", options={"colour": "Green", "size": "M"})
    make_variant(product, "BLACK-S", options={"colour": "Black", "size": "S"})
    front, black = make_image(product), make_image(product, colour="black")
    make_image(product, colour="green")
    page = Opened(admin_client, product)

    response = page.save(
        **{"images-1-for_value": "Colour: Black", "images-2-for_value": "Colour: Green"}
    )

    assert response.status_code == 302, errors_of(response)
    variants = client.get(f"/v1/products/{product.slug}").json()["variants"]
    alts = {each["sku"]: each["image"] and each["image"]["alt"] for each in variants}
    green = f"{product.name} in green"
    assert alts == {"GREEN-S": green, "GREEN-M": green, "BLACK-S": black.alt}
    lines = [{"sku": sku, "quantity": 1} for sku in alts]
    quoted = client.post("/v1/quotes", {"lines": lines}, content_type="application/json").json()
    assert {line["sku"]: line["image"]["alt"] for line in quoted["lines"]} == alts
    product.images.exclude(pk=front.pk).delete()
    quoted = client.post("/v1/quotes", {"lines": lines}, content_type="application/json").json()
    assert {line["image"]["alt"] for line in quoted["lines"]} == {front.alt}


def test_one_picture_sent_by_itself_is_kept_for_the_form(admin_client: Client) -> None:
    product = make_product(is_published=False, published_at=None)

    answer = admin_client.post(UPLOAD, {"picture": png()}).json()

    assert admin_client.get(answer["url"]).status_code == 200
    assert not Image.objects.exists()
    data = form(product) | image_row(stored=answer["stored"])
    assert save(admin_client, product, data).status_code == 302
    image = Image.objects.get()
    assert (image.file.url, image.width, image.height) == (answer["url"], 40, 30)


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({}, "No picture arrived. Choose it again."),
        (
            {"picture": SimpleUploadedFile("a.png", SVG)},
            "“a.png”: The file is not a JPEG, PNG or WebP picture.",
        ),
    ],
)
def test_what_is_no_picture_is_answered_with_the_reason(
    admin_client: Client, files: Any, error: str
) -> None:
    assert admin_client.post(UPLOAD, files).json() == {"error": error}


def test_only_who_may_change_products_sends_pictures(client: Client) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))

    assert client.post(UPLOAD, {"picture": png()}).status_code == 403


@pytest.mark.parametrize("age", [None, timedelta(hours=25)])
def test_a_forged_or_old_name_of_a_picture_is_refused(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, age: timedelta | None
) -> None:
    product = make_product()
    stored = admin_client.post(UPLOAD, {"picture": png()}).json()["stored"]
    if age is None:
        stored = stored[:-1] + ("A" if stored[-1] != "A" else "B")
    else:
        late = time.time() + age.total_seconds()
        monkeypatch.setattr("django.core.signing.time.time", lambda: late)

    errors = errors_of(save(admin_client, product, form(product) | image_row(stored=stored)))

    assert errors == ["This picture was kept for a day. Choose its file again."] * 1
    assert not Image.objects.exists()
