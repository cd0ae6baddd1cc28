"""Stock at product_service: put aside, sold, given back.

Every answer is turned into frozen types of our own, every error into an exception of our own; an
answer of the wrong shape counts as no answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import Counter
from pydantic import TypeAdapter

from chassis.http import Answer, Refused, ServiceClient, Unavailable
from chassis.logs import get_logger
from order_service.clients.connection import product_service
from order_service.clients.reservations import (
    Committed,
    Expired,
    Held,
    Released,
    Short,
    ShortLine,
    Standing,
    StockRefused,
    StockUnavailable,
    WantedStock,
)
from order_service.clients.wanted import WireLines, by_variant

log = get_logger(__name__)

SUBJECT = "service:order_service"
RESERVED_AS = {
    Held: "reserved",
    Committed: "reserved",
    Short: "insufficient",
    Released: "conflict",
}
RESERVATIONS = Counter(
    "techcommerce_reservations_total",
    "Attempts to put stock aside: reserved, insufficient, conflict, timeout, error.",
    ["outcome"],
)


_read_short_lines = TypeAdapter(tuple[ShortLine, ...]).validate_python


class StockClient:
    """The reservations of orders at product_service; the pipeline's `Stock` port."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[WantedStock], ttl_seconds: int
    ) -> Held | Short | Committed | Released:
        """Put all lines aside, or none. Safe to repeat."""
        outcome = "error"
        try:
            held = self._reserve(order_id, lines, ttl_seconds)
            outcome = RESERVED_AS[type(held)]
        except StockUnavailable as error:
            if isinstance(error.__cause__, Unavailable) and error.__cause__.timed_out:
                outcome = "timeout"
            raise
        finally:
            RESERVATIONS.labels(outcome).inc()
        return held

    def _reserve(
        self, order_id: uuid.UUID, lines: Sequence[WantedStock], ttl_seconds: int
    ) -> Held | Short | Committed | Released:
        def put(wanted: WireLines) -> Answer:
            wish = {"lines": wanted, "ttl_seconds": ttl_seconds}
            return self._call("PUT", order_id, "", "reserve", wish)

        try:
            answer = by_variant(put, lines)
        except Refused as error:
            if error.code == "out_of_stock":
                return Short(_short_lines(error.body))
            if error.code == "reservation_released":
                return Released()
            raise _stock_error("reserve", error) from error
        match _standing(answer):
            case Standing.HELD:
                return Held()
            case Standing.COMMITTED:
                return Committed()
            case other:
                raise StockUnavailable(f"reserve answered {other}")

    def commit(self, order_id: uuid.UUID) -> Committed | Expired | Short | Released:
        """What was put aside is sold. Safe to repeat."""
        try:
            answer = self._call("POST", order_id, "/commit", "commit", None)
        except Refused as error:
            if error.code == "reservation_expired":
                return Expired()
            if error.code == "out_of_stock":
                return Short(_short_lines(error.body))
            if error.code == "reservation_released":
                return Released()
            raise _stock_error("commit", error) from error
        _expect(Standing.COMMITTED, answer)
        return Committed()

    def release(self, order_id: uuid.UUID) -> None:
        """Undo whatever was done for the order, and refuse whatever arrives later."""
        try:
            answer = self._call("DELETE", order_id, "", "release", None)
        except Refused as error:
            raise _stock_error("release", error) from error
        _expect(Standing.RELEASED, answer)

    def look_up(self, order_id: uuid.UUID) -> Standing:
        """How the reservation of an order stands."""
        try:
            return _standing(self._call("GET", order_id, "", "look_up_reservation", None))
        except Refused as error:
            if error.status == 404 and error.code == "not_found":
                return Standing.UNKNOWN
            raise _stock_error("look_up_reservation", error) from error

    def _call(
        self, method: str, order_id: uuid.UUID, action: str, operation: str, wish: object
    ) -> Answer:
        """One call about a reservation; all of them may be repeated. Raises Refused as it is."""
        try:
            return self._client.call(
                method,
                f"/v1/reservations/{order_id}{action}",
                operation=operation,
                subject=SUBJECT,
                json=wish,
                retry_safe=True,
            )
        except Unavailable as error:
            raise StockUnavailable(error.reason) from error


def stock() -> StockClient:
    """On the connection of this process."""
    return StockClient(product_service())


def touch() -> None:
    """Begin every series at 0: an increase of one that is born later cannot be seen."""
    for outcome in (*RESERVED_AS.values(), "timeout", "error"):
        RESERVATIONS.labels(outcome)


def _standing(answer: Answer) -> Standing:
    try:
        return Standing(answer.body["state"])
    except (KeyError, TypeError, ValueError) as error:
        raise StockUnavailable("malformed answer") from error


def _expect(wanted: Standing, answer: Answer) -> None:
    standing = _standing(answer)
    if standing is not wanted:
        raise StockUnavailable(f"{wanted} expected, {standing} answered")


def _short_lines(body: Mapping[str, Any]) -> tuple[ShortLine, ...]:
    try:
        return _read_short_lines(body.get("short"))
    except ValueError as error:
        raise StockUnavailable("malformed answer") from error


def _stock_error(operation: str, error: Refused) -> StockRefused | StockUnavailable:
    """A refused token is a fault of the set-up, so nothing of this one order is wrong."""
    log.error("upstream refused", operation=operation, status=error.status, code=error.code)
    if error.status in (401, 403, 429):
        return StockUnavailable(error.code)
    return StockRefused(error.code)


touch()
