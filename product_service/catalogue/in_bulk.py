"""Writes of many prices or products, each with one statement and one version of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import connection, transaction
from django.db.models.functions import Now

from product_service.catalogue.actions import changed
from product_service.catalogue.models import Product

CHANGE_PRICES = """
UPDATE price SET amount = new.amount, prior_amount = new.prior_amount, changed_at = now()
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS new (variant_id, amount, prior_amount)
WHERE price.variant_id = new.variant_id
"""


@transaction.atomic
def change_prices(*, prices: Mapping[int, tuple[Decimal, Decimal | None]]) -> None:
    """Give each variant, by its id, the amount and the prior amount; it has a price already."""
    if not prices:
        return
    amounts, priors = zip(*prices.values(), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(CHANGE_PRICES, [list(prices), list(amounts), list(priors)])
    changed()


@transaction.atomic
def move_products(*, product_ids: Iterable[int], category_id: int) -> None:
    """Put the products into another category."""
    products = Product.objects.filter(pk__in=list(product_ids))
    products.update(category_id=category_id, updated_at=Now())
    changed()
