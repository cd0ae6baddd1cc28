"""A connection that is lost at any statement of a call or a page: 503, and nothing counts twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from product_service.catalogue import cache
from product_service.inventory.models import StockMovement
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_product, make_stock
from tests.losing import each_loss

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("olga"))
    return client


def statuses(send: Callable[..., Any], *sent: Any) -> tuple[set[int], int]:
    """The statuses of a call while its connection is lost, and in the end."""
    *lost, last = [answer for _, answer in each_loss(partial(send, *sent))]
    for answer in lost:
        assert answer.headers["Retry-After"] == "2"
    return {answer.status_code for answer in lost}, last.status_code


def test_reading(client: Client) -> None:
    make_product("Shown")

    def read() -> Any:
        cache.bump_version()
        return client.get("/v1/products")

    assert statuses(read) == ({503}, 200)


def test_reservation(order_service: OrderService) -> None:
    item = make_stock("MUG", 10)
    order_id = uuid.uuid4()
    assert statuses(order_service.put, order_id, {"MUG": 3}) == ({503}, 200)
    assert statuses(order_service.commit, order_id) == ({503}, 200)
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (7, 0)


def test_pages_of_the_back_office(owner: Client) -> None:
    item = make_stock("MUG", 10)
    address = f"/admin/inventory/stockitem/{item.pk}/change/"
    assert statuses(owner.get, address) == ({503}, 200)
    assert statuses(owner.post, address, {"low_at": 8}) == ({503}, 302)
    assert StockMovement.objects.count() == 1
