"""Whatever an address of the back office asks for: a page or a refusal, never an error."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from chassis.tests.hostile_admin import broken_by
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_nothing_in_an_address_breaks_a_page(owner: Client, model: Any) -> None:
    make_order()
    assert broken_by(owner, admin.site._registry[model]) == []


def test_only_what_a_list_offers_can_be_asked_for(owner: Client) -> None:
    make_order()
    for asked in ("email__regex=(", "email__startswith=a", "payment_token=x", "lines__sku=x"):
        response = owner.get(f"/admin/orders/order/?{asked}")
        assert (response.status_code, response["Location"]) == (302, "/admin/orders/order/?e=1")
    for asked in (
        "state__exact=placed",
        "placed_at__gte=2026-01-01T00:00Z",
        "attention=yes",
        "q=TC-&p=1",
    ):
        assert owner.get(f"/admin/orders/order/?{asked}").status_code == 200


def test_a_long_search_is_refused_in_a_sentence(owner: Client) -> None:
    response = owner.get("/admin/orders/order/", {"q": "a " * 5000})
    assert "Ensure this value has at most 100 characters" in response.content.decode()
