"""Staff read times in the shop's zone, which every page names; the API goes on in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.tests.clients import Shopper
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # the night in which summer time ends


@pytest.fixture
def owner(settings: Settings) -> Client:
    settings.TIME_ZONE = "Europe/Berlin"
    client = Client()
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    return client


def text(client: Client, page: str) -> str:
    return client.get(page).content.decode()


@pytest.mark.parametrize(
    ("hour", "written"),
    [
        (23, "25 Oct 2026, 01:30 CEST"),
        (24, "25 Oct 2026, 02:30 CEST"),
        (25, "25 Oct 2026, 02:30 CET"),
        (46, "25 Oct 2026, 23:30 CET"),
        (47, "26 Oct 2026, 00:30 CET"),
    ],
)
def test_lists_and_pages_are_in_the_shops_zone(owner: Client, hour: int, written: str) -> None:
    at = datetime(2026, 10, 24 + hour // 24, hour % 24, 30, tzinfo=UTC)
    order = make_order(State.CONFIRMED, moved_at=at, placed_at=at)
    delivery = confirmation_of(order)
    delivery.sent_at = at
    delivery.save()
    page = text(owner, reverse("admin:orders_order_change", args=[order.pk]))
    assert f"sent {written}, tries:" in page
    assert f"created {written}, works until" in page
    assert page.count(written) >= 4 + 1  # placed, link, mail, and the timeline
    assert written in text(owner, reverse("admin:orders_order_changelist"))
    assert written in text(owner, reverse("admin:orders_delivery_changelist"))


@pytest.mark.parametrize("page", ["admin:index", "admin:orders_order_changelist"])
def test_every_page_of_the_back_office_names_the_zone(owner: Client, page: str) -> None:
    assert "Times are in Europe/Berlin (CE" in text(owner, reverse(page))


def test_a_day_of_the_filter_is_one_of_the_shops_zone(owner: Client) -> None:
    make_order(number="TC-NEXTDAY0", placed_at=LATE)
    page = reverse("admin:orders_order_changelist")
    found = text(owner, f"{page}?placed_at__gte=2026-10-25+00:00:00%2B02:00")
    assert "TC-NEXTDAY0" in found


def test_the_api_and_the_database_stay_in_utc(owner: Client, ada: Shopper) -> None:
    order = make_order(placed_at=LATE)
    answer = ada.get(f"/v1/orders/{order.number}").json()
    assert answer["placed_at"] == "2026-10-24T23:30:00.000Z"
    assert {event["at"][-1] for event in answer["timeline"]} == {"Z"}
    with connection.cursor() as cursor:
        cursor.execute("SHOW timezone")
        assert cursor.fetchone() == ("UTC",)
    assert Order.objects.get().placed_at == LATE
