"""product_service as order_service sees it: quotes, and stock that is put aside and given back.

Every answer is turned into frozen types of our own, every error into an exception of our own; an
answer of the wrong shape counts as no answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings

from chassis.auth import TokenSigner
from chassis.errors import FieldError, ServiceUnavailable, Unprocessable
from chassis.http import Answer, Refused, ServiceClient, Unavailable
from chassis.logs import get_logger
from order_service.clients.quoted import Quote, WantedLine, read_quote
from order_service.clients.wanted import WireLines, by_variant
from order_service.orders import metrics
from order_service.pipeline.ports import (
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

log = get_logger(__name__)

QUOTE_SECONDS = 1.0
STOCK_SECONDS = 3.0
SUBJECT = "service:order_service"
RESERVED_AS = {
    Held: "reserved",
    Committed: "reserved",
    Short: "insufficient",
    Released: "conflict",
}


class ProductsUnavailable(ServiceUnavailable):
    """The product service can't be reached, so nothing can be priced. Wait for the seconds in
    Retry-After, then repeat the request, with the same Idempotency-Key if it has one."""

    code, title = "products_unavailable", "Prices are temporarily unavailable"


class LinesRefused(Unprocessable):
    """These lines can't be priced. `errors` names each one and why; correct or remove them."""

    code, title = "lines_refused", "These lines can't be priced"


class Products:
    """The calls that order_service makes to product_service; its stock half is a `Stock` port."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    def quote(self, lines: Sequence[WantedLine]) -> Quote:
        """Current names and prices. Raises ProductsUnavailable or LinesRefused."""
        try:
            answer = by_variant(self._quote, lines)
            return read_quote(answer.body, lines)
        except Unavailable as error:
            raise ProductsUnavailable("Try again in a moment.") from error
        except Refused as error:
            raise _refused(error) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.error("upstream answer malformed", operation="quote", error=repr(error))
            raise ProductsUnavailable("Try again in a moment.") from error

    def _quote(self, wanted: WireLines) -> Answer:
        return self._client.call(
            "POST",
            "/v1/quotes",
            operation="quote",
            json={"lines": wanted},
            deadline_seconds=QUOTE_SECONDS,
            retry_safe=True,
        )

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
            metrics.RESERVATIONS.labels(outcome).inc()
        return held

    def _reserve(
        self, order_id: uuid.UUID, lines: Sequence[WantedStock], ttl_seconds: int
    ) -> Held | Short | Committed | Released:
        def put(wanted: WireLines) -> Answer:
            wish = {"lines": wanted, "ttl_seconds": ttl_seconds}
            return self._stock("PUT", order_id, "", "reserve", wish)

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
            answer = self._stock("POST", order_id, "/commit", "commit", None)
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
            answer = self._stock("DELETE", order_id, "", "release", None)
        except Refused as error:
            raise _stock_error("release", error) from error
        _expect(Standing.RELEASED, answer)

    def look_up(self, order_id: uuid.UUID) -> Standing:
        """How the reservation of an order stands."""
        try:
            return _standing(self._stock("GET", order_id, "", "look_up_reservation", None))
        except Refused as error:
            if error.status == 404 and error.code == "not_found":
                return Standing.UNKNOWN
            raise _stock_error("look_up_reservation", error) from error

    def _stock(
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
                deadline_seconds=STOCK_SECONDS,
                retry_safe=True,
            )
        except Unavailable as error:
            raise StockUnavailable(error.reason) from error


@cache
def products() -> Products:
    """The client of this process."""
    signer = TokenSigner("order_service", settings.SIGNING_KEY)
    return Products(
        ServiceClient(
            upstream="product_service",
            base_url=settings.PRODUCT_SERVICE_URL,
            deadline_seconds=STOCK_SECONDS,
            token=lambda subject: signer.mint("product_service", subject, "reservations"),
        )
    )


def _refused(error: Refused) -> LinesRefused | ProductsUnavailable:
    """A refusal of what the shopper asked for is told on; any other is between the services."""
    if error.status not in (400, 422):
        log.error("upstream refused", operation="quote", status=error.status, code=error.code)
        return ProductsUnavailable("Try again in a moment.")
    fields = [
        FieldError(str(field.get("pointer")), str(field.get("detail")), str(field.get("code")))
        for field in error.errors
    ]
    return LinesRefused(error.detail, errors=fields)


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
        return tuple(
            ShortLine(line["sku"], int(line["wanted"]), int(line["available"]))
            for line in body["short"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StockUnavailable("malformed answer") from error


def _stock_error(operation: str, error: Refused) -> StockRefused | StockUnavailable:
    """A refused token is a fault of the set-up, so nothing of this one order is wrong."""
    log.error("upstream refused", operation=operation, status=error.status, code=error.code)
    if error.status in (401, 403, 429):
        return StockUnavailable(error.code)
    return StockRefused(error.code)
