"""No cache between a visitor and the shop keeps a page: each shows a basket, a cart or an order."""

from __future__ import annotations

import pytest
from django.test import Client

from storefront.tests.routes import FIELDS, PATHS
from storefront.tests.shopper import Shopper

CATALOGUE = {
    "home",
    "category",
    "product",
    "products",
    "search",
}  # a browser may keep these and ask again
ERRORS = ("/nowhere/", "/p/none/", "/c/none/", "/search/?q=%00", "/media/x.webp")


def directives(response: object) -> set[str]:
    return {part.strip() for part in response["Cache-Control"].split(",")}  # type: ignore[index]


@pytest.fixture(params=["stranger", "shopper"])
def client(request: pytest.FixtureRequest, db: None) -> Client:
    """A browser that was never here, or one in the middle of everything."""
    client = Client()
    if request.param == "shopper":
        shopper = Shopper(client)
        shopper.buy()
        shopper.review("TK-1", 2)
    return client


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_every_route_says_who_may_keep_its_answer(client: Client, method: str) -> None:
    for name, path in PATHS.items():
        response = getattr(client, method)(path, FIELDS if method == "post" else None)
        if name == "picture" and response.status_code == 200:
            assert directives(response) == {"public", "max-age=31536000", "immutable"}
        elif name in CATALOGUE and response.status_code == 200:
            assert directives(response) == {"private", "no-cache"}, name
        else:
            assert directives(response) >= {"private", "no-store"}, name


@pytest.mark.parametrize("path", ERRORS)
def test_no_error_page_is_kept(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code >= 400
    assert directives(response) >= {"private", "no-store"}


def test_a_refused_form_and_a_bug_are_not_kept(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Client(enforce_csrf_checks=True).post("/cart/add/", FIELDS)
    assert (refused.status_code, directives(refused)) == (403, {"private", "no-store"})
    monkeypatch.setattr("storefront.cart.views.cart_page", None)
    broken = Client(raise_request_exception=False).get("/cart/")
    assert (broken.status_code, directives(broken)) == (500, {"private", "no-store"})
