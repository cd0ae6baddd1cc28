"""The function `sort_key(text)`; see `catalogue.sorting`. Bytes, so that no collation has a say.

Its body is parsed once, when it is made, so it needs no search_path in a dump or an index. Numbers
get nine zeros in front, and then keep their last ten digits: 9 -> 0000000009.
Among names that are equal then, the name itself decides, behind a character below every other.
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_catalogue")]
    operations = [
        migrations.RunSQL(
            r"""
            CREATE FUNCTION sort_key(name text) RETURNS bytea
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            RETURN convert_to(
                regexp_replace(
                    regexp_replace(
                        lower(unaccent('unaccent'::regdictionary, normalize(name, NFC))),
                        '(\d+)', '000000000\1', 'g'),
                    '0*(\d{10,})', '\1', 'g') || chr(1) || name,
                'UTF8')
            """,
            "DROP FUNCTION sort_key(text)",
        ),
    ]
