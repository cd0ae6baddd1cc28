"""Fills the column for the products that are there, in batches beside a running shop."""

from __future__ import annotations

from typing import Any

from django.db import migrations

BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        filled = BATCH
        while filled == BATCH:
            cursor.execute(
                "UPDATE product SET name_key = sort_key(name) WHERE id IN"
                " (SELECT id FROM product WHERE name_key IS NULL LIMIT %s)",
                [BATCH],
            )
            filled = cursor.rowcount


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalogue", "0007_product_name_key")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
