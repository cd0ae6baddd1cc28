"""The life of an order on one screen.

    placed -> reserved -> [awaiting_shopper ->] authorized -> committed -> confirmed
                  any refusal, or a cancel -> cancelling -> cancelled

`advance` is called by the worker's task, by the dispatcher while Redis is away, and by the
simulator. It may run twice at once and die anywhere.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import connection

from chassis import logs
from order_service.clients.stock import StockRefused, StockUnavailable
from order_service.orders.crashpoints import crashpoint
from order_service.orders.states import TERMINAL, State
from order_service.payments.gateways.base import (
    PaymentRefused,
    PaymentTimeout,
    PaymentUnavailable,
)
from order_service.pipeline import steps
from order_service.pipeline.ports import Claimed, Move, Ports, StepFailed, Wait

log = logs.get_logger(__name__)

AWAY = (StockUnavailable, PaymentUnavailable, PaymentTimeout)  # not this order's fault
FAILED = (StockRefused, PaymentRefused, StepFailed)  # counted; after 12 it needs attention


def compensate(order: Claimed, ports: Ports) -> Move:
    """Every undo, newest first. Undoing what was never done does nothing."""
    change = steps.void_payment(order, ports)
    steps.release_stock(order, ports)
    return Move(State.CANCELLED, payment=change)


STEPS: dict[State, steps.Step] = {
    State.PLACED: steps.reserve_stock,
    State.RESERVED: steps.authorize_payment,
    State.AWAITING_SHOPPER: steps.await_shopper,
    State.AUTHORIZED: steps.commit_stock,
    State.COMMITTED: steps.capture_payment,
    State.CANCELLING: compensate,
}


def advance(order_id: uuid.UUID, ports: Ports, deadline: datetime) -> bool:
    """Take the order as far as it goes before `deadline`. False if it is not ours to take."""
    order = ports.store.claim(order_id)
    crashpoint("claimed")
    is_ours = order is not None
    while order is not None and order.state not in TERMINAL:
        if ports.now() >= deadline:
            ports.store.postpone(order, timedelta(0))
            break
        order = _take_step(order, ports)
    return is_ours


def _take_step(order: Claimed, ports: Ports) -> Claimed | None:
    assert not connection.in_atomic_block, "a step talks to other services"
    try:
        result = STEPS[order.state](order, ports)
    except AWAY as error:
        log.warning("step waits", order=order.number, state=order.state, error=repr(error))
        ports.store.postpone(order, _backoff(order, ports), error=repr(error))
        return None
    except FAILED as error:
        log.error("step failed", order=order.number, state=order.state, error=repr(error))
        ports.store.postpone(order, _backoff(order, ports), error=repr(error), is_failure=True)
        return None
    if isinstance(result, Wait):
        ports.store.postpone(order, result.delay)
        return None
    return ports.store.move(order, result)


def _backoff(order: Claimed, ports: Ports) -> timedelta:
    """min(retry * 2^k, retry_max) for the k-th attempt, less up to a fifth, so herds spread."""
    policy = ports.policy
    doublings: int = min(max(order.attempts - 1, 0), 16)
    longest = min(policy.retry * (1 << doublings), policy.retry_max)
    return longest * (1 - ports.jitter() / 5)
