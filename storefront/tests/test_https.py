"""A shop on https: every cookie is bound to its host, and nothing is lost on the way there."""

from __future__ import annotations

import time
from http.cookies import Morsel

import pytest
from django.core import signing
from django.core.handlers.base import BaseHandler
from django.test import Client, RequestFactory
from pytest_django import Settings

from chassis import conf
from chassis.environment import Environment
from storefront import guests
from storefront.cart.models import CartLine
from storefront.tests.shopper import SLUG, Shopper


def move_to_https(settings: Settings) -> None:
    """As the next start of the shop does, when PUBLIC_URL has got its s."""
    address = {"PUBLIC_URL": "https://testserver", "ALLOWED_HOSTS": "testserver"}
    for name, value in conf.security(Environment(address), "storefront").items():
        setattr(settings, name, value)


@pytest.fixture
def moved(shopper: Shopper, settings: Settings) -> Shopper:
    """Has put something into the cart and chosen a theme before the shop moved."""
    shopper.add("TK-1", 2)
    shopper.send("/theme/", theme="dark")
    move_to_https(settings)
    return shopper


def cookie(shopper: Shopper, name: str) -> Morsel[str]:
    return shopper.client.cookies[name]


def with_cookies(**values: str) -> Shopper:
    client = Client()
    for name, value in values.items():
        client.cookies[name] = value
    return Shopper(client)


def test_every_cookie_is_bound_to_the_host(shopper: Shopper, settings: Settings) -> None:
    move_to_https(settings)
    shopper.send("/theme/", theme="dark")
    shopper.add("TK-1", 2)
    shopper.send("/cart/change/", sku="TK-1", quantity=3)  # begins a session
    new = {"sku": "KB-1", "quantity": 1, "slug": SLUG}
    shopper.client.post("/cart/add/", new)  # leaves a notice for the next page
    names = ("basket", "csrf", "guest", "notices", "session", "theme")
    assert set(shopper.client.cookies) == {f"__Host-storefront_{name}" for name in names}
    for each in shopper.client.cookies.values():
        assert (each["path"], each["domain"]) == ("/", ""), each.key
        assert each["httponly"], each.key
        assert each["secure"], each.key


def test_the_cart_comes_along_and_the_old_cookie_goes(moved: Shopper) -> None:
    page = moved.open("/cart/")
    assert "Takt Keys" in page
    assert 'data-theme="dark"' in page
    own = cookie(moved, "__Host-storefront_guest")
    assert (own["secure"], own["path"], own["domain"]) == (True, "/", "")
    assert own["max-age"] == 90 * 24 * 3600
    assert cookie(moved, "storefront_guest")["max-age"] == 0
    del moved.client.cookies["storefront_guest"]
    assert "Takt Keys" in moved.open("/cart/")


def test_the_number_in_the_header_comes_along(moved: Shopper) -> None:
    assert ">, </span>2<span" in moved.open("/")


def test_a_guest_who_goes_on_buying_is_the_same_one(moved: Shopper) -> None:
    moved.add("KB-1")
    page = moved.open("/cart/")
    assert "Takt Keys" in page
    assert "Kolibri Buds" in page


def test_what_an_https_shop_signed_is_nobody_under_the_old_name(
    shopper: Shopper, settings: Settings
) -> None:
    """Or who can plant a cookie would have others type their address into his checkout."""
    move_to_https(settings)
    shopper.add("TK-1")
    own = cookie(shopper, "__Host-storefront_guest").value
    assert "Your cart is empty." in with_cookies(storefront_guest=own).open("/cart/")


def test_a_guest_of_the_release_before_goes_on(moved: Shopper) -> None:
    """It signed in the same way over http and https."""
    before = cookie(moved, "storefront_guest").value
    other = with_cookies(**{"__Host-storefront_guest": before})
    assert "Takt Keys" in other.open("/cart/")


def test_the_release_before_knows_the_guests_of_this_one(
    shopper: Shopper, settings: Settings
) -> None:
    """Both serve while one replaces the other, and after a step back."""
    shopper.add("TK-1")
    move_to_https(settings)
    shopper.open("/cart/")
    value = cookie(shopper, "__Host-storefront_guest").value
    subject = f"guest:{signing.loads(value, salt=guests.SALT)}"
    assert [line.sku for line in CartLine.objects.of(subject)] == ["TK-1"]


def test_the_shop_s_own_cookie_counts_before_a_planted_one(
    moved: Shopper, settings: Settings
) -> None:
    planted = cookie(moved, "storefront_guest").value
    victim = Shopper(Client())
    victim.add("KB-1")
    victim.client.cookies["storefront_guest"] = planted
    page = victim.open("/cart/")
    assert "Kolibri Buds" in page
    assert "Takt Keys" not in page


def test_the_old_cookie_ends_with_its_90_days(
    moved: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest_id = signing.loads(cookie(moved, "storefront_guest").value, salt=guests.SALT)
    long_ago = time.time() - 91 * 86_400
    monkeypatch.setattr(time, "time", lambda: long_ago)
    old = signing.dumps(guest_id, salt=guests.SALT)
    monkeypatch.undo()
    assert "Your cart is empty." in with_cookies(storefront_guest=old).open("/cart/")


def test_a_session_does_not_come_along(shopper: Shopper, settings: Settings) -> None:
    """Its id went over the wire for all to read."""
    shopper.client.post("/checkout/contact/", {"email": "ada@example.org"})
    shopper.add("TK-1", 2)
    shopper.client.post("/checkout/contact/", {"email": "ada@example.org"})
    assert "ada@example.org" in shopper.open("/checkout/contact/")
    move_to_https(settings)
    assert "ada@example.org" not in shopper.open("/checkout/contact/")


def test_what_belongs_to_https_is_on_a_page_that_was_first_seen_over_http(
    db: None, settings: Settings
) -> None:
    move_to_https(settings)
    answer = BaseHandler()
    answer.load_middleware()  # the tests' clients share one from before the move
    for is_secure in (False, True, True):  # the last is from ready bytes, too
        page = answer.get_response(RequestFactory().get("/", secure=is_secure))
        assert ("Strict-Transport-Security" in page.headers) is is_secure
