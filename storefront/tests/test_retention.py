"""What the storefront knows of a shopper is deleted when its time is over, and not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model, Q
from django.db.models.functions import Now

from storefront.cart.models import Cart, CartLine
from storefront.checkout.models import Checkout
from storefront.retention import RETENTION
from storefront.tests.overdue import (
    age_carts,
    make_attempt,
    make_cart,
    make_finished_attempt,
    make_session,
    make_shown_attempt,
    make_unanswered_attempt,
)
from storefront.tests.shopper import ADDRESS, EMAIL, Page, Shopper


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "make", "kept"),
    [
        (Session, make_session, timedelta(days=14)),
        (Cart, make_cart, timedelta(days=90)),
        (CartLine, make_cart, timedelta(days=90)),
        (Checkout, make_attempt, timedelta(days=7)),
        (Checkout, make_shown_attempt, timedelta(days=7)),
        (Checkout, make_finished_attempt, timedelta(days=7)),
        (Checkout, make_unanswered_attempt, timedelta(days=90)),
    ],
)
def test_a_row_stays_until_its_time_is_over(
    model: type[Model], make: Callable[[timedelta], None], kept: timedelta
) -> None:
    make(kept - timedelta(minutes=1))
    RETENTION.sweep()
    assert model._default_manager.count() == 1
    model._default_manager.all().delete()
    Cart.objects.all().delete()
    make(kept + timedelta(minutes=1))
    RETENTION.sweep()
    assert model._default_manager.count() == 0


def rows_that_say(word: str) -> int:
    """In any table of the database."""
    with connection.cursor() as cursor:
        counts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{word}%"])
            counts.append(cursor.fetchone()[0])
    return sum(counts)


def test_of_a_shopper_who_left_at_the_review_nothing_is_left(shopper: Shopper) -> None:
    shopper.review()
    assert rows_that_say(EMAIL) > 0
    assert rows_that_say(ADDRESS["postal_code"]) > 0
    subject = Cart.objects.get().subject
    Session.objects.update(expire_date=Now() - timedelta(seconds=1))
    Checkout.objects.update(created_at=Now() - settings.CHECKOUT_KEPT - timedelta(seconds=1))
    age_carts(seconds=1)
    RETENTION.sweep()
    assert not Session.objects.exists()  # what was typed lies packed in it
    assert [rows_that_say(word) for word in (EMAIL, ADDRESS["postal_code"], subject)] == [0, 0, 0]


def test_every_table_is_swept_or_kept_for_a_reason() -> None:
    """A new model needs a rule in storefront/retention.py, or a line that says why it may stay."""
    swept = {rule.model for rule in RETENTION.rules}
    assert swept | RETENTION.kept.keys() == set(apps.get_models())
    assert swept & RETENTION.kept.keys() == set()
    assert all(RETENTION.kept.values())


def test_every_rule_has_an_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    for rule in RETENTION.rules:
        by_time = replace(rule, where=Q()).overdue()  # the planner may like another index more
        plan = by_time.order_by(rule.since)[:500].explain()
        assert "Index Scan using" in plan, plan
        assert "Sort" not in plan, plan


CHANGES: dict[str, Callable[[Shopper, Page], object]] = {
    "more": lambda shopper, review: shopper.add("TK-1"),
    "another": lambda shopper, review: shopper.add("KB-1"),
    "quantity": lambda shopper, review: shopper.send("/cart/change/", sku="TK-1", quantity=2),
    "removal": lambda shopper, review: shopper.send("/cart/remove/", sku="TK-1"),
    "price": lambda shopper, review: shopper.send("/cart/accept/", sku="TK-1"),
    "order": lambda shopper, review: shopper.pay(review),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_of_a_cart_renews_its_time(
    shopper: Shopper, change: Callable[[Shopper, Page], object]
) -> None:
    review = shopper.review()
    age_carts(seconds=-1)
    change(shopper, review)
    cart = Cart.objects.get()
    assert Cart.objects.filter(pk=cart.pk, touched_at__gt=Now() - timedelta(minutes=1)).exists()


def test_taking_a_change_back_renews_the_time_as_well(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/cart/remove/", sku="TK-1")
    age_carts(seconds=-1)
    shopper.send("/cart/undo/")
    assert Cart.objects.filter(touched_at__gt=Now() - timedelta(minutes=1)).count() == 1


def test_a_cart_that_an_older_release_makes_begins_its_time_now(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO cart_cart (subject, created_at) VALUES ('guest:x', now())")
    RETENTION.sweep()
    assert Cart.objects.get().touched_at is not None
