"""What the tests of the back office have in common: who signs in, and what a page says."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.tests.factories import make_order


def staff(*permissions: str) -> Client:
    """Signed in as somebody with these permissions of app `orders`."""
    user = User.objects.create(username="sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def text_of(response: Any) -> str:
    content: str = response.content.decode()
    assert response.status_code == 200, content[:500]
    return content


PASTED = ("#TC-7Q2M9X4B", "tc 7q2m 9x4b", "7Q2M9X4B", "TC\u20137Q2M9X4B.", "Order TC-7Q2M9X4B")


def parked() -> Order:
    return make_order(
        State.RESERVED, attention_at=timezone.now(), failures=12, last_error="the bank is odd"
    )
