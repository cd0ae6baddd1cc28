"""Stock at product_service: reserved for an order, sold, given back.

    reserve   -> HELD | COMMITTED | RELEASED, or Short
    commit    -> COMMITTED | EXPIRED | RELEASED, or Short
    release   -> nothing: the reservation is undone for good
    look_up   -> how the reservation stands
    any call   raises StockUnavailable   away, and the effect is unknown: repeat later
               raises StockRefused       the request itself is wrong: a person has to look

Each call may be repeated. An answer of the wrong shape counts as no answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import Counter

from chassis.http import Answer, Refused, Unavailable
from chassis.logs import get_logger
from chassis.metrics.series import begin_at_zero
from chassis.shapes import reader
from order_service.clients.product_service import Wanted, WireLines, by_variant, product_service

log = get_logger(__name__)

SUBJECT = "service:order_service"


class StockUnavailable(Exception):
    """product_service cannot be reached or has no usable answer; the effect is unknown."""


class StockRefused(Exception):
    """product_service refuses a request that ought to be right."""


@dataclass(frozen=True)
class ShortLine:
    """A SKU of which there was less than an order wanted."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True)
class Short:
    """Nothing is reserved: these lines wanted more than there is."""

    lines: tuple[ShortLine, ...]


class Standing(StrEnum):
    """How a reservation stands at product_service."""

    UNKNOWN = "unknown"
    HELD = "held"  # all lines are reserved for the order, until the reservation expires
    REFUSED = "refused"  # there was less than the order wanted
    EXPIRED = "expired"  # it ran out before it was committed; it may be held anew
    COMMITTED = "committed"  # what was reserved is sold
    RELEASED = "released"  # undone for good: everything that comes later is refused


# What a refusal says about the reservation, by its code.
REFUSED_AS = {
    "not_found": Standing.UNKNOWN,
    "reservation_expired": Standing.EXPIRED,
    "reservation_released": Standing.RELEASED,
}
RESERVED_AS = {
    Standing.HELD: "reserved",
    Standing.COMMITTED: "reserved",
    Standing.RELEASED: "conflict",
}
RESERVATIONS = Counter(
    "techcommerce_reservations_total",
    "Orders whose stock was to be put aside, alone or many in one call:"
    " reserved, insufficient, conflict, timeout, error.",
    ["outcome"],
)
begin_at_zero(RESERVATIONS, (*RESERVED_AS.values(), "insufficient", "timeout", "error"))

_read_short_lines = reader(tuple[ShortLine, ...])


def reserve(order_id: uuid.UUID, lines: Sequence[Wanted], ttl_seconds: int) -> Standing | Short:
    """Put all lines aside, or none."""

    def put(wanted: WireLines) -> Answer:
        body = {"lines": wanted, "ttl_seconds": ttl_seconds}
        return _call("PUT", order_id, "reserve", body=body)

    try:
        held = _standing(
            "reserve",
            lambda: by_variant(put, lines),
            expected=(Standing.HELD, Standing.COMMITTED),
            refusals=("out_of_stock", "reservation_released"),
        )
    except (StockUnavailable, StockRefused) as error:
        count_reservation(error)
        raise
    count_reservation(held)
    return held


def count_reservation(outcome: Standing | Short | Exception) -> None:
    """One order's attempt, whether it was made alone or with others."""
    if isinstance(outcome, Short):
        label = "insufficient"
    elif isinstance(outcome, Standing):
        label = RESERVED_AS.get(outcome, "error")
    else:
        cause = outcome.__cause__
        label = "timeout" if isinstance(cause, Unavailable) and cause.timed_out else "error"
    RESERVATIONS.labels(label).inc()


def commit(order_id: uuid.UUID) -> Standing | Short:
    """What was reserved is sold."""
    return _standing(
        "commit",
        lambda: _call("POST", order_id, "commit", action="/commit"),
        expected=(Standing.COMMITTED,),
        refusals=("out_of_stock", "reservation_expired", "reservation_released"),
    )


def release(order_id: uuid.UUID) -> None:
    """Undo whatever was done for the order, and refuse whatever arrives later."""
    _standing(
        "release", lambda: _call("DELETE", order_id, "release"), expected=(Standing.RELEASED,)
    )


def look_up(order_id: uuid.UUID) -> Standing:
    """How the reservation of an order stands."""
    operation = "look_up_reservation"
    found = _standing(
        operation,
        lambda: _call("GET", order_id, operation),
        expected=tuple(Standing),
        refusals=("not_found",),
    )
    assert isinstance(found, Standing)
    return found


def _call(
    method: str, order_id: uuid.UUID, operation: str, *, action: str = "", body: object = None
) -> Answer:
    return product_service().call(
        method,
        f"/v1/reservations/{order_id}{action}",
        operation=operation,
        subject=SUBJECT,
        json=body,
        retry_safe=True,
    )


def _standing(
    operation: str,
    call: Callable[[], Answer],
    *,
    expected: Collection[Standing],
    refusals: Collection[str] = (),
) -> Standing | Short:
    """What the call answers: a standing that is `expected`, or one of the `refusals`."""
    try:
        answer = call()
    except Unavailable as error:
        raise StockUnavailable(error.reason) from error
    except Refused as refusal:
        if refusal.code not in refusals:
            raise stock_error(operation, refusal) from refusal
        if refusal.code == "out_of_stock":
            return _short(refusal)
        return REFUSED_AS[refusal.code]
    try:
        standing = Standing(answer.body["state"])
    except (KeyError, TypeError, ValueError) as error:
        raise StockUnavailable("malformed answer") from error
    if standing not in expected:
        raise StockUnavailable(f"{operation} answered {standing}")
    return standing


def _short(refusal: Refused) -> Short:
    try:
        return Short(_read_short_lines(refusal.body.get("short")))
    except ValueError as error:
        raise StockUnavailable("malformed answer") from error


def stock_error(operation: str, error: Refused) -> StockRefused | StockUnavailable:
    """A refused token is a fault of the set-up, so nothing of an order is wrong."""
    log.error("upstream refused", operation=operation, status=error.status, code=error.code)
    if error.status in (401, 403, 429):
        return StockUnavailable(error.code)
    return StockRefused(error.code)
