"""An index for words without their inner signs; see `search.joined`. Made beside running shops."""

from __future__ import annotations

from django.db import migrations

EXPRESSION = (
    "to_tsvector('shop'::regconfig, translate(name || ' ' || brand || ' '"
    " || keywords, '-''’\u2010\u2011', ''))"
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalogue", "0003_sort_key")]
    operations = [
        migrations.RunSQL(
            # One that was interrupted leaves an index that is no good.
            [
                "DROP INDEX CONCURRENTLY IF EXISTS product_search_joined",
                "CREATE INDEX CONCURRENTLY product_search_joined"
                f" ON product USING gin (({EXPRESSION}))",
            ],
            "DROP INDEX CONCURRENTLY IF EXISTS product_search_joined",
        ),
    ]
