"""What lies outside order_service, in memory: a clock, and product_service's stock.

The payment provider is in provider.py. Each call here has its whole effect at once or none, as a
database transaction gives it. What may go wrong on the way there and back is in network.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from order_service.clients.product_service import Wanted
from order_service.clients.stock import Short, ShortLine, Standing


class SimulatedClock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, delta: timedelta) -> None:
        self._now += delta


@dataclass
class Reservation:
    """What an order holds; without lines it is a tombstone."""

    lines: tuple[Wanted, ...]
    standing: Standing
    expires_at: datetime | None = None
    short: tuple[ShortLine, ...] = ()


class SimulatedStock:
    """product_service's reservations, under the rules of its API."""

    def __init__(self, clock: SimulatedClock, on_hand: Mapping[str, int]) -> None:
        self._clock = clock
        self.received = dict(on_hand)
        self.on_hand = dict(on_hand)
        self.reserved = dict.fromkeys(on_hand, 0)
        self.reservations: dict[uuid.UUID, Reservation] = {}
        self.false_refusals: list[uuid.UUID] = []

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[Wanted], ttl_seconds: int
    ) -> Standing | Short:
        found = self.reservations.get(order_id)
        if found is None or found.standing is Standing.EXPIRED:
            return self._hold(order_id, tuple(lines), ttl_seconds)
        return Short(found.short) if found.standing is Standing.REFUSED else found.standing

    def _hold(
        self, order_id: uuid.UUID, lines: tuple[Wanted, ...], ttl_seconds: int
    ) -> Standing | Short:
        short = tuple(
            ShortLine(line.sku, line.quantity, left)
            for line in lines
            if (left := self.on_hand[line.sku] - self.reserved[line.sku]) < line.quantity
        )
        if short:
            self.reservations[order_id] = Reservation(lines, Standing.REFUSED, short=short)
            return Short(short)
        expires_at = self._clock.now() + timedelta(seconds=ttl_seconds)
        self.reservations[order_id] = Reservation(lines, Standing.HELD, expires_at)
        for line in lines:
            self.reserved[line.sku] += line.quantity
        return Standing.HELD

    def commit(self, order_id: uuid.UUID) -> Standing | Short:
        found = self.reservations[order_id]
        if found.standing is Standing.HELD:
            found.standing = Standing.COMMITTED
            for line in found.lines:
                self.reserved[line.sku] -= line.quantity
                self.on_hand[line.sku] -= line.quantity
        return Short(found.short) if found.standing is Standing.REFUSED else found.standing

    def release(self, order_id: uuid.UUID) -> None:
        found = self.reservations.setdefault(order_id, Reservation((), Standing.RELEASED))
        for line in found.lines:
            self.reserved[line.sku] -= line.quantity * (found.standing is Standing.HELD)
            self.on_hand[line.sku] += line.quantity * (found.standing is Standing.COMMITTED)
        found.standing = Standing.RELEASED

    def in_company(self, ask: object) -> SimulatedStock:
        """Asked by each order for itself."""
        return self

    def look_up(self, order_id: uuid.UUID) -> Standing:
        found = self.reservations.get(order_id)
        return found.standing if found else Standing.UNKNOWN

    def sweep(self) -> None:
        """Expire what is over its time, as product-sweep does now and then."""
        for found in self.reservations.values():
            if found.standing is Standing.HELD and found.expires_at <= self._clock.now():  # type: ignore[operator]
                found.standing = Standing.EXPIRED
                for line in found.lines:
                    self.reserved[line.sku] -= line.quantity
