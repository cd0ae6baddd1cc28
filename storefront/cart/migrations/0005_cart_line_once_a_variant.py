"""A variant stands in a cart once; so does a SKU whose variant is not known yet."""

from django.db import migrations, models

BY_VARIANT = models.UniqueConstraint(
    fields=["cart", "variant_id"],
    condition=models.Q(variant_id__isnull=False),
    name="cart_line_once_a_variant",
)
BY_SKU = models.UniqueConstraint(
    fields=["cart", "sku"],
    condition=models.Q(variant_id__isnull=True),
    name="cart_line_once_an_unknown_variant",
)


def concurrently(columns: str, constraint: models.UniqueConstraint, condition: str):
    """The constraint as the unique index that Django would make of it, built without a lock."""
    # One that was interrupted leaves an index that is no good.
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {constraint.name}"
    create = f"CREATE UNIQUE INDEX CONCURRENTLY {constraint.name} ON cart_cartline ({columns}) WHERE {condition}"
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop, create], drop)],
        [migrations.AddConstraint("cartline", constraint)],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cart", "0004_cart_line_variant_id")]

    operations = [
        concurrently("cart_id, variant_id", BY_VARIANT, "variant_id IS NOT NULL"),
        concurrently("cart_id, sku", BY_SKU, "variant_id IS NULL"),
    ]
