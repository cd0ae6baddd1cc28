"""Whatever an address of the back office asks for: a page or a refusal, never an error."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from chassis.tests.hostile_admin import broken_by
from product_service.tests.factories import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_nothing_in_an_address_breaks_a_page(owner: Client, model: Any) -> None:
    make_product()
    assert broken_by(owner, admin.site._registry[model]) == []


def test_only_what_a_list_offers_can_be_asked_for(owner: Client) -> None:
    make_product()
    movements = "/admin/inventory/stockmovement/"
    for asked in ("actor__regex=(", "stock_item__variant__sku=x", "version=1"):
        response = owner.get(f"{movements}?{asked}")
        assert (response.status_code, response["Location"]) == (302, f"{movements}?e=1")
    for asked in (
        "stock_item__variant__id__exact=1",
        "reason__exact=sale",
        "at__gte=2026-01-01T00:00Z",
    ):
        assert owner.get(f"{movements}?{asked}").status_code == 200
