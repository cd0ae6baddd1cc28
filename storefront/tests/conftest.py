"""The storefront with stand-ins for both services behind it, at the HTTP transport."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings
from django.test.client import ClientHandler
from pytest_django import Settings

from storefront import last_known
from storefront.catalogue import pictures
from storefront.clients import orders as orders_client
from storefront.clients import products as products_client
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.contract import breaches
from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub


@pytest.fixture(scope="session", autouse=True)
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The collected static files, with hashed names as in production."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


@pytest.fixture(scope="session", autouse=True)
def middleware(static_files: Path) -> Iterator[None]:
    """One chain for all clients, as for all browsers; each would look up every static file."""
    first = ClientHandler()
    first.load_middleware()
    chain = {"_middleware_chain": vars(first)["_middleware_chain"]}

    def share(handler: ClientHandler) -> None:
        vars(handler).update(chain)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", share)
        yield


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def orders(catalogue: Catalogue) -> Orders:
    return Orders(catalogue)


@pytest.fixture
def product_service(catalogue: Catalogue) -> Iterator[Stub]:
    stub = Stub(catalogue.answer)
    yield stub
    stub.close()


@pytest.fixture
def order_service(orders: Orders) -> Iterator[Stub]:
    stub = Stub(orders.answer)
    yield stub
    stub.close()


@pytest.fixture(autouse=True)
def services(product_service: Stub, order_service: Stub, settings: Settings) -> Iterator[None]:
    """Both services reachable, nothing remembered of earlier tests.

    Whatever was exchanged must be as the services describe it in their OpenAPI files.
    """
    settings.PRODUCT_SERVICE_URL = product_service.url
    settings.ORDER_SERVICE_URL = order_service.url
    _forget()
    yield
    _forget()
    for name, stub in (("product_service", product_service), ("order_service", order_service)):
        for request, reply in stub.exchanges:
            if request.path.startswith("/v1/"):
                assert breaches(name, request, reply) == ()


def _forget() -> None:
    products_client._http.cache_clear()
    orders_client._http.cache_clear()
    pictures.forget()
    last_known.forget()
    cache.clear()


@pytest.fixture
def shopper(db: None) -> Shopper:
    return Shopper(Client())


@pytest.fixture
def careful_shopper(db: None) -> Shopper:
    """Sends the CSRF token of each form, as a browser does."""
    return Shopper(Client(enforce_csrf_checks=True))
