"""Calls to product_service: the connection, and lines as they are sent over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.conf import settings

from chassis.auth import TokenSigner
from chassis.http import Answer, Refused, ServiceClient

DEADLINE_SECONDS = 3.0
STAFF_SECONDS = 1.0

WireLines = list[dict[str, Any]]


@cache
def product_service() -> ServiceClient:
    """The client of this process: all calls share a pool and a breaker.

    Calls that name a subject carry a token for reservations.
    """
    return _client("product_service", "reservations", DEADLINE_SECONDS)


@cache
def staff_service() -> ServiceClient:
    """The client for sign-ins of staff: what fails there must not close the way of orders."""
    return _client("product_service_staff", "staff", STAFF_SECONDS)


def _client(upstream: str, scope: str, deadline_seconds: float) -> ServiceClient:
    signer = TokenSigner("order_service", settings.SIGNING_KEY)
    return ServiceClient(
        upstream=upstream,
        base_url=settings.PRODUCT_SERVICE_URL,
        deadline_seconds=deadline_seconds,
        token=lambda subject: signer.kept("product_service", subject, scope),
    )


@dataclass(frozen=True)
class Wanted:
    """How many of a variant, and its SKU as far as the shopper knows it."""

    sku: str
    quantity: int
    variant_id: int | None = None  # None: known by SKU alone, or placed by the previous version

    def to_wire(self) -> dict[str, Any]:
        wire = {"sku": self.sku, "quantity": self.quantity}
        return wire if self.variant_id is None else {**wire, "variant_id": self.variant_id}


def by_variant(send: Callable[[WireLines], Answer], lines: Sequence[Wanted]) -> Answer:
    """`send` the lines by variant id. Raises what `send` raises.

    During an update a pod of the previous version may answer: it refuses the field that it does not
    know and has done nothing, so it is asked once more by SKU, as that release did.
    """
    try:
        return send([line.to_wire() for line in lines])
    except Refused as refusal:
        if not _knows_no_variants(refusal):
            raise
    return send([replace(line, variant_id=None).to_wire() for line in lines])


def _knows_no_variants(refusal: Refused) -> bool:
    return refusal.status == 400 and any(
        error.get("code") == "unknown_field" and str(error.get("pointer")).endswith("/variant_id")
        for error in refusal.errors
    )
