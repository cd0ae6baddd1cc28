"""The secret links of orders: who holds one may see and cancel that order, without an account.

A token is HMAC-SHA256 over order id and link version. It is computed whenever a mail, a look-up
or an answer needs it and stored nowhere; raising the order's `link_version` revokes every link
that is out. The first of ORDER_LINK_KEYS signs, all of them are accepted, so keys can be rotated.

Links end ORDER_LINK_DAYS after the order was confirmed or cancelled. A link that was made anew
later than that works as long from then on.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import uuid
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from order_service.orders.models import Order

VERSIONS_KNOWN = 20  # so many earlier links are known as ended; older ones as invalid


class Standing(enum.Enum):
    """What a token is to an order."""

    OPENS = "opens"
    ENDED = "ended"  # it opened the order once
    WRONG = "wrong"


def link_token(order_id: uuid.UUID, link_version: int) -> str:
    """The token that opens one order: 43 characters of base64url."""
    return _sign(settings.ORDER_LINK_KEYS[0], order_id, link_version)


def standing(token: str, order: Order) -> Standing:
    """What `token` is to `order`; each comparison takes constant time."""
    if _is_token(token, order.id, order.link_version):
        return Standing.ENDED if has_ended(order) else Standing.OPENS
    earlier = range(max(1, order.link_version - VERSIONS_KNOWN), order.link_version)
    is_earlier = any(_is_token(token, order.id, version) for version in earlier)
    return Standing.ENDED if is_earlier else Standing.WRONG


def has_ended(order: Order) -> bool:
    """Whether the present link of `order` is too old to open it."""
    end = ends_at(order)
    return end is not None and end <= timezone.now()


def ends_at(order: Order) -> datetime | None:
    """When the present link of `order` ends; None while the order is not decided."""
    if not order.is_terminal:
        return None
    decided = order.events.filter(to_state=order.state).latest("version").at
    return max(decided, order.link_renewed_at or decided) + settings.ORDER_LINK_LIFETIME


def opens_by_look_up(order: Order) -> bool:
    """Whether number and e-mail address are enough to get a link, without the mailbox.

    They are not once a link was revoked, for they stand on the page that it opened; nor after
    the days in which the first link works, or links would never end.
    """
    return order.link_renewed_at is None and not has_ended(order)


def order_url(number: str, token: str) -> str:
    """The address of the order's page for mails."""
    return f"{settings.PUBLIC_URL}/orders/{number}/?token={token}"


def _is_token(token: str, order_id: uuid.UUID, link_version: int) -> bool:
    given = token.encode("utf-8", "replace")
    return any(
        hmac.compare_digest(given, _sign(key, order_id, link_version).encode())
        for key in settings.ORDER_LINK_KEYS
    )


def _sign(key: str, order_id: uuid.UUID, link_version: int) -> str:
    message = f"order-link:{order_id}:{link_version}".encode()
    digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
