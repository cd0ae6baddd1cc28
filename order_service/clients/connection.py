"""The way to product_service: one client a process, so all calls share a pool and a breaker."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from chassis.auth import TokenSigner
from chassis.http import ServiceClient

DEADLINE_SECONDS = 3.0


@cache
def product_service() -> ServiceClient:
    """The client of this process. Calls that name a subject carry a token for reservations."""
    signer = TokenSigner("order_service", settings.SIGNING_KEY)
    return ServiceClient(
        upstream="product_service",
        base_url=settings.PRODUCT_SERVICE_URL,
        deadline_seconds=DEADLINE_SECONDS,
        token=lambda subject: signer.mint("product_service", subject, "reservations"),
    )
