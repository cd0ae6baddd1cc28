"""The pipeline's Store on PostgreSQL: what one order asks, alone or in company."""

from __future__ import annotations

import uuid
from datetime import timedelta

from chassis import logs
from order_service.clients.product_service import Wanted
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.pipeline.ports import Ask, Claimed, Move, Policy, alone
from order_service.pipeline.set_store import Postponement, SetStore


class DatabaseStore:
    """Store over the orders and payments tables."""

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
        order, request_id = self._claim(order_id)
        if request_id:
            logs.set_request_id(request_id)
        return order

    def lines(self, order: Claimed) -> tuple[Wanted, ...]:
        return self._lines(order)

    def open_payment(self, order: Claimed, provider: str) -> PaymentRecord | None:
        return self._open_payment((order, provider))

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        return self._find_payment(order)

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        self._record_payment(change)

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        return self._move((order, move))

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        self._postpone(Postponement(order, delay, error, is_failure))
