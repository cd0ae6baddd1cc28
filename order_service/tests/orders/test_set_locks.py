"""Rows of a set that are locked for too long, and leases that cannot be given back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from psycopg import errors

from order_service.orders.actions import cancel_order
from order_service.orders.models import Order
from order_service.orders.states import Reason, State
from order_service.pipeline.ports import Claimed, Move
from order_service.pipeline.set_store import SetStore
from order_service.pipeline.statements import POSTPONE
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World
from order_service.tests.orders.test_set_fences import claim, lines, meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_statement_that_waits_too_long_in_all_is_repeated_for_each(patient_world: World) -> None:
    """Row after row, each less than a wait for a lock may take, all more than a statement may."""
    orders = [make_order() for _ in range(3)]
    claimed = claim(patient_world, orders)
    is_locked, is_cancelled = threading.Event(), threading.Event()

    @transaction.atomic
    def lock() -> None:
        Order.objects.select_for_update().get(pk=orders[1].pk)
        is_locked.set()
        assert is_cancelled.wait(timeout=30)

    def note(execute: Callable[..., Any], *asked: Any) -> Any:
        try:
            return execute(*asked)
        except OperationalError as error:
            if isinstance(error.__cause__, errors.QueryCanceled):
                is_cancelled.set()
            raise

    with meanwhile(lock):
        assert is_locked.wait(timeout=30)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '700ms'")
        try:
            with connection.execute_wrapper(note):
                moved = SetStore(patient_world.ports.policy).move(
                    [(each, Move(State.RESERVED)) for each in claimed]
                )
        finally:
            is_cancelled.set()
            connection.close()

    assert [each.state for each in moved if isinstance(each, Claimed)] == [State.RESERVED] * 3


@pytest.mark.parametrize("cause", [errors.LockNotAvailable(), errors.AdminShutdown()])
def test_a_lease_that_cannot_be_given_back_is_told_and_fails_nobody(
    patient_world: World, caplog: pytest.LogCaptureFixture, cause: Exception
) -> None:
    """It runs out by itself. The others have moved, and are told so."""
    overtaken, other = make_order(), make_order()
    claimed = claim(patient_world, [overtaken, other])
    cancel_order(order_id=overtaken.pk, actor="guest:ada", reason=Reason.SHOPPER)

    def refuse(execute: Callable[..., Any], sql: str, *asked: Any) -> Any:
        if sql == POSTPONE:
            raise OperationalError("planted") from cause
        return execute(sql, *asked)

    with connection.execute_wrapper(refuse):
        answers = SetStore(patient_world.ports.policy).move(
            [(each, Move(State.RESERVED)) for each in claimed]
        )

    assert [isinstance(each, Claimed) for each in answers] == [False, True]
    assert answers[0] is None
    (told,) = lines(caplog, "lease was not given back")
    assert (told["order"], told["error"]) == (overtaken.number, "OperationalError('planted')")
