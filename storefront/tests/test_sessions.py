"""Sessions lie in Django's table in Django's form, so another release reads and writes them too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as Djangos
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.test import Client

from storefront import sessions
from storefront.tests.shopper import ADDRESS, EMAIL, Shopper


def key_of(shopper: Shopper) -> str:
    return str(shopper.client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_a_checkout_goes_on_in_the_session_of_another_release(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    other = Djangos(key_of(shopper))
    assert other["checkout"]["contact"] == {"email": EMAIL}
    other["checkout"] = {**other["checkout"], "contact": {"email": "eve@example.org"}}
    other.save()
    assert 'value="eve@example.org"' in shopper.open("/checkout/contact/")


def test_every_change_begins_the_time_of_a_session_anew(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    Session.objects.update(expire_date=Now() + timedelta(minutes=1))
    shopper.open("/checkout/delivery/")
    assert not Session.objects.filter(expire_date__gt=Now() + timedelta(days=1)).exists()
    shopper.send("/checkout/delivery/", **ADDRESS)
    assert Session.objects.filter(expire_date__gt=Now() + timedelta(days=13)).count() == 1


def test_an_expired_session_is_none(shopper: Shopper) -> None:
    shopper.review()
    Session.objects.update(expire_date=Now() - timedelta(seconds=1))
    page = shopper.send("/checkout/delivery/", **ADDRESS)
    assert page.path == "/checkout/contact/"


def test_a_session_that_was_deleted_meanwhile_is_not_made_again(db: None) -> None:
    store = sessions.SessionStore()
    store["a"] = 1
    store.save()
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_a_key_that_is_taken_stays_with_its_owner(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    keys = iter([key_of(shopper), "b" * 32])
    monkeypatch.setattr(sessions, "get_random_string", lambda *_: next(keys))
    other = Shopper(Client())
    other.add("TK-1")
    other.send("/checkout/contact/", email="eve@example.org")
    assert key_of(other) == "b" * 32
    assert f'value="{EMAIL}"' in shopper.open("/checkout/contact/")
