"""How long calls to a provider take, and how many fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from order_service.payments.gateways.base import PaymentTimeout, PaymentUnavailable
from order_service.payments.metrics import PAYMENTS, SECONDS


@contextmanager
def measured(provider: str) -> Iterator[None]:
    """Measure a call to the provider of this code, and count it if it fails."""
    began = time.monotonic()
    try:
        yield
    except PaymentTimeout:
        PAYMENTS.labels(provider, "timeout").inc()
        raise
    except PaymentUnavailable:
        PAYMENTS.labels(provider, "error").inc()
        raise
    finally:
        SECONDS.labels(provider).observe(time.monotonic() - began)
