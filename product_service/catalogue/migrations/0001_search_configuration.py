"""The text search configuration `shop`: English stems, and é found by e."""

from __future__ import annotations

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        UnaccentExtension(),
        migrations.RunSQL(
            "CREATE TEXT SEARCH CONFIGURATION shop (COPY = english);"
            "ALTER TEXT SEARCH CONFIGURATION shop"
            " ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;",
            "DROP TEXT SEARCH CONFIGURATION shop;",
        ),
    ]
