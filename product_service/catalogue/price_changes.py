"""Every price that a variant had, written by a trigger of the table `price`, whoever changes it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class PriceChange(models.Model):
    """The price of a variant from `at` on, until its next one."""

    variant = models.ForeignKey("catalogue.Variant", on_delete=models.CASCADE, related_name="+")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    prior_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "price_change"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["variant", "at"], name="price_change_of_variant")]

    def __str__(self) -> str:
        return str(self.amount)


# The lowest price of variant `v` in the 30 days before its reduction began, as Article 6a of
# Directive 98/6/EC has it; of one that is reduced further and further, before the first step. Of a
# reduction that is older than our memory it is the price before. NULL for a price not reduced.
LOWEST_SQL = """CASE WHEN price.prior_amount IS NOT NULL THEN coalesce((
    SELECT min(was.amount) FROM (
        SELECT change.amount, change.at, change.prior_amount,
            lead(change.at) OVER (ORDER BY change.at, change.id) AS until,
            (SELECT min(first.at) FROM price_change first
                WHERE first.variant_id = v.id AND first.prior_amount IS NOT NULL
                AND first.at > coalesce((SELECT max(last.at) FROM price_change last
                    WHERE last.variant_id = v.id AND last.prior_amount IS NULL), '-infinity')
            ) AS reduced_at
        FROM price_change change WHERE change.variant_id = v.id) AS was
    WHERE was.at < was.reduced_at AND was.until > was.reduced_at - interval '30 days'
    ), price.prior_amount) END"""
