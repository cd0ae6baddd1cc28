"""Examples in the OpenAPI description. A test sends each; the demo shop sells what they order."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

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
