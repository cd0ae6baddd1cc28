"""The variables that every process of the local shop gets.

What the user sets (environment, .env) wins over what is generated here; .env.example says what
each variable means.
"""

from __future__ import annotations

from collections.abc import Mapping

from deploy.local.keys import SERVICES
from deploy.local.ports import HOST


def addresses(ports: Mapping[str, int]) -> dict[str, str]:
    """Where the parts of the shop find each other."""
    local = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
    return {
        "PUBLIC_URL": local["storefront"],
        "PRODUCT_SERVICE_URL": local["product_service"],
        "ORDER_SERVICE_URL": local["order_service"],
        "PAYMENT_PROVIDER_URL": local["sandbox"],
        "SANDBOX_PUBLIC_URL": local["sandbox"],
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": str(ports["smtp"]),
        "EMAIL_FROM": "TechCommerce <shop@example.org>",
        "OWNER_EMAIL": "owner@example.org",
        "CATALOGUE_ADMIN_URL": local["product_service"],
        "ORDERS_ADMIN_URL": local["order_service"],
    }


def lacking_databases(given: Mapping[str, str]) -> list[str]:
    """Services whose database the user does not bring."""
    return [each for each in SERVICES if not given.get(f"{each.upper()}_DATABASE_URL")]


def shared(secrets: Mapping[str, str]) -> dict[str, str]:
    """Switches and secrets; the passwords of our own servers are in their URLs, not here."""
    return {
        "DEBUG": "0",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "console",
        "STORE_CURRENCY": "EUR",
        **{name: value for name, value in secrets.items() if not name.endswith("_PASSWORD")},
    }
