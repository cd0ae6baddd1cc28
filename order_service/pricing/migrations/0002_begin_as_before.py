"""The rows of a shop that had none: what was set by TAX_RATE and written in the code until now.

A migration of its own, and rows that are there stay: it bears to be run again.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db import migrations

COUNTRIES = (
    *(("AT", "Austria"), ("BE", "Belgium"), ("DK", "Denmark"), ("FI", "Finland")),
    *(("FR", "France"), ("DE", "Germany"), ("IE", "Ireland"), ("IT", "Italy")),
    *(("LU", "Luxembourg"), ("NL", "Netherlands"), ("PL", "Poland"), ("PT", "Portugal")),
    *(("ES", "Spain"), ("SE", "Sweden")),
)
METHODS = (
    ("standard", "Standard", "2 to 4 working days", "4.90", "50.00"),
    ("express", "Express", "next working day", "9.90", None),
)
WITHOUT_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
)


def fill(apps: Any, schema_editor: Any) -> None:
    rates = apps.get_model("pricing", "TaxRate").objects
    rates.get_or_create(
        tax_class="standard", country="", defaults={"rate": getattr(settings, "TAX_RATE", "0.19")}
    )
    methods = apps.get_model("pricing", "ShippingMethod").objects
    for position, (code, name, estimate, price, free_from) in enumerate(METHODS):
        values = {
            "name": name,
            "estimate": estimate,
            "price": _amount(price),
            "free_from": _amount(free_from) if free_from else None,
            "position": position,
        }
        methods.get_or_create(code=code, defaults=values)
    countries = apps.get_model("pricing", "Country").objects
    for code, name in COUNTRIES:
        countries.get_or_create(code=code, defaults={"name": name})


def _amount(text: str) -> Decimal:
    """In a currency without decimals, as the code rounded it for each quote."""
    step = Decimal(1) if settings.STORE_CURRENCY in WITHOUT_DECIMALS else Decimal("0.01")
    return Decimal(text).quantize(step, rounding=ROUND_HALF_UP)


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_prices")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
