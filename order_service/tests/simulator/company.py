"""The simulator's store and stock, asked by several orders of one worker at once.

The store does what they ask in one transaction, as PostgreSQL does; in some histories in one after
the other, and a worker can die between any two of them. The stock is asked in one call, whose
answer is lost for all of them. Payments are asked one by one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from order_service.clients.product_service import Wanted
from order_service.clients.stock import Short, Standing
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.pipeline.ports import Ask, Claimed, Move

if TYPE_CHECKING:
    from order_service.tests.simulator.memory import MemoryStore
    from order_service.tests.simulator.network import StockLine


Answer = TypeVar("Answer")
One = Callable[[tuple[Any, ...]], Answer]  # for one order


@dataclass(frozen=True)
class ForAll:
    """Asks for several what knows one."""

    store: MemoryStore
    method: Callable[..., Any]

    def __call__(self, questions: Sequence[tuple[Any, ...]]) -> list[Any]:
        with self.store.for_set(self.method.__name__):
            return [self.method(*question) for question in questions]


@dataclass(frozen=True)
class ClaimAll:
    """As in PostgreSQL: of several orders only those that nobody failed at or died with."""

    store: MemoryStore

    def __call__(self, order_ids: Sequence[uuid.UUID]) -> list[Claimed | None]:
        rows = [self.store.rows[order_id] for order_id in order_ids]
        with self.store.for_set("claim"):
            return [
                self.store.claim(row.id) if row.lease_until is None and not row.failures else None
                for row in rows
            ]


class StoreInCompany:
    """`Store` of one of several orders."""

    def __init__(self, store: MemoryStore, ask: Ask) -> None:
        self._claim = ask(ClaimAll(store))
        self._lines: One[tuple[Wanted, ...]] = ask(ForAll(store, store.lines))
        self._open_payment: One[PaymentRecord | None] = ask(ForAll(store, store.open_payment))
        self._find_payment: One[PaymentRecord | None] = ask(ForAll(store, store.find_payment))
        self._record_payment = ask(ForAll(store, store.record_payment))
        self._move: One[Claimed | None] = ask(ForAll(store, store.move))
        self._postpone = ask(ForAll(store, store.give_back))

    def in_company(self, ask: Ask) -> StoreInCompany:
        raise AssertionError("an order of a set begins no set")

    def claim(self, order_id: uuid.UUID) -> Claimed | None:
        return self._claim(order_id)

    def lines(self, order: Claimed) -> tuple[Wanted, ...]:
        return self._lines((order,))

    def open_payment(self, order: Claimed, provider: str) -> PaymentRecord | None:
        return self._open_payment((order, provider))

    def find_payment(self, order: Claimed) -> PaymentRecord | None:
        return self._find_payment((order,))

    def record_payment(self, order: Claimed, change: PaymentChange) -> None:
        self._record_payment((order, change))

    def move(self, order: Claimed, move: Move) -> Claimed | None:
        return self._move((order, move))

    def postpone(
        self, order: Claimed, delay: timedelta, *, error: str = "", is_failure: bool = False
    ) -> None:
        self._postpone((order, delay, error, is_failure))


class StockInCompany:
    """`Stock` of one of several orders."""

    def __init__(self, line: StockLine, ask: Ask) -> None:
        self._line = line
        self._reserve: Callable[[tuple[uuid.UUID, Sequence[Wanted], int]], Standing | Short] = ask(
            line.reserve_all
        )
        self._commit: Callable[[uuid.UUID], Standing | Short] = ask(line.commit_all)
        self._release = ask(line.release_all)

    def in_company(self, ask: Ask) -> StockInCompany:
        raise AssertionError("an order of a set begins no set")

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[Wanted], ttl_seconds: int
    ) -> Standing | Short:
        return self._reserve((order_id, lines, ttl_seconds))

    def commit(self, order_id: uuid.UUID) -> Standing | Short:
        return self._commit(order_id)

    def release(self, order_id: uuid.UUID) -> None:
        self._release(order_id)

    def look_up(self, order_id: uuid.UUID) -> Standing:
        return self._line.look_up(order_id)
