"""What the database refused, in a sentence for the person whose form it was.

Forms find nearly all of it beforehand. The rest are races: two people save the same SKU at once.
"""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.db import DatabaseError
from django.db.models import Model, ProtectedError, RestrictedError
from psycopg import errors

KEY = re.compile(r"Key \((.*?)\)=")
BELONGS = (
    "Something that this {} belongs to, or that belongs to it, was added or deleted just now."
    " Load the page again to see what is there."
)
REFUSED = "The database did not accept these values together. Change them and save again."


def sentence_of(error: DatabaseError) -> str:
    """Which values were refused, why, and what to do."""
    if isinstance(error, ProtectedError | RestrictedError):  # Django's own, without a cause
        return BELONGS.format("row")
    cause: Any = error.__cause__
    said: Any = getattr(cause, "diag", None)
    table = getattr(said, "table_name", None)
    every = apps.get_models(include_auto_created=True)
    model = next((each for each in every if each._meta.db_table == table), None)
    if model is None:
        return REFUSED
    name = model._meta.verbose_name
    columns = _labels(model, said)
    match cause:
        case errors.UniqueViolation():
            return (
                f"Another {name} has the same {columns or 'values'}; somebody may have saved it"
                " just now. Choose a different value and save again."
            )
        case errors.ForeignKeyViolation():
            return BELONGS.format(name)
        case errors.NotNullViolation():
            return f"Fill in {columns or 'every field'} of the {name} and save again."
        case errors.CheckViolation():
            return _rule_of(model, said.constraint_name) or REFUSED
        case _:
            return REFUSED


def _labels(model: type[Model], said: Any) -> str:
    """The names, as forms show them, of the columns that are refused."""
    key = KEY.search(said.message_detail or "")
    names = key[1].split(", ") if key else [said.column_name]
    fields = {field.column: str(field.verbose_name) for field in model._meta.concrete_fields}
    return " and ".join(fields[name] for name in names if name in fields)


def _rule_of(model: type[Model], name: str) -> str:
    rules = [each for each in model._meta.constraints if each.name == name]
    if not rules or rules[0].violation_error_message == rules[0].default_violation_error_message:
        return ""
    return str(rules[0].violation_error_message)
