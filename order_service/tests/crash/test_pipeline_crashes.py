"""Killed at every place where a worker can die, and the order still ends right.

    first try     the worker dies there; its lease runs out; another one finds the order due
    redelivery    that other one dies at the same place; a third one ends it
    twin          the worker sleeps there past its lease, another one ends the order, then the
                  first one wakes up and goes on with what it knew
    cancelled     as before, and the shopper cancelled while it slept

The numbers are the rows of the table "What happens when a process dies" in docs/orders.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connection

from order_service.orders.actions import cancel_order
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.tests.crash.conftest import World
from order_service.tests.factories import make_order
from tests.effort import third

pytestmark = pytest.mark.django_db(transaction=True)

SHORT = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]


@dataclass(frozen=True)
class Place:
    """A crash point, what has to be so for a worker to come there, and how the order ends."""

    at: str
    row: str
    token: str = "tok_approve"
    expires: bool = False  # the reservation runs out after the authorization
    sold_out: bool = False  # and nothing is left to hold anew
    reason: Reason | None = None  # why it ends cancelled; None: it ends confirmed

    def __str__(self) -> str:
        return f"row {self.row} {self.at} {self.token}{' sold out' * self.sold_out}"


DECLINED, OUT_OF_STOCK = Reason.PAYMENT_DECLINED, Reason.OUT_OF_STOCK
PLACES = (
    Place("received", "4"),
    Place("claimed", "5"),
    Place("reserve_not_called", "6"),
    Place("reserved_not_stored", "6"),
    Place("inside_move", "15"),
    Place("payment_not_stored", "8"),
    Place("payment_stored_not_called", "8"),
    Place("authorized_not_stored", "9"),
    Place("authorized_not_stored", "9", "tok_decline", reason=DECLINED),
    Place("authorized_not_stored", "9", "tok_late_success"),
    Place("expired_not_held", "10", expires=True),
    Place("voided_not_stored", "10", expires=True, sold_out=True, reason=OUT_OF_STOCK),
    Place("committed_not_stored", "10"),
    Place("committed_not_stored", "10", expires=True, sold_out=True, reason=OUT_OF_STOCK),
    Place("captured_not_stored", "12"),
    Place("captured_not_stored", "11", "tok_capture_decline", reason=DECLINED),
    Place("voided_not_stored", "11", "tok_capture_decline", reason=DECLINED),
    Place("released_not_stored", "11", "tok_capture_decline", reason=DECLINED),
)
BEFORE_THE_PIVOT = tuple(
    place
    for place in PLACES
    if place.reason is None and place.at not in ("captured_not_stored", "inside_move")
)

every_place = pytest.mark.parametrize("place", PLACES, ids=str)
# What comes after a death or a sleep is decided alike wherever it was.
some_places = pytest.mark.parametrize("place", third(PLACES), ids=str)


def begin(world: World, place: Place) -> Order:
    """An order whose next worker comes to the place."""
    order = make_order(payment_token=place.token)
    if place.token == "tok_late_success":
        # The effect is there, the answer was an error: the next worker looks it up.
        assert world.worker(order).ended_well()
    if place.expires:
        assert world.worker(order, at="authorized_not_stored").was_killed()
        world.until_lease_is_over(order)
        world.shop.reservations[str(order.id)] = "expired"
        world.shop.short = SHORT if place.sold_out else []
    return order


def assert_ended(world: World, order: Order, place: Place) -> None:
    world.audit(order)
    ends = State.CANCELLED if place.reason else State.CONFIRMED
    assert (order.state, order.reason) == (ends, place.reason or "")


@every_place
def test_first_try(world: World, place: Place) -> None:
    order = begin(world, place)
    assert world.worker(order, at=place.at).was_killed()
    assert_ended(world, world.recover(order), place)


@some_places
def test_redelivery(world: World, place: Place) -> None:
    order = begin(world, place)
    for _ in range(2):
        assert world.worker(order, at=place.at).was_killed()
        world.until_lease_is_over(order)
    assert_ended(world, world.recover(order), place)


@every_place
def test_twin(world: World, place: Place) -> None:
    order = begin(world, place)
    sleeper = world.worker(order, at=place.at, how="SIGSTOP")
    assert sleeper.has_stopped()
    if place.at == "inside_move":
        cut_sessions()  # it would hold the row's lock; PostgreSQL itself cuts it after 5 s
    world.recover(order)
    sleeper.go_on()
    assert sleeper.ended()
    order.refresh_from_db()
    assert_ended(world, order, place)


@pytest.mark.parametrize("place", third(BEFORE_THE_PIVOT), ids=str)
def test_cancelled_while_a_worker_sleeps(world: World, place: Place) -> None:
    order = begin(world, place)
    sleeper = world.worker(order, at=place.at, how="SIGSTOP")
    assert sleeper.has_stopped()
    assert cancel_order(order_id=order.id, actor="guest:ada", reason=Reason.SHOPPER)
    world.recover(order)
    sleeper.go_on()
    assert sleeper.ended_well()
    order.refresh_from_db()
    world.audit(order)
    assert (order.state, order.reason) == (State.CANCELLED, Reason.SHOPPER)


@pytest.mark.parametrize(
    "before", ["payment_stored_not_called", "committed_not_stored", "captured_not_stored"]
)
def test_postgresql_rolls_back_any_move_that_is_cut(world: World, before: str) -> None:
    """Row 15, for the moves to authorized, committed and confirmed."""
    order = make_order()
    assert world.worker(order, at=before).was_killed()
    world.until_lease_is_over(order)
    version = Order.objects.get(pk=order.pk).version
    assert world.worker(order, at="inside_move").was_killed()
    assert Order.objects.get(pk=order.pk).version == version
    assert world.recover(order).state == State.CONFIRMED
    world.audit(order)


def test_a_worker_that_is_killed_again_and_again_calls_for_a_person(world: World) -> None:
    """Row 14."""
    order = make_order()
    for _ in range(12):
        assert world.worker(order, at="reserve_not_called").was_killed()
        Order.objects.filter(pk=order.pk).update(lease_until="2020-01-01T00:00:00Z")
    assert world.worker(order).ended_well()
    order.refresh_from_db()
    assert order.attention_at is not None
    assert (order.state, world.shop.reservations) == (State.PLACED, {})


def cut_sessions() -> None:
    """PostgreSQL ends every session but ours, in the middle of its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
