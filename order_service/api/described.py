"""What the OpenAPI description says beside the shapes: headers, problems, examples.

A test sends each example; the demo shop sells what they order.
"""

from __future__ import annotations

from typing import Any, NotRequired

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from chassis import openapi
from chassis.openapi import Problem
from chassis.shapes import WirePrice

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="1 to 255 visible ASCII characters. New for each order, the same for each repeat.",
)
CACHE_CONTROL = OpenApiParameter(
    "Cache-Control",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`no-cache` asks for prices of this moment. Without it they may be a second old.",
)
ORDER_TOKEN = OpenApiParameter(
    "Order-Token",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The token from the order's link. Opens the order to any subject.",
)
CLIENT_ADDRESS = OpenApiParameter(
    "Client-Address",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="IP address of the shopper's browser. Attempts are limited per address.",
)


class PriceChangedProblem(Problem):
    """`price_changed`: the total that was expected, and the current one."""

    expected_total: NotRequired[WirePrice]
    total: NotRequired[WirePrice]


class KeyReusedProblem(Problem):
    """`idempotency_key_reused`: the order that was placed with this key before."""

    order_number: NotRequired[str]


def problems(*statuses: int) -> dict[Any, Any]:
    """Responses of an operation for these statuses and those that every operation has."""
    meaning = {404: "No such order, or it belongs to another subject."}
    return openapi.problems({400, 401, 403, 503, *statuses}, meaning)


LINES = [{"sku": "DM-HOM0192-01", "quantity": 1}]

CART = OpenApiExample(
    "a cart",
    value={"lines": LINES, "country": "DE", "shipping_method": "standard"},
    request_only=True,
)
ORDER = OpenApiExample(
    "an order",
    value={
        "lines": LINES,
        "email": "ada@example.org",
        "shipping_address": {
            "name": "Ada Lovelace",
            "line1": "Lindenstraße 12",
            "line2": "",
            "postal_code": "10969",
            "city": "Berlin",
            "country": "DE",
        },
        "shipping_method": "standard",
        "payment_token": "tok_approve",
        "expected_total": {"amount": "24.80", "currency": "EUR"},
    },
    request_only=True,
)
LOOKUP = OpenApiExample(
    "a look-up",
    value={"number": "TC-7Q2M9X4B", "email": "ada@example.org"},
    request_only=True,
)
