"""Letting a service behind the storefront fail."""

from __future__ import annotations

from pytest_django import Settings

from storefront.clients import calls
from storefront.tests.stubs.server import Stub

NOWHERE = "http://127.0.0.1:9"  # the discard port: refused at once


def fail(stub: Stub, fault: str, settings: Settings) -> None:
    """Let the service behind `stub` fail, seen by a process that has not noticed yet."""
    if fault == "refused":
        name = "PRODUCT" if stub.url == settings.PRODUCT_SERVICE_URL else "ORDER"
        setattr(settings, f"{name}_SERVICE_URL", NOWHERE)
    else:
        stub.fault = fault
    calls.client.cache_clear()
