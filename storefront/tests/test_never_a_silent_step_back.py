"""While a service restarts, no cart looks empty and nobody is sent back without a word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.core.cache import cache
from pytest_django import Settings

from storefront import last_known
from storefront.tests.failing import fail
from storefront.tests.shopper import ADDRESS, EMAIL, Page, Shopper
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub

STEPS = {
    "contact": {"email": EMAIL},
    "delivery": ADDRESS,
    "payment": {"payment_token": "tok_approve"},
}


@pytest.mark.parametrize(("step", "following"), [*pairwise([*STEPS, "review"])])
def test_step_goes_on_while_nobody_can_price_the_cart(
    shopper: Shopper, order_service: Stub, settings: Settings, step: str, following: str
) -> None:
    shopper.review()
    del shopper.client.cookies[settings.SESSION_COOKIE_NAME]
    for before in [*STEPS][: [*STEPS].index(step)]:
        shopper.client.post(f"/checkout/{before}/", STEPS[before])
    order_service.fault = "broken"
    page = shopper.send(f"/checkout/{step}/", **STEPS[step])
    assert (page.status, page.path) == (503, f"/checkout/{following}/")
    order_service.fault = ""
    assert shopper.open(page.path).status == 200


@pytest.mark.parametrize("step", ["delivery", "payment"])
def test_step_that_could_not_be_judged_says_so_when_the_service_is_back(
    shopper: Shopper, order_service: Stub, step: str
) -> None:
    shopper.review()
    last_known._copies.clear()
    cache.clear()
    order_service.fault = "broken"
    answer = shopper.client.post(f"/checkout/{step}/", STEPS[step])
    order_service.fault = ""
    page = shopper.open(answer["Location"])
    assert (page.status, page.path) == (200, f"/checkout/{step}/")
    assert "What you entered is saved. Please try again in a moment." in page
    assert shopper.submit(page, "", **STEPS[step]).path != page.path


@pytest.mark.parametrize("step", STEPS)
def test_step_whose_errors_cannot_be_shown_beside_prices_says_so(
    shopper: Shopper, order_service: Stub, step: str
) -> None:
    shopper.review()
    order_service.fault = "broken"
    answer = shopper.client.post(f"/checkout/{step}/", dict.fromkeys(STEPS[step], ""))
    order_service.fault = ""
    page = shopper.open(answer["Location"])
    assert (page.status, page.path) == (200, f"/checkout/{step}/")
    assert "What you entered is saved. Please try again in a moment." in page


def test_step_that_comes_too_early_says_which_one_is_missing(shopper: Shopper) -> None:
    shopper.add("TK-1")
    for step in ("delivery", "payment", "review"):
        page = shopper.open(f"/checkout/{step}/")
        assert page.path == "/checkout/contact/"
        assert "Please complete this step first: Contact." in page


def test_lost_session_is_no_silent_step_back(shopper: Shopper) -> None:
    shopper.review()
    del shopper.client.cookies["storefront_session"]
    page = shopper.send("/checkout/delivery/", **ADDRESS)
    assert page.path == "/checkout/contact/"
    assert "Please complete this step first: Contact." in page


def test_review_that_leads_to_the_cart_says_so_even_if_all_is_well_again(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    shopper.review()
    catalogue.variant("TK-1").available = 0
    answer = shopper.client.get("/checkout/review/")
    catalogue.variant("TK-1").available = 9
    page = shopper.open(answer["Location"])
    assert "Something in your cart changed while you were checking out. Please check it." in page


@pytest.mark.parametrize("fault", ["refused", "broken", "dead"])
def test_product_that_could_not_be_added_is_said_on_its_page_not_in_an_empty_cart(
    shopper: Shopper, product_service: Stub, settings: Settings, fault: str
) -> None:
    shopper.open("/p/takt-keys/")
    fail(product_service, fault, settings)
    page = shopper.send("/cart/add/", sku="TK-1", quantity=1, slug="takt-keys")
    assert page.path == "/p/takt-keys/"
    assert "nothing was added" in page
    assert "Your cart is empty" not in page


@pytest.mark.parametrize("service", ["product_service", "order_service"])
def test_cart_keeps_its_lines_and_its_count_while_a_service_is_away(
    shopper: Shopper, settings: Settings, request: pytest.FixtureRequest, service: str
) -> None:
    shopper.client.post("/cart/add/", {"sku": "TK-1", "quantity": 2, "slug": "takt-keys"})
    fail(request.getfixturevalue(service), "refused", settings)
    for path in ("/p/takt-keys/", "/cart/", "/checkout/"):
        page = Page(shopper.client.get(path, follow=True))
        assert "Your cart is empty" not in page
        assert '</span>2<span class="hidden"> items</span>' in page
    assert "Takt Keys" in shopper.open("/cart/")
