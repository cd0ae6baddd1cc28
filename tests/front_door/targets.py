"""Where each service is, and what visitors ask of it: its database, or another service."""

from __future__ import annotations

PATHS = {"storefront": "/", "product_service": "/v1/products", "order_service": "/health/startup"}
# The variables that hold their addresses.
ADDRESSES = {
    "storefront": "PUBLIC_URL",
    "product_service": "PRODUCT_SERVICE_URL",
    "order_service": "ORDER_SERVICE_URL",
}
