"""Reads behind the order calls: one order in full, and a shopper's orders page by page."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import Q

from chassis.errors import BadRequest, FieldError, escaped
from order_service.api.representation import order_body, summary_body
from order_service.api.shapes import OrderAnswer, OrderList
from order_service.api.waiting import place_in_queue
from order_service.orders.links import link_token
from order_service.orders.models import Order
from order_service.orders.querysets import OrderQuerySet
from order_service.orders.states import State
from order_service.payments.models import Payment
from order_service.payments.states import PaymentState

PAGE_SIZE = 20
MAX_CURSOR = 120


class InvalidParameter(BadRequest):
    """A query parameter is unknown or invalid. `errors` names it; a `cursor` must be the `next` of
    an earlier page."""

    code, title = "invalid_parameter", "Invalid query parameter"


def full_order(order: Order) -> OrderAnswer:
    """The order with everything that its page shows; three to five statements."""
    # An order moves on between two statements; its page must not know more than its state.
    events = order.events.filter(version__lte=order.version)
    return {
        **order_body(order, lines=list(order.lines.all()), events=events),
        "confirm_url": _confirm_url(order),
        "queue": place_in_queue(order),
        "token": link_token(order.id, order.link_version),
    }


def newest_first(orders: OrderQuerySet, cursor: str | None) -> OrderList:
    """One page of `orders`. Raises InvalidParameter for a cursor that we never gave."""
    if cursor:
        placed_at, order_id = _read_cursor(cursor)
        older = Q(placed_at__lt=placed_at) | Q(placed_at=placed_at, id__lt=order_id)
        orders = orders.filter(older)
    found = list(orders.order_by("-placed_at", "-id")[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return {
        "items": [summary_body(order) for order in page],
        "next": _cursor(page[-1]) if len(found) > PAGE_SIZE else None,
    }


def refuse_unknown(parameters: Iterable[str]) -> None:
    """Raise InvalidParameter if a list is asked for with anything but a cursor."""
    message = "This parameter is not known here; leave it out."
    unknown = sorted(set(parameters) - {"cursor"})
    errors = [FieldError(f"/{escaped(name)}", message, "unknown_field") for name in unknown]
    if errors:
        raise InvalidParameter("See errors.", errors=errors)


def _confirm_url(order: Order) -> str | None:
    """Where the shopper confirms with the bank, while that is awaited."""
    if order.state != State.AWAITING_SHOPPER:
        return None
    urls = Payment.objects.filter(order=order, state=PaymentState.ACTION_REQUIRED)
    return urls.values_list("confirm_url", flat=True).first() or None


def _cursor(order: Order) -> str:
    text = f"{order.placed_at.isoformat()} {order.id}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError("too long")
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        placed_at, order_id = text.split(" ")
        at = datetime.fromisoformat(placed_at)
        if at.tzinfo is None:
            raise ValueError("no time zone")
        return at.astimezone(UTC), uuid.UUID(order_id)
    except (ValueError, OverflowError, binascii.Error):
        detail = "Use the `next` of the previous page, unchanged."
        error = FieldError("/cursor", detail, "invalid_cursor")
        raise InvalidParameter("The cursor is not one of ours.", errors=[error]) from None
