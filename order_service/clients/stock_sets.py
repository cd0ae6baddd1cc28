"""Stock of many orders in one call to product_service; of one order by the calls in stock.py.

What is too much for one call is asked in several. Where a call for many is refused as a whole (a
pod of the previous version does not know it, it is too large, one of the orders is unknown) or ends
in a 5xx, which one order may be the cause of, each order is asked for alone: until a few in a row
have no answer, since then product_service is away, and only for a few seconds, since the orders'
leases run meanwhile. The rest are StockUnavailable.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NotRequired, TypeVar

from typing_extensions import TypedDict

from chassis.http import Refused, Unavailable
from chassis.logs import get_logger
from chassis.shapes import reader
from order_service.clients import stock
from order_service.clients.product_service import Wanted, product_service
from order_service.clients.stock import (
    REFUSED_AS,
    SUBJECT,
    Short,
    ShortLine,
    Standing,
    StockRefused,
    StockUnavailable,
    count_reservation,
    stock_error,
)

log = get_logger(__name__)

Wish = tuple[uuid.UUID, Sequence[Wanted], int]  # order, lines, ttl in seconds
Outcome = Standing | Short | Exception
One = TypeVar("One")
EXPECTED = {
    "hold": (Standing.HELD, Standing.COMMITTED),
    "commit": (Standing.COMMITTED,),
    "release": (Standing.RELEASED,),
}
ORDERS_OF_A_CALL, LINES_OF_A_CALL = 64, 400  # product_service takes no more
FAILURES_OF_AN_OUTAGE = 3  # in a row, of orders that are asked for alone
SECONDS = 4.0  # after which no other call is begun; a call takes 3 s at most, a lease lasts 20 s


class _Order(TypedDict):
    order_id: uuid.UUID
    state: NotRequired[str]
    error: NotRequired[str]
    short: NotRequired[tuple[ShortLine, ...]]


class _Answer(TypedDict):
    outcomes: list[_Order]


_read = reader(_Answer)


class _Patience:
    """Whether to ask on, of all that is asked at one time."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SECONDS
        self._failures = 0

    @property
    def is_over(self) -> bool:
        return self._failures >= FAILURES_OF_AN_OUTAGE or time.monotonic() >= self._until

    def ask_alone(self, ask: Callable[..., Any], *arguments: Any) -> Any:
        try:
            outcome = ask(*arguments)
        except StockUnavailable as error:
            self._failures += 1
            return error
        except StockRefused as error:
            outcome = error
        self._failures = 0
        return outcome


def reserve(wishes: Sequence[Wish]) -> Sequence[Outcome]:
    patience = _Patience()
    portions = _portions(wishes, lambda wish: len(wish[1]))
    return [outcome for portion in portions for outcome in _reserve(portion, patience)]


def _reserve(wishes: Sequence[Wish], patience: _Patience) -> Sequence[Outcome]:
    orders = [
        {
            "order_id": str(order_id),
            "lines": [line.to_wire() for line in lines],
            "ttl_seconds": ttl,
        }
        for order_id, lines, ttl in wishes
    ]
    order_ids = [order_id for order_id, _, _ in wishes]
    outcomes = _together("hold", order_ids, {"orders": orders}, patience)
    for outcome in outcomes or ():
        count_reservation(outcome)
    return outcomes or [_reserve_alone(wish, patience) for wish in wishes]


def _reserve_alone(wish: Wish, patience: _Patience) -> Outcome:
    if patience.is_over:
        count_reservation(error := _not_asked())
        return error
    outcome: Outcome = patience.ask_alone(stock.reserve, *wish)
    return outcome


def commit(order_ids: Sequence[uuid.UUID]) -> Sequence[Outcome]:
    return _work("commit", order_ids, stock.commit)


def release(order_ids: Sequence[uuid.UUID]) -> Sequence[Outcome | None]:
    return _work("release", order_ids, stock.release)


def _work(
    action: str, order_ids: Sequence[uuid.UUID], work_alone: Callable[[uuid.UUID], Any]
) -> Sequence[Any]:
    patience = _Patience()
    outcomes: list[Any] = []
    for portion in _portions(order_ids, lambda _: 0):
        body = {"order_ids": [str(each) for each in portion]}
        outcomes += _together(action, portion, body, patience) or [
            _not_asked() if patience.is_over else patience.ask_alone(work_alone, each)
            for each in portion
        ]
    return outcomes


def _not_asked() -> StockUnavailable:
    return StockUnavailable("not asked, because others had no answer")


def _portions(asked: Sequence[One], lines_of: Callable[[One], int]) -> Iterator[list[One]]:
    """What may go into one call each, in the same order."""
    portion: list[One] = []
    lines = 0
    for one in asked:
        lines += lines_of(one)
        if portion and (lines > LINES_OF_A_CALL or len(portion) == ORDERS_OF_A_CALL):
            yield portion
            portion, lines = [], lines_of(one)
        portion.append(one)
    yield portion


def _together(
    action: str, order_ids: Sequence[uuid.UUID], body: Mapping[str, object], patience: _Patience
) -> Sequence[Outcome] | None:
    """An outcome for each order. None: ask for each alone."""
    if len(order_ids) == 1 or patience.is_over:
        return None
    try:
        return _call(action, order_ids, body)
    except StockUnavailable as error:
        return [error] * len(order_ids)


def _call(
    action: str, order_ids: Sequence[uuid.UUID], body: Mapping[str, object]
) -> list[Outcome] | None:
    """An outcome for each order. None if the call as a whole was refused, or ended in a 5xx."""
    try:
        answer = product_service().call(
            "POST",
            f"/v1/reservations/batch/{action}",
            operation=f"{action}_set",
            subject=SUBJECT,
            json=body,
            retry_safe=True,
        )
        outcomes = _read(answer.body)["outcomes"]
        found = {each["order_id"]: _outcome(action, each) for each in outcomes}
        return [found[order_id] for order_id in order_ids]
    except Unavailable as error:
        if error.reason != "5xx":
            raise StockUnavailable(error.reason) from error
    except Refused as refusal:
        if refusal.status == 404:  # a pod of the version before, during an update, or an unknown id
            log.info("each is asked for alone", action=action, orders=len(order_ids))
            return None
        refused = stock_error(f"{action}_set", refusal)
        if isinstance(refused, StockUnavailable):
            raise refused from refusal
    except (KeyError, ValueError) as error:
        raise StockUnavailable("malformed answer") from error
    log.warning("each is asked for alone", action=action, orders=len(order_ids))
    return None


def _outcome(action: str, order: _Order) -> Outcome:
    if "state" in order:
        standing = Standing(order["state"])
        if standing not in EXPECTED[action]:
            return StockUnavailable(f"{action} answered {standing}")
        return standing
    code = order["error"]
    if code == "out_of_stock":
        return Short(order["short"])
    if code == "unavailable":  # somebody else has its rows locked
        return StockUnavailable(code)
    return REFUSED_AS[code] if code in REFUSED_AS else StockRefused(code)
