"""A connection that is lost at any statement of a call or a page: 503, and no second order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client

from order_service.orders.models import Order
from order_service.tests.clients import Shopper
from order_service.tests.factories import make_order
from order_service.tests.product_stub import State
from tests.losing import each_loss

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"
PROBLEM, PAGE = "application/problem+json", "text/html; charset=utf-8"
SIGN_IN = {"username": "olga", "password": PASSWORD}


@pytest.fixture
def owner(settings: Any) -> Client:
    redis.Redis.from_url(settings.CACHE_URL).flushdb()
    user = User.objects.create_superuser("olga", password=PASSWORD)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def statuses(kind: str, send: Callable[..., Any], *sent: Any, **named: Any) -> tuple[set[int], int]:
    """The statuses of a call while its connection is lost, and in the end."""
    *lost, last = [answer for _, answer in each_loss(partial(send, *sent, **named))]
    for answer in lost:
        assert (answer["Content-Type"], answer["Retry-After"]) == (kind, "2")
    return {answer.status_code for answer in lost}, last.status_code


def test_placing_an_order(ada: Shopper, shop: State) -> None:
    assert statuses(PROBLEM, ada.place, key="k" * 32) == ({503}, 202)
    assert Order.objects.count() == 1


def test_calls_about_an_order(ada: Shopper) -> None:
    path = f"/v1/orders/{make_order().number}"
    assert statuses(PROBLEM, ada.get, path) == ({503}, 200)
    assert statuses(PROBLEM, ada.post, f"{path}/cancel") == ({503}, 200)


def test_signing_in(owner: Client) -> None:
    owner.logout()
    assert statuses(PAGE, owner.post, "/admin/login/", SIGN_IN) == ({503}, 302)


@pytest.mark.parametrize("path", ["/admin/", "/admin/orders/order/"])
def test_pages_of_the_back_office(owner: Client, path: str) -> None:
    make_order()
    assert statuses(PAGE, owner.get, path) == ({503}, 200)
