"""What a deploy is told that still sets TAX_RATE when the rate table has another rate.

The variable is the rate that a new shop begins with; from then on the table holds. Run with a
database: by `migrate`, and by `check --database default`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import Error, transaction


def tax_rate_is_in_the_table(
    *, databases: Sequence[str] | None = None, **options: Any
) -> list[checks.CheckMessage]:
    """A warning if TAX_RATE is set and says something else than the shop."""
    if not databases or not settings.TAX_RATE_IS_SET:
        return []
    rates = apps.get_model("pricing", "TaxRate").objects
    try:
        with transaction.atomic():
            found = rates.filter(tax_class="standard", country="").first()
    except Error:  # before the first migration there is no table
        return []
    if found is None or found.rate == settings.TAX_RATE:
        return []
    return [
        checks.Warning(
            f"TAX_RATE={settings.TAX_RATE} is not in force: the shop's rate is"
            f" {found.rate.normalize():f}.",
            hint="Unset TAX_RATE. Tax rates are changed in the back office: Prices, Tax rates.",
            id="pricing.W001",
        )
    ]
