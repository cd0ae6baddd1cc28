"""The one statement that changes stock: rows, versions and movements together.

What changes is decided in memory, under the locks of the rows, for one order or for many. The rows
are locked last in a transaction and in the order of their variants' ids, so that a hot row is
locked as shortly as possible and no two transactions wait for each other in a ring.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from product_service.catalogue.availability import availability
from product_service.catalogue.cache import bump_after_commit

LOCK = """
SELECT variant_id, on_hand, reserved, version, low_at FROM stock_item
WHERE variant_id = ANY(%s) ORDER BY variant_id FOR UPDATE
"""
WRITE = """
WITH noted AS (
    INSERT INTO stock_movement (
        reference, variant_id, d_on_hand, d_reserved, reason, actor, order_id, note, version)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::int[], %s::text[], %s::text[],
        %s::uuid[], %s::text[], %s::bigint[])
)
UPDATE stock_item SET on_hand = new.on_hand, reserved = new.reserved, version = new.version
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[])
    AS new (variant_id, on_hand, reserved, version)
WHERE stock_item.variant_id = new.variant_id
"""


@dataclass(frozen=True)
class Movement:
    """A change that is wanted: what it adds to `on_hand` and `reserved`, and why."""

    reference: str
    variant_id: int
    d_on_hand: int
    d_reserved: int
    reason: str
    actor: str
    order_id: uuid.UUID | None = None
    note: str = ""


@dataclass(frozen=True)
class Stock:
    """The stock of one variant after `version` movements."""

    variant_id: int
    on_hand: int
    reserved: int
    version: int
    low_at: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    @property
    def word(self) -> str:
        return availability(self.available, self.low_at)

    def after(self, movement: Movement) -> Stock | None:
        """None: it would leave 0 <= reserved <= on_hand, which a CHECK holds as well."""
        on_hand, reserved = self.on_hand + movement.d_on_hand, self.reserved + movement.d_reserved
        if not 0 <= reserved <= on_hand:
            return None
        return Stock(self.variant_id, on_hand, reserved, self.version + 1, self.low_at)


class LockedStock:
    """The stock of some variants, locked until the transaction ends, and what is to become of it.

    A variant without a stock item has nothing, at version 0.
    """

    def __init__(self, variant_ids: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [sorted(set(variant_ids))])
            self._before: Mapping[int, Stock] = {row[0]: Stock(*row) for row in cursor.fetchall()}
        self._now = dict(self._before)
        self._movements: list[tuple[object, ...]] = []

    def of(self, variant_id: int) -> Stock:
        return self._now.get(variant_id) or Stock(variant_id, 0, 0, 0, 0)

    def move(self, movements: Sequence[Movement]) -> dict[Movement, int]:
        """Make all of them, or none and return those that the stock does not allow, each with what
        was available when its turn came."""
        changed: dict[int, Stock] = {}
        noted, refused = [], {}
        for movement in movements:
            before = changed.get(movement.variant_id) or self.of(movement.variant_id)
            if after := before.after(movement):
                changed[movement.variant_id] = after
                noted.append((*vars(movement).values(), after.version))
            else:
                refused[movement] = before.available
        if not refused:
            self._now |= changed
            self._movements += noted
        return refused

    def write(self) -> None:
        """Write what was moved. Pages of products whose word for the stock changed are renewed."""
        if not self._movements:
            return
        changed = [now for pk, now in self._now.items() if now != self._before[pk]]
        rows = [(now.variant_id, now.on_hand, now.reserved, now.version) for now in changed]
        columns = (*zip(*self._movements, strict=True), *zip(*rows, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(column) for column in columns])
        if any(now.word != self._before[now.variant_id].word for now in changed):
            bump_after_commit()
