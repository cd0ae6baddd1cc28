"""The address of a product, its copy, and its preview before it is in the shop."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from chassis.tests.back_office import Opened
from product_service.catalogue.models import FormerSlug, Product
from product_service.tests.backoffice.product_form import form, new_variant, save
from product_service.tests.factories import make_image, make_product, make_value, make_variant

pytestmark = pytest.mark.django_db


def slug_at(client: Client, slug: str) -> str | None:
    answer = client.get(f"/v1/products/{slug}")
    return str(answer.json()["slug"]) if answer.status_code == 200 else None


def test_an_address_is_made_of_the_name(admin_client: Client) -> None:
    make_product(slug="mug")

    assert save(admin_client, None, form(name="Mug", slug="") | new_variant()).status_code == 302

    assert Product.objects.get(name="Mug").slug == "mug-2"


@pytest.mark.django_db(transaction=True)
def test_a_former_address_leads_to_the_product(admin_client: Client, client: Client) -> None:
    product = make_product(slug="old")
    assert slug_at(client, "new") is None

    for slug in ("new", "newest"):
        assert Opened(admin_client, product).save(slug=slug).status_code == 302

    assert {slug_at(client, slug) for slug in ("old", "new", "newest")} == {"newest"}
    assert Opened(admin_client, product).save(slug="old").status_code == 302
    assert slug_at(client, "newest") == "old"
    other = make_product(slug="other")
    Opened(admin_client, other).save(slug="new")
    assert slug_at(client, "new") == "new"
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {"newest", "other"}


def test_a_copy_is_a_draft_without_stock(admin_client: Client) -> None:
    product = make_product("Mug", slug="mug", sku="MUG-1", stock=7)
    green = make_variant(product, "MUG-2", prior="25.00", options={"colour": "Green"})
    image = make_image(product, variant=green)
    make_value(product, "volume", 300)
    again = f"/admin/catalogue/product/{product.pk}/duplicate/"

    page = admin_client.post(again, follow=True)
    admin_client.post(again)

    assert "Its stock is 0; change what differs." in page.content.decode()
    _, copy, second = Product.objects.order_by("pk")
    assert (copy.name, copy.slug, copy.is_published) == ("Mug (copy)", "mug-copy", False)
    assert second.slug == "mug-copy-2"
    variants = copy.variants.values_list("sku", "options", "price__amount", "price__prior_amount")
    assert list(variants) == [
        ("MUG-1-COPY", {}, Decimal("19.90"), None),
        ("MUG-2-COPY", {"colour": "Green"}, Decimal("19.90"), Decimal("25.00")),
    ]
    pictures = copy.images.values_list("file", "variant__sku", "alt")
    assert list(pictures) == [(image.file.name, "MUG-2-COPY", image.alt)]
    assert copy.values.get().number == 300
    assert not copy.variants.filter(stock_item__on_hand__gt=0).exists()
    assert admin_client.get(again).status_code == 405


def test_only_who_may_add_products_copies_one(client: Client) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    product = make_product()

    assert client.post(f"/admin/catalogue/product/{product.pk}/duplicate/").status_code == 403
    assert Product.objects.count() == 1
    assert "duplicate/" not in client.get(Opened(client, product).address).content.decode()


def test_a_draft_is_seen_by_a_link_that_ends(
    admin_client: Client, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product(is_published=False, published_at=None)
    page = admin_client.get(Opened(admin_client, product).address).content.decode()
    (token,) = re.findall(r"/preview/([^/\"]+)/", page)

    answer = client.get(f"/v1/previews/{token}")

    assert (answer.status_code, answer.json()["slug"]) == (200, product.slug)
    assert slug_at(client, product.slug) is None
    assert "View on site" not in page
    assert client.get(f"/v1/previews/{token}x").status_code == 404
    product.variants.update(is_active=False)
    assert client.get(f"/v1/previews/{token}").status_code == 404
    product.variants.update(is_active=True)
    late = time.time() + timedelta(hours=25).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: late)
    assert client.get(f"/v1/previews/{token}").status_code == 404
