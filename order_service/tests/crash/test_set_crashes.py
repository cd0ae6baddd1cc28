"""A worker that dies, or sleeps, between the orders that it works together.

At each crash point, as its first, second or last order comes there. Then each of them is worked
alone, and ends as an order does that was alone from the beginning.
"""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.tests.crash.conftest import World
from order_service.tests.crash.test_pipeline_crashes import PLACES, SHORT, Place
from order_service.tests.factories import make_order
from tests.effort import third, tries

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = 3
TIMES = tries((2,), (1, 2, SIZE))
ONCE_A_SET = ("received", "inside_move")


def turns(place: Place) -> tuple[int, ...]:
    """Which of its orders is the one at which the worker dies."""
    return (1,) if place.at in ONCE_A_SET else TIMES


DEATHS = [
    pytest.param(place, f"{place.at}:{turn}", id=f"{place} {turn}")
    for place in PLACES
    for turn in turns(place)
]
SLEEPS = [case for case in DEATHS if case.values[0].at.endswith("_not_stored")]


def begin(world: World, place: Place) -> list[Order]:
    """Orders that the next worker takes together to the place."""
    orders = [make_order(payment_token=place.token) for _ in range(SIZE)]
    if place.token == "tok_late_success":
        assert world.worker(*orders).ended_well()
    if place.expires:
        assert world.worker(*orders, at="authorized_not_stored").was_killed()
        world.until_lease_is_over(*orders)
        world.shop.reservations |= {str(order.id): "expired" for order in orders}
        world.shop.short = SHORT if place.sold_out else []
    # As if they had only been waiting.
    Order.objects.update(lease_until=None, failures=0, next_attempt_at=Now())
    world.shop.calls.clear()
    return orders


def assert_ended(world: World, orders: list[Order], place: Place) -> None:
    world.audit(*orders)
    ends = (State.CANCELLED if place.reason else State.CONFIRMED, place.reason or "")
    assert [(order.state, order.reason) for order in orders] == [ends] * len(orders)


def sets(world: World) -> list[str]:
    return [path for _, path, _ in world.shop.calls if "/batch/" in path]


@pytest.mark.parametrize(("place", "at"), third(DEATHS))
def test_a_worker_dies_between_its_orders(world: World, place: Place, at: str) -> None:
    orders = begin(world, place)
    assert world.worker(*orders, at=at).was_killed()
    before = len(sets(world))
    world.recover(*orders)
    assert_ended(world, orders, place)
    if place.at != "received":
        assert len(sets(world)) == before, "after a death each is worked alone"


@pytest.mark.parametrize(("place", "at"), third(SLEEPS))
def test_a_worker_sleeps_with_its_orders_past_their_leases(
    world: World, place: Place, at: str
) -> None:
    orders = begin(world, place)
    sleeper = world.worker(*orders, at=at, how="SIGSTOP")
    assert sleeper.has_stopped()
    world.recover(*orders)
    sleeper.go_on()
    assert sleeper.ended_well()
    assert_ended(world, orders, place)


def test_an_order_that_kills_its_workers_parks_no_other(world: World) -> None:
    """Each worker that takes stock for the first order dies: with the set, then with it alone."""
    killer, *others = orders = begin(world, Place("expired_not_held", "10", expires=True))
    world.shop.reservations |= {str(order.id): "held" for order in others}
    for _ in range(2):
        assert world.worker(*orders, at="expired_not_held").was_killed()
        assert {order.state for order in Order.objects.all()} == {State.AUTHORIZED}
        world.until_lease_is_over(*others)

    assert world.worker(*others, at="expired_not_held").ended_well()

    assert [order.state for order in Order.objects.exclude(pk=killer.pk)] == [State.CONFIRMED] * 2
    killer.refresh_from_db()
    assert (killer.state, killer.failures) == (State.AUTHORIZED, 1)
    world.recover(killer)
    world.audit(*orders)
