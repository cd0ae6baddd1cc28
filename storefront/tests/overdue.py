"""Rows of a chosen age, for the tests of what is deleted and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from storefront.cart import actions
from storefront.cart.models import Cart
from storefront.checkout.models import Checkout
from storefront.clients.wanted import Wanted
from storefront.tests.shopper import EMAIL

SUBJECT = "guest:ada"
SEEN: dict[str, Any] = {
    "name": "Takt Keys",
    "options": {},
    "product_slug": None,
    "image": None,
    "unit_price": None,
}


def put(subject: str = SUBJECT, sku: str = "TK-1") -> None:
    actions.raise_line(subject=subject, wanted=Wanted(sku, 1), seen=SEEN, most=99, is_more=True)


def age_carts(**by: float) -> None:
    Cart.objects.update(touched_at=Now() - settings.CART_KEPT - timedelta(**by))


def sessions(count: int, expires: timedelta) -> None:
    Session.objects.bulk_create(
        Session(session_key=f"{expires} {number}", session_data="", expire_date=Now() + expires)
        for number in range(count)
    )


def make_session(age: timedelta) -> None:
    left = timedelta(seconds=settings.SESSION_COOKIE_AGE) - age
    Session.objects.create(session_key="ada", session_data="", expire_date=Now() + left)


def make_cart(age: timedelta) -> None:
    put()
    Cart.objects.update(touched_at=Now() - age)


def make_attempt(age: timedelta, **more: object) -> None:
    made = Checkout.objects.create(subject=SUBJECT, body={"email": EMAIL}, **more)
    Checkout.objects.filter(pk=made.pk).update(created_at=Now() - age)


def make_finished_attempt(age: timedelta) -> None:
    make_attempt(age, content="x", sent_at=Now() - age, order_number="TC-00000001")


def make_shown_attempt(age: timedelta) -> None:
    make_attempt(age, content="x")


def make_unanswered_attempt(age: timedelta) -> None:
    make_attempt(age, content="x", sent_at=Now() - age)
