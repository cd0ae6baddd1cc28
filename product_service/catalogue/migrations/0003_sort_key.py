"""The function `sort_key(text)`; see `catalogue.sorting`.

Its body is parsed once, when it is made, so it needs no search_path in a dump or an index. Numbers
get nine zeros in front, and then keep their last ten digits: 9 -> 0000000009.
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_catalogue")]
    operations = [
        migrations.RunSQL(
            r"""
            CREATE FUNCTION sort_key(name text) RETURNS text
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            RETURN regexp_replace(
                regexp_replace(
                    lower(unaccent('unaccent'::regdictionary, normalize(name, NFC))),
                    '(\d+)', '000000000\1', 'g'),
                '0*(\d{10,})', '\1', 'g') COLLATE "C"
            """,
            "DROP FUNCTION sort_key(text)",
        ),
    ]
