"""The tax class of a product, chosen in its form and told with each quote."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chassis.tests.back_office import errors_of
from product_service.catalogue.models import Product
from product_service.tests.backoffice.product_form import form, new_variant, save
from product_service.tests.factories import make_product

pytestmark = pytest.mark.django_db


def quoted(client: Client, sku: str) -> str:
    body = {"lines": [{"sku": sku, "quantity": 1}]}
    answer = client.post("/v1/quotes", body, content_type="application/json").json()
    tax_class: str = answer["lines"][0]["tax_class"]
    return tax_class


def test_the_form_offers_the_classes_and_says_what_they_do(admin_client: Client) -> None:
    product = make_product(tax_class="reduced")

    page = admin_client.get(f"/admin/catalogue/product/{product.pk}/change/").content.decode()

    select = re.search(r'<select name="tax_class".*?</select>', page, re.DOTALL)
    assert select is not None
    options = re.findall(r'<option value="(\w+)"( selected)?', select[0])
    assert options == [("standard", ""), ("reduced", " selected"), ("zero", "")]
    assert "Which tax rate its prices include." in page
    new = admin_client.get("/admin/catalogue/product/add/").content.decode()
    assert '<option value="standard" selected>' in new


def test_a_saved_class_is_quoted(admin_client: Client, client: Client) -> None:
    product = make_product(sku="BOOK-1")
    assert quoted(client, "BOOK-1") == "standard"

    response = save(admin_client, product, form(product, tax_class="reduced"))

    assert response.status_code == 302, errors_of(response)
    assert quoted(client, "BOOK-1") == "reduced"


def test_a_new_product_is_saved_with_its_class(admin_client: Client) -> None:
    save(admin_client, None, form(tax_class="zero") | new_variant())

    assert Product.objects.get().tax_class == "zero"


def test_another_class_is_refused(admin_client: Client) -> None:
    product = make_product()

    page = save(admin_client, product, form(product, tax_class="luxury")).content.decode()

    assert "Select a valid choice. luxury is not one of the available choices." in page
    product.refresh_from_db()
    assert product.tax_class == "standard"
