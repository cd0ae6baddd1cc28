"""The pipeline's Stock at product_service: what one order asks, alone or in company."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from order_service.clients import stock, stock_sets
from order_service.clients.product_service import Wanted
from order_service.clients.stock import Short, Standing
from order_service.pipeline.ports import Ask, alone


class StockOfOrders:
    """The pipeline's `Stock` port over HTTP."""

    def __init__(self, ask: Ask = alone) -> None:
        self._reserve: Callable[[stock_sets.Wish], Standing | Short] = ask(stock_sets.reserve)
        self._commit: Callable[[uuid.UUID], Standing | Short] = ask(stock_sets.commit)
        self._release = ask(stock_sets.release)

    def in_company(self, ask: Ask) -> StockOfOrders:
        return StockOfOrders(ask)

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[Wanted], ttl_seconds: int
    ) -> Standing | Short:
        return self._reserve((order_id, lines, ttl_seconds))

    def commit(self, order_id: uuid.UUID) -> Standing | Short:
        return self._commit(order_id)

    def release(self, order_id: uuid.UUID) -> None:
        self._release(order_id)

    def look_up(self, order_id: uuid.UUID) -> Standing:
        return stock.look_up(order_id)
