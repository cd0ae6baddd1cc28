"""What product_service says of the lines that a shopper wants, read strictly.

An answer of the wrong shape counts as no answer. Each process keeps an answer for a second, for
carts that are only looked at: a shopper's next page asks for the same lines.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from chassis.errors import FieldError, ServiceUnavailable, Unprocessable
from chassis.http import Answer, Refused, Unavailable
from chassis.logs import get_logger
from chassis.shapes import Price, reader
from order_service.clients.product_service import Wanted, WireLines, by_variant, product_service

log = get_logger(__name__)

QUOTE_SECONDS = 1.0
KEPT_SECONDS = 1.0
KEPT_LINES = 1_000  # in all, at about 3 KB each; when it would be more they are all forgotten


class ProductsUnavailable(ServiceUnavailable):
    """The product service can't be reached, so nothing can be priced. Wait for the seconds in
    Retry-After, then repeat the request, with the same Idempotency-Key if it has one."""

    code, title = "products_unavailable", "Prices are temporarily unavailable"


class LinesRefused(Unprocessable):
    """These lines can't be priced. `errors` names each one and why; correct or remove them."""

    code, title = "lines_refused", "These lines can't be priced"


@dataclass(frozen=True, kw_only=True)
class QuotedLine:
    """A line as product_service tells it; without a name it has never heard of the SKU."""

    sku: str
    variant_id: int | None = None  # None: unknown, or product_service of the previous version
    quantity: int
    status: str  # ok, less_left, sold_out or unavailable
    available: int  # at most 99
    name: str | None
    options: Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]
    product_slug: str | None
    image: dict[str, Any] | None  # passed on as it is
    unit_price: Price | None
    tax_class: str


@dataclass(frozen=True)
class Quote:
    """The answer for all lines of a cart, in the order in which they were asked for."""

    currency: str
    lines: tuple[QuotedLine, ...]


_quote = reader(Quote)


_kept: dict[tuple[Wanted, ...], tuple[float, Quote]] = {}
_kept_lock = threading.Lock()


def recent_quote(lines: Sequence[Wanted]) -> Quote:
    """As `fetch_quote`, KEPT_SECONDS old at most: nothing is promised by it."""
    until, quote = _kept.get(tuple(lines), (0.0, None))
    return quote if quote and time.monotonic() < until else fetch_quote(lines)


def fetch_quote(lines: Sequence[Wanted]) -> Quote:
    """Current names and prices. Raises ProductsUnavailable or LinesRefused."""
    asked_at = time.monotonic()
    quote = _fetch(lines)
    with _kept_lock:
        _kept.pop(tuple(lines), None)
        _make_room(len(lines), asked_at)
        _kept[tuple(lines)] = (
            asked_at + KEPT_SECONDS,
            quote,
        )  # the last: that is their order in time
    return quote


def forget_quotes() -> None:
    _kept.clear()


def _make_room(lines: int, now: float) -> None:
    """Forget what has had its time; it was kept first."""
    while _kept and next(iter(_kept.values()))[0] <= now:
        del _kept[next(iter(_kept))]
    if sum(map(len, _kept)) + lines > KEPT_LINES:
        _kept.clear()


def _fetch(lines: Sequence[Wanted]) -> Quote:
    try:
        answer = by_variant(_ask, lines)
        return _read(answer.body, lines)
    except Unavailable as error:
        raise ProductsUnavailable("Try again in a moment.") from error
    except Refused as error:
        raise _refused(error) from error
    except ValueError as error:
        log.error("upstream answer malformed", operation="quote", error=str(error))
        raise ProductsUnavailable("Try again in a moment.") from error


def _ask(wanted: WireLines) -> Answer:
    return product_service().call(
        "POST",
        "/v1/quotes",
        operation="quote",
        json={"lines": wanted},
        deadline_seconds=QUOTE_SECONDS,
        retry_safe=True,
    )


def _refused(error: Refused) -> LinesRefused | ProductsUnavailable:
    """A 4xx about the shopper's lines is passed on; any other is a fault of the set-up."""
    if error.status not in (400, 422):
        log.error("upstream refused", operation="quote", status=error.status, code=error.code)
        return ProductsUnavailable("Try again in a moment.")
    fields = [
        FieldError(str(field.get("pointer")), str(field.get("detail")), str(field.get("code")))
        for field in error.errors
    ]
    return LinesRefused(error.detail, errors=fields)


def _read(body: Any, wanted: Sequence[Wanted]) -> Quote:
    """Raises ValueError for an answer of the wrong shape."""
    quote = _quote(body)
    if len(quote.lines) != len(wanted) or not all(map(_answers, quote.lines, wanted)):
        raise ValueError("the lines are not those that were asked for")
    if {line.unit_price.currency for line in quote.lines if line.unit_price} - {quote.currency}:
        raise ValueError("the prices are of different currencies")
    return quote


def _answers(line: QuotedLine, wanted: Wanted) -> bool:
    """Whether it is the line that was asked for; its SKU may have been corrected since."""
    if None in (wanted.variant_id, line.variant_id):
        return (line.sku, line.quantity) == (wanted.sku, wanted.quantity)
    return (line.variant_id, line.quantity) == (wanted.variant_id, wanted.quantity)
