"""The one statement that changes stock: the row, its version and the movement together.

It is the last thing that a transaction does for each variant, in the order of variant ids, so
that a hot row is locked as shortly as possible and two orders never wait for each other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connection, transaction

from product_service.catalogue.availability import availability
from product_service.catalogue.cache import bump_version

# The condition keeps 0 <= reserved <= on_hand, which a CHECK holds as well: for a reservation it
# reads on_hand - reserved >= n, for an adjustment on_hand + d >= reserved.
MOVE = """
WITH moved AS (
    UPDATE stock_item
    SET on_hand = on_hand + %(d_on_hand)s, reserved = reserved + %(d_reserved)s,
        version = version + 1
    WHERE variant_id = %(variant_id)s
      AND on_hand + %(d_on_hand)s >= reserved + %(d_reserved)s
    RETURNING variant_id, version, on_hand - reserved AS available, low_at
), noted AS (
    INSERT INTO stock_movement (
        reference, variant_id, version, d_on_hand, d_reserved, reason, order_id, actor, note)
    SELECT %(reference)s, variant_id, version, %(d_on_hand)s, %(d_reserved)s, %(reason)s,
        %(order_id)s, %(actor)s, %(note)s
    FROM moved
)
SELECT available, low_at FROM moved
"""

SEE = "SELECT on_hand - reserved, version FROM stock_item WHERE variant_id = %s FOR UPDATE"


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
class Seen:
    """The stock of a variant as it was under the lock of its row, after `version` movements."""

    available: int
    version: int


def move(movement: Movement) -> bool:
    """Make the change and note it. False, and nothing happened, if the stock does not allow it."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, movement.__dict__)
        row = cursor.fetchone()
    if row is None:
        return False
    available, low_at = row
    before = available - movement.d_on_hand + movement.d_reserved
    if availability(before, low_at) != availability(available, low_at):
        transaction.on_commit(bump_version)
    return True


def move_or_see(movement: Movement) -> Seen | None:
    """Make the change, or return the stock that does not allow it, read under its lock.

    Between a refused UPDATE and the lock somebody may have given stock back; then the change is
    possible after all and is made, so nobody is told "sold out" falsely.
    """
    if move(movement):
        return None
    with connection.cursor() as cursor:
        cursor.execute(SEE, [movement.variant_id])
        row = cursor.fetchone()
    if row is None:
        return Seen(available=0, version=0)
    seen = Seen(*row)
    wanted = movement.d_reserved - movement.d_on_hand
    if seen.available < wanted or not move(movement):
        return seen
    return None
