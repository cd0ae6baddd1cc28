"""Stock of many orders in one call to product_service; of one order by the calls in stock.py.

What is too much for one call is asked in several. Where a call for many is refused as a whole (a
pod of the previous version does not know it, it is too large, one of the orders is unknown), then
nothing was changed, and each order is asked for alone.
"""

from __future__ import annotations

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


class _Order(TypedDict):
    order_id: uuid.UUID
    state: NotRequired[str]
    error: NotRequired[str]
    short: NotRequired[tuple[ShortLine, ...]]


class _Answer(TypedDict):
    outcomes: list[_Order]


_read = reader(_Answer)


def reserve(wishes: Sequence[Wish]) -> Sequence[Outcome]:
    portions = _portions(wishes, lambda wish: len(wish[1]))
    return [outcome for portion in portions for outcome in _reserve(portion)]


def _reserve(wishes: Sequence[Wish]) -> Sequence[Outcome]:
    if len(wishes) == 1:
        return [_caught(stock.reserve, *wishes[0])]
    orders = [
        {
            "order_id": str(order_id),
            "lines": [line.to_wire() for line in lines],
            "ttl_seconds": ttl,
        }
        for order_id, lines, ttl in wishes
    ]
    try:
        outcomes = _call("hold", [order_id for order_id, _, _ in wishes], {"orders": orders})
    except StockUnavailable as error:
        for _ in wishes:
            count_reservation(error)
        return [error] * len(wishes)
    if outcomes is None:
        return [_caught(stock.reserve, *wish) for wish in wishes]
    for outcome in outcomes:
        count_reservation(outcome)
    return outcomes


def commit(order_ids: Sequence[uuid.UUID]) -> Sequence[Outcome]:
    return _work("commit", order_ids, stock.commit)


def release(order_ids: Sequence[uuid.UUID]) -> Sequence[Outcome | None]:
    return _work("release", order_ids, stock.release)


def _work(
    action: str, order_ids: Sequence[uuid.UUID], work_alone: Callable[[uuid.UUID], Any]
) -> Sequence[Any]:
    outcomes: list[Any] = []
    for portion in _portions(order_ids, lambda _: 0):
        body = {"order_ids": [str(each) for each in portion]}
        try:
            found = _call(action, portion, body) if len(portion) > 1 else None
            outcomes += found or [_caught(work_alone, each) for each in portion]
        except StockUnavailable as error:
            outcomes += [error] * len(portion)
    return outcomes


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


def _call(
    action: str, order_ids: Sequence[uuid.UUID], body: Mapping[str, object]
) -> list[Outcome] | None:
    """An outcome for each order. None if the call as a whole was refused."""
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
        raise StockUnavailable(error.reason) from error
    except Refused as refusal:
        refused = stock_error(f"{action}_set", refusal)
        if isinstance(refused, StockUnavailable):
            raise refused from refusal
        log.warning("each is asked for alone", action=action, orders=len(order_ids))
        return None
    except (KeyError, ValueError) as error:
        raise StockUnavailable("malformed answer") from error


def _outcome(action: str, order: _Order) -> Outcome:
    if "state" in order:
        standing = Standing(order["state"])
        if standing not in EXPECTED[action]:
            return StockUnavailable(f"{action} answered {standing}")
        return standing
    code = order["error"]
    if code == "out_of_stock":
        return Short(order["short"])
    return REFUSED_AS[code] if code in REFUSED_AS else StockRefused(code)


def _caught(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (StockUnavailable, StockRefused) as error:
        return error
