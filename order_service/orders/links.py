"""The secret links of orders: who holds one may see and cancel that order, without an account.

A token is HMAC-SHA256 over order id and link version. It is computed whenever a mail, a look-up
or an answer needs it and stored nowhere; raising the order's `link_version` revokes every link
that is out. The first of ORDER_LINK_KEYS signs, all of them are accepted, so keys can be rotated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid

from django.conf import settings


def link_token(order_id: uuid.UUID, link_version: int) -> str:
    """The token that opens one order: 43 characters of base64url."""
    return _sign(settings.ORDER_LINK_KEYS[0], order_id, link_version)


def is_link_token(token: str, order_id: uuid.UUID, link_version: int) -> bool:
    """Whether `token` opens this order; each comparison takes constant time."""
    given = token.encode("utf-8", "replace")
    return any(
        hmac.compare_digest(given, _sign(key, order_id, link_version).encode())
        for key in settings.ORDER_LINK_KEYS
    )


def order_url(number: str, token: str) -> str:
    """The address of the order's page for mails."""
    return f"{settings.PUBLIC_URL}/orders/{number}/?token={token}"


def _sign(key: str, order_id: uuid.UUID, link_version: int) -> str:
    message = f"order-link:{order_id}:{link_version}".encode()
    digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
