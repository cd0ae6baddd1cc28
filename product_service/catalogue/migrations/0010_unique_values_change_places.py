"""SKUs, options and attributes may change places among the rows that one transaction saves.

The same uniqueness, checked at the end of each statement as before, and at the end of a transaction
that asks for it. Each index is built beside the old one, without a lock on writes; then they are
exchanged in a moment. If that moment does not come within two seconds, because a long transaction
uses the table, the shop behind it must not wait any longer: the migration fails, and is run again.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import migrations, models

def exchange(table: str, columns: str, old: str, new: str, state: list[Any]) -> list[Any]:
    """Steps that can be run again after a break-off, those that were done as well."""
    building = f"{new}_building"
    build = f"CREATE UNIQUE INDEX CONCURRENTLY {building} ON {table} ({columns})"
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {building}"

    def change(gone: str, made: str, kind: str) -> str:
        return (
            "SET LOCAL lock_timeout = '2s';"  # both in the transaction of one message
            f" ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {gone},"
            f" DROP CONSTRAINT IF EXISTS {made},"
            f" ADD CONSTRAINT {made} UNIQUE USING INDEX {building} {kind}"
        )

    there = change(old, new, "DEFERRABLE INITIALLY IMMEDIATE")
    back = change(new, old, "")
    return [
        migrations.RunSQL(drop, migrations.RunSQL.noop),
        migrations.RunSQL(build, migrations.RunSQL.noop),
        migrations.RunSQL(there, back, state_operations=state),
        migrations.RunSQL(migrations.RunSQL.noop, build),
        migrations.RunSQL(migrations.RunSQL.noop, drop),
    ]


def once(name: str, *fields: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=fields, name=name, deferrable=models.Deferrable.IMMEDIATE)


def constraint(model: str, made: models.UniqueConstraint, gone: str = "") -> list[Any]:
    removed = [migrations.RemoveConstraint(model, gone)] if gone else []
    return [*removed, migrations.AddConstraint(model, made)]


SKU = models.CharField(
    "SKU",
    max_length=64,
    validators=[
        RegexValidator(r"^[A-Z0-9][A-Z0-9._-]{0,63}$", "Use A-Z, 0-9, dot, dash and underscore.")
    ],
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalogue", "0009_names_in_order")]
    operations = [
        *exchange(
            "variant",
            "sku",
            "variant_sku_key",
            "variant_sku_once",
            [
                migrations.AlterField("variant", "sku", SKU),
                *constraint("variant", once("variant_sku_once", "sku")),
            ],
        ),
        *exchange(
            "variant",
            "product_id, options",
            "variant_options_once",
            "variant_options_once_in_product",
            constraint(
                "variant",
                once("variant_options_once_in_product", "product", "options"),
                "variant_options_once",
            ),
        ),
        *exchange(
            "attribute_value",
            "product_id, attribute_id",
            "attribute_value_once",
            "attribute_value_once_in_product",
            constraint(
                "attributevalue",
                once("attribute_value_once_in_product", "product", "attribute"),
                "attribute_value_once",
            ),
        ),
    ]
