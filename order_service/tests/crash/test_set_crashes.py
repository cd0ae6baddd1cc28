"""A worker that dies, or sleeps, between the orders that it works together.

At each crash point, as its first, second or last order comes there. Then each of them is worked
alone, and ends as an order does that was alone from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.tests.crash.conftest import World
from order_service.tests.crash.test_pipeline_crashes import PLACES, SHORT, Place
from order_service.tests.factories import make_order
from tests.effort import IS_THOROUGH, third

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = 3
TURNS = range(1, SIZE + 1) if IS_THOROUGH else (2,)
ONCE_A_SET = ("received", "inside_move")


@pytest.fixture(autouse=True)
def _longer_lease(world: World, settings: Settings) -> None:
    """Three orders take their time."""
    settings.ORDER_LEASE = timedelta(seconds=1)


def cases(places: Iterable[Place]) -> list[Any]:
    """Each place, and which of its orders is the one at which the worker dies."""
    return [
        pytest.param(place, f"{place.at}:{turn}", id=f"{place} {turn}")
        for place in places
        for turn in ((1,) if place.at in ONCE_A_SET else TURNS)
    ]


DEATHS = cases(PLACES)
SLEEPS = cases(place for place in PLACES if place.at.endswith("_not_stored"))


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
    return orders


def assert_ended(world: World, orders: list[Order], place: Place) -> None:
    world.audit(*orders)
    ends = (State.CANCELLED if place.reason else State.CONFIRMED, place.reason or "")
    assert [(order.state, order.reason) for order in orders] == [ends] * len(orders)


@pytest.mark.parametrize(("place", "at"), third(DEATHS))
def test_a_worker_dies_between_its_orders(world: World, place: Place, at: str) -> None:
    orders = begin(world, place)
    assert world.worker(*orders, at=at).was_killed()
    world.recover(*orders)
    assert_ended(world, orders, place)


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
        assert not Order.objects.filter(state=State.CONFIRMED).exists()
        world.until_lease_is_over(*others)

    assert world.worker(*others, at="expired_not_held").ended_well()

    assert [order.state for order in Order.objects.exclude(pk=killer.pk)] == [State.CONFIRMED] * 2
    killer.refresh_from_db()
    assert (killer.state, killer.failures > 0) == (State.AUTHORIZED, True)
    world.recover(killer)
    world.audit(*orders)
