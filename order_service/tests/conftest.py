"""Fixtures of every order_service test: a product_service over HTTP, and shoppers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from order_service.clients.product_service import product_service, staff_service
from order_service.clients.quotes import forget_quotes
from order_service.dispatch.due import QUEUES
from order_service.pricing.price_list import price_list
from order_service.shop.models import shop_settings
from order_service.tests.clients import Shopper
from order_service.tests.product_stub import ProductStub, State, running


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Hashing a password slowly is Django's promise, not ours to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _rows_are_read_anew() -> None:
    """A test rolls its rows back, and the process must not remember them or their prices."""
    forget_quotes()
    price_list.forget()
    shop_settings.forget()


@pytest.fixture(scope="session")
def product_server() -> Iterator[ProductStub]:
    with running() as server:
        yield server


@pytest.fixture
def shop(product_server: ProductStub, settings: Settings) -> Iterator[State]:
    """A product_service that sells KETTLE-1 at 19.90; change the state to make it misbehave."""
    product_server.state = State()
    settings.PRODUCT_SERVICE_URL = product_server.url
    _forget_clients()
    yield product_server.state
    _forget_clients()


@pytest.fixture
def shop_is_away(settings: Settings) -> Iterator[None]:
    """No product_service: port 9 refuses connections."""
    settings.PRODUCT_SERVICE_URL = "http://127.0.0.1:9"
    _forget_clients()
    yield
    _forget_clients()


def _forget_clients() -> None:
    product_service.cache_clear()
    staff_service.cache_clear()


@pytest.fixture
def ada() -> Shopper:
    return Shopper("guest:ada")


@pytest.fixture
def bob() -> Shopper:
    return Shopper("guest:bob")


@pytest.fixture
def queues() -> Iterator[redis.Redis]:
    """Redis, with empty queues."""
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.delete(*QUEUES)
    yield client
    client.delete(*QUEUES)
