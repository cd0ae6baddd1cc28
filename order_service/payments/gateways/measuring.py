"""How long calls to a provider take, and how many fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from order_service.payments.gateways.base import PaymentTimeout, PaymentUnavailable
from order_service.payments.metrics import PAYMENTS, PROVIDER, SECONDS


@contextmanager
def measured() -> Iterator[None]:
    """Measure a call to the provider, and count it if it fails."""
    began = time.monotonic()
    try:
        yield
    except PaymentTimeout:
        PAYMENTS.labels(PROVIDER, "timeout").inc()
        raise
    except PaymentUnavailable:
        PAYMENTS.labels(PROVIDER, "error").inc()
        raise
    finally:
        SECONDS.labels(PROVIDER).observe(time.monotonic() - began)
