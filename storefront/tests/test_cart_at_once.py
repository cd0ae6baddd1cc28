"""Changes of one cart at the same time: each waits for the one before and builds on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from storefront.cart import actions
from storefront.cart.models import MAX_LINES, Cart, CartLine
from storefront.clients.wanted import Wanted
from storefront.tests.shopper import Shopper, quantities
from storefront.tests.stubs.server import PATIENCE_SECONDS
from storefront.tests.test_sweep import somebody_waits, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: Sequence[Callable[[], object]]) -> list[object]:
    """What each gave, or raised; each has a connection of its own."""
    barrier = Barrier(len(works), timeout=PATIENCE_SECONDS)

    def run(work: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            barrier.wait()
            return work()
        except actions.CartFull as full:
            return full
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def raising(
    wanted: Wanted, most: int = 99, subject: str = "guest:ada", *, is_new: bool = False
) -> Callable[[], object]:
    return lambda: actions.raise_line(
        subject=subject,
        wanted=wanted,
        seen={"name": wanted.sku},
        most=most,
        is_more=True,
        is_new=is_new,
    )


@pytest.mark.parametrize("is_new", [False, True])
def test_every_addition_counts(db: None, is_new: bool) -> None:
    for _ in range(5):
        Cart.objects.all().delete()
        work = [raising(Wanted("TK-1", 2, 5), most=11, is_new=is_new) for _ in range(6)]
        had = [0, 2, 4, 6, 8, 10]
        has = [2, 4, 6, 8, 10, 11]
        assert sorted(at_once(work)) == list(zip(had, has, has, strict=True))  # type: ignore[type-var]
        assert quantities() == {"TK-1": 11}


def test_pieces_of_all_lines_are_counted(db: None) -> None:
    raising(Wanted("TK-1", 2, 5))()
    assert raising(Wanted("TK-2", 3, 6))() == (0, 3, 5)
    assert raising(Wanted("TK-2", 4, 6))() == (3, 7, 9)


def test_the_last_place_is_given_once(db: None) -> None:
    raising(Wanted("S-0", 1, 100))()
    cart = CartLine.objects.get().cart
    for _ in range(5):
        CartLine.objects.all().delete()
        for number in range(1, MAX_LINES):
            CartLine.objects.create(cart=cart, sku=f"S-{number}", quantity=1, seen={})
        found = at_once([raising(Wanted(f"N-{number}", 1, 100 + number)) for number in range(4)])
        assert sum(isinstance(each, actions.CartFull) for each in found) == 3
        assert CartLine.objects.count() == MAX_LINES


def test_what_is_added_while_an_order_is_placed_stays(shopper: Shopper) -> None:
    review = shopper.review(quantity=2)
    subject = Cart.objects.get().subject
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        raising(Wanted("TK-1", 3, 5), subject=subject)()
        paying = pool.submit(at_once, [lambda: shopper.pay(review)])
        wait_until(somebody_waits)
        transaction.on_commit(lambda: paying.result(PATIENCE_SECONDS))
    assert quantities() == {"TK-1": 3}
