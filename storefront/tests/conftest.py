"""The storefront with stand-ins for both services behind it, at the HTTP transport."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings
from django.test.client import ClientHandler
from pytest_django import Settings

from chassis.http import Answer, ServiceClient
from storefront import catalogue_version, last_known
from storefront.cart.models import Cart, CartLine
from storefront.catalogue import pictures
from storefront.checkout.models import Checkout
from storefront.clients import calls
from storefront.ready import shelves
from storefront.tests.order_page import STATUS
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.contract import breaches
from storefront.tests.stubs.orders import Orders
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import PATIENCE_SECONDS, Stub


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


@pytest.fixture(autouse=True)
def deadlines(
    product_service: Stub, order_service: Stub, monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    """The deadlines in seconds of the calls to a service that is slow.

    Other calls may take their time: an answer on a busy machine is no slow service.
    """
    of_slow: list[float] = []
    stubs = {"product_service": product_service, "order_service": order_service}
    call = ServiceClient.call

    def patient(
        client: ServiceClient, method: str, path: str, *, deadline_seconds: float, **sent: Any
    ) -> Answer:
        if stubs[client.upstream].fault == "slow":
            of_slow.append(deadline_seconds)
        else:
            deadline_seconds = PATIENCE_SECONDS
        return call(client, method, path, deadline_seconds=deadline_seconds, **sent)

    monkeypatch.setattr(ServiceClient, "call", patient)
    return of_slow


@pytest.fixture(autouse=True)
def _every_page_asks_for_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a second passed between any two pages, so that each shows what is true now."""
    monkeypatch.setattr(catalogue_version, "ASK_SECONDS", 0.0)


def _forget() -> None:
    calls.client.cache_clear()
    pictures._kept.clear()
    last_known._copies.clear()
    shelves.empty()
    catalogue_version.forget()
    cache.clear()


@pytest.fixture
def shopper(db: None) -> Shopper:
    return Shopper(Client())


@pytest.fixture
def careful_shopper(db: None) -> Shopper:
    """Sends the CSRF token of each form, as a browser does."""
    return Shopper(Client(enforce_csrf_checks=True))


@pytest.fixture(scope="session")
def bought() -> dict[str, Any]:
    """What a purchase leaves behind, once there was one."""
    return {}


@pytest.fixture
def ordered(
    shopper: Shopper, orders: Orders, order_service: Stub, bought: dict[str, Any]
) -> Shopper:
    """A shopper with one order, just placed.

    A purchase is ten requests, so there is one a session. Every test takes over what it left, the
    one that it was made for as well.
    """
    if not bought:
        bought.update(_buy(orders))
        order_service.requests.clear()
        _forget()
    vars(orders).update(copy.deepcopy(bought["orders"]))
    shopper.client.cookies = copy.deepcopy(bought["cookies"])
    for row in bought["rows"]:
        type(row)._default_manager.bulk_create([copy.copy(row)])
    return shopper


def _buy(orders: Orders) -> dict[str, Any]:
    shopper = Shopper(Client())
    assert shopper.buy().path == STATUS
    models = (Session, Cart, CartLine, Checkout)
    rows = [row for model in models for row in model._default_manager.all()]
    for model in reversed(models):
        model._default_manager.all().delete()
    names = ("by_number", "subjects", "keys", "_numbers")
    left = {name: copy.deepcopy(vars(orders)[name]) for name in names}
    return {"orders": left, "cookies": copy.deepcopy(shopper.client.cookies), "rows": rows}
