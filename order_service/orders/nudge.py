"""A placement tells the dispatchers at once, by PostgreSQL's NOTIFY, while the shop is quiet.

PostgreSQL lets one transaction with a NOTIFY commit at a time, so a busy shop sends few: each
process at most one in TOLD_EVERY_SECONDS. Whoever misses one finds the order in the next turn.
"""

from __future__ import annotations

import time

CHANNEL = "order_placed"
TOLD_EVERY_SECONDS = 0.05

_told_at = float("-inf")


def is_due() -> bool:
    """Whether this process tells of the order that it is about to place."""
    global _told_at
    now = time.monotonic()
    if now - _told_at < TOLD_EVERY_SECONDS:
        return False
    _told_at = now
    return True
