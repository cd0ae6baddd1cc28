"""Runs statements that are written in SQL.

Those are the ones that every purchase sends. The ORM would build the same text anew each time,
which takes several times as long as the statement itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import JSONField, Model

Values = Mapping[str, Any] | Sequence[Any]
M = TypeVar("M", bound=Model)


def rows(sql: str, values: Values) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def row(sql: str, values: Values) -> tuple[Any, ...] | None:
    """The first row, or None if there is none."""
    return next(iter(rows(sql, values)), None)


def run(sql: str, values: Values) -> int:
    """How many rows were changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        changed: int = cursor.rowcount
    return changed


def instances(model: type[M], sql: str, values: Values) -> list[M]:
    """Rows of a model. The statement says {columns} for those that this release knows."""
    columns, names, of_json = _shape(model)
    return [
        model.from_db(
            "default",
            names,
            [json.loads(one) if at in of_json else one for at, one in enumerate(each)],
        )
        for each in rows(sql.replace("{columns}", columns), values)
    ]


@cache
def _shape(model: type[Model]) -> tuple[str, list[str], frozenset[int]]:
    """Columns, names of the fields, and which of them hold JSON (none of ours may be null)."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f"{model._meta.db_table}.{field.column}" for field in fields)
    of_json = frozenset(at for at, field in enumerate(fields) if isinstance(field, JSONField))
    return columns, [field.attname for field in fields], of_json
