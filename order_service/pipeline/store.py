"""The pipeline's Store on PostgreSQL: what one order asks, alone or in company."""

from __future__ import annotations

import uuid
from datetime import timedelta

from chassis import logs
from order_service.clients.product_service import Wanted
from order_service.orders import metrics
from order_service.orders.states import State
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.pipeline.ports import Ask, Claimed, Move, Policy, alone
from order_service.pipeline.set_store import Postponement, SetStore

log = logs.get_logger(__name__)


class DatabaseStore:
    """Store over the orders and payments tables. Each line of the log is about one order."""

    def __init__(self, policy: Policy, ask: Ask = alone) -> None:
        tables = SetStore(policy)
        self._policy = policy
        self._claim = ask(tables.claim)
        self._lines = ask(tables.lines)
        self._open_payment = ask(tables.open_payments)
        self._find_payment = ask(tables.find_payments)
        self._record_payment = ask(tables.record_payments)
        self._move = ask(tables.move)
        self._postpone = ask(tables.postpone)

    def in_company(self, ask: Ask) -> DatabaseStore:
        return DatabaseStore(self._policy, ask)

    def claim(self, order_id: uuid.UUID) -> Claimed | None:
        claim = self._claim(order_id)
        if claim.request_id:
            logs.set_request_id(claim.request_id)
        if claim.needs_person:
            _log_attention(claim.number, claim.state)
        return claim.order

    def lines(self, order: Claimed) -> tuple[Wanted, ...]:
        return self._lines(order)

    def open_payment(self, order: Claimed, provider: str) -> PaymentRecord | None:
        return self._open_payment((order, provider))

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        return self._find_payment(order)

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        self._record_payment(change)

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        moved = self._move((order, move))
        if moved is None:
            log.warning("order was moved by another", order=order.number, state=order.state)
            return None
        log.info("order moved", order=order.number, before=order.state, after=move.to)
        _count(order, move)
        return moved

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        if self._postpone(Postponement(order, delay, error, is_failure)):
            _log_attention(order.number, order.state)


def _count(order: Claimed, move: Move) -> None:
    reason = move.reason or order.reason
    metrics.moved(move.to, reason)
    if move.to is State.CONFIRMED:
        metrics.confirmed(order.placed_at, order.amount)
    if move.to is State.CANCELLED:
        metrics.cancelled(order.placed_at, reason)


def _log_attention(number: str, state: str) -> None:
    log.error("order waits for a person", order=number, state=state)
