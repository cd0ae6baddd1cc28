"""The stored answers of POST /v1/orders: one key of one subject places at most one order.

    look up     a finished answer is given again; another body under the same key is refused
    claim       INSERT ... ON CONFLICT DO NOTHING: of simultaneous twins one gets the row, the
                others wait on the unique index until it commits (or 500 ms are over)

The row is written together with its order (`place_statement`), so a key that is stored has its
order. After 7 days it is deleted, see `order_service.retention`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from chassis.errors import Conflict, Unprocessable
from order_service.orders.models import IdempotencyKey

KEPT = timedelta(days=7)
TWIN_WAIT_MS = 500


class KeyReused(Unprocessable):
    """This Idempotency-Key belongs to a request with another body. `order_number` is the order that
    it placed. Use a new key for a new order."""

    code, title = "idempotency_key_reused", "The Idempotency-Key was used for a different request"


class InFlight(Conflict):
    """A request with this Idempotency-Key is still in progress. Repeat it with the same key after
    the seconds in Retry-After to get its answer."""

    code, title = "in_flight", "A request with this Idempotency-Key is in progress"

    def __init__(self) -> None:
        super().__init__(
            "Repeat the request with the same key in a moment.", headers={"Retry-After": "1"}
        )


@dataclass(frozen=True)
class RequestKey:
    """What a request and its repeats have in common."""

    scope: str  # the subject of the caller
    key: str
    fingerprint: str


@dataclass(frozen=True)
class StoredAnswer:
    """The answer to a key, and the order it is about; `replayed` if it was given before."""

    order_id: uuid.UUID
    link_version: int
    status: int
    body: Mapping[str, Any]  # without the secret of the order's link
    replayed: bool = True


def find_answer(request: RequestKey) -> StoredAnswer | None:
    """What was answered to this key before. Raises KeyReused if it was for another request."""
    same = IdempotencyKey.objects.filter(scope=request.scope, key=request.key)
    row = same.select_related("order").first()
    if row is None:
        return None
    if row.order is None:
        raise InFlight
    if row.fingerprint != request.fingerprint:
        raise KeyReused(
            "Use a fresh key for a new request.", extra={"order_number": row.order.number}
        )
    return StoredAnswer(row.order.id, row.order.link_version, row.status, row.body)


@contextmanager
def twins_wait() -> Iterator[None]:
    """Around a statement that inserts a key. Raises InFlight if it waits too long for a twin."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise InFlight from None
        raise
