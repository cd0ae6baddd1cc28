"""What was removed or made by mistake: it can be found, brought back, hidden or deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from product_service.catalogue import actions
from product_service.catalogue.models import Attribute, Option, Product, Variant
from product_service.tests.backoffice.choosing import choose, confirm
from product_service.tests.backoffice.product_form import form, new_variant, save
from product_service.tests.factories import make_category, make_product, make_value

pytestmark = pytest.mark.django_db
PRODUCTS = "/admin/catalogue/product/"
CATEGORIES = "/admin/catalogue/category/"


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def act(client: Client, where: str, action: str, row: Any) -> str:
    data = {"action": action, "_selected_action": [row.pk]}
    return client.post(where, data, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_removed_product_is_listed_and_restored_unpublished(
    admin_client: Client, client: Client
) -> None:
    product = make_product("Lamp", sku="LAMP-1")
    actions.remove(products=[product])
    assert "Lamp" not in page(admin_client, PRODUCTS)
    assert 'value="restore"' not in page(admin_client, PRODUCTS)
    removed = page(admin_client, f"{PRODUCTS}?visible=removed")
    assert "Lamp" in removed
    assert 'value="restore"' in removed

    answer = act(admin_client, f"{PRODUCTS}?visible=removed", "restore", product)

    assert "1 product is back, unpublished." in answer
    product.refresh_from_db()
    assert (product.deleted_at, product.is_published) == (None, False)
    confirm(admin_client, choose(admin_client, "publish", [product]))
    assert client.get("/v1/products/" + product.slug).status_code == 200


def test_a_removed_product_is_restored_on_its_own_page(admin_client: Client) -> None:
    product = make_product("Lamp")
    actions.remove(products=[product])
    assert "Save and restore" in page(admin_client, f"{PRODUCTS}{product.pk}/change/")

    save(admin_client, product, form(product, _restore="1"))

    product.refresh_from_db()
    assert product.deleted_at is None
    assert "Save and restore" not in page(admin_client, f"{PRODUCTS}{product.pk}/change/")


def errors(client: Client, address: str, data: dict[str, Any]) -> str:
    response = client.post(address, data)
    assert response.status_code == 200
    lists = re.findall(
        r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', response.content.decode(), re.S
    )
    return " ".join(lists)


def test_a_name_that_is_taken_leads_to_who_holds_it(admin_client: Client) -> None:
    gone = make_product("Old lamp", slug="lamp", sku="LAMP-1")
    off = make_product("Shade", sku="SHADE-1")
    Variant.objects.filter(product=off).update(is_active=False)
    actions.remove(products=[gone])
    hidden = make_category("sale", name="Sale")
    actions.hide_categories(categories=[hidden], is_hidden=True)
    Option.objects.create(code="size", name="Size")
    attribute = Attribute.objects.create(code="weight", name="Weight")

    said = errors(admin_client, f"{PRODUCTS}add/", form(slug="lamp") | new_variant(sku="lamp-1"))
    assert said.count(f'href="{PRODUCTS}{gone.pk}/change/">Old lamp</a>, which was removed') == 2
    said = errors(admin_client, f"{PRODUCTS}add/", form() | new_variant(sku="SHADE-1"))
    assert f'href="{PRODUCTS}{off.pk}/change/">Shade</a>, as a variant that is switched' in said
    said = errors(admin_client, f"{CATEGORIES}add/", {"name": "x", "slug": "sale", "position": 0})
    assert f'href="{CATEGORIES}{hidden.pk}/change/">Sale</a>, which is hidden' in said
    said = errors(
        admin_client,
        "/admin/catalogue/attribute/add/",
        {"name": "x", "code": "weight", "kind": "text", "position": 0},
    )
    assert f"attribute/{attribute.pk}/change/" in said
    said = errors(
        admin_client, "/admin/catalogue/option/add/", {"name": "x", "code": "size", "position": 0}
    )
    assert ">Size</a>" in said


def test_a_removed_product_is_not_published_and_the_reason_is_said(admin_client: Client) -> None:
    product = make_product("Lamp")
    actions.remove(products=[product])

    answer = save(admin_client, product, form(product, is_published="on"), follow=True)

    assert "Lamp is not published: it was removed." in answer.content.decode()
    assert not Product.objects.get().is_published


@pytest.mark.django_db(transaction=True)
def test_an_empty_category_can_be_deleted_and_others_hidden(
    admin_client: Client, client: Client
) -> None:
    full, empty = make_category("full"), make_category("empty")
    product = make_product(category=full)

    def slugs() -> list[str]:
        return [node["slug"] for node in client.get("/v1/categories").json()["items"]]

    assert slugs() == ["empty", "full"]
    admin_client.post(f"{CATEGORIES}{empty.pk}/delete/", {"post": "yes"})
    assert slugs() == ["full"]
    told = admin_client.post(f"{CATEGORIES}{full.pk}/delete/", {"post": "yes"}, follow=True)
    assert "“Full” is in use, so it cannot be deleted." in told.content.decode()
    assert "1 product</a>" in page(admin_client, f"{CATEGORIES}{full.pk}/change/")
    actions.remove(products=[product])
    shown = page(admin_client, f"{CATEGORIES}{full.pk}/change/")
    assert (
        f'{PRODUCTS}?category__id__exact={full.pk}&amp;visible=removed">1 removed product<' in shown
    )
    told = admin_client.post(f"{CATEGORIES}{full.pk}/delete/", {"post": "yes"}, follow=True)
    assert "“Full” is in use, so it cannot be deleted." in told.content.decode()

    assert "1 category is hidden." in act(admin_client, CATEGORIES, "hide", full)
    assert slugs() == []
    act(admin_client, CATEGORIES, "show", full)
    assert slugs() == ["full"]


def test_attributes_and_options_that_nothing_uses_can_be_deleted(admin_client: Client) -> None:
    product = make_product()
    Variant.objects.filter(product=product).update(options={"size": "M"})
    used = make_value(product, "weight", "1 kg").attribute
    Option.objects.create(code="size", name="Size")
    idle = Attribute.objects.create(code="idle", name="Idle")
    unused = Option.objects.create(code="colour", name="Colour")

    answers = [
        admin_client.post(
            f"/admin/catalogue/{row._meta.model_name}/{row.pk}/delete/", {"post": "y"}
        )
        for row in (used, Option.objects.get(code="size"), idle, unused)
    ]

    assert {answer.status_code for answer in answers} == {302}
    assert list(Attribute.objects.all()) == [used]
    assert [option.code for option in Option.objects.all()] == ["size"]
