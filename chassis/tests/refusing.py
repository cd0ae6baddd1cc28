"""A database that refuses whatever is written to a table, as in a race that no form foresees."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import RequestFactory

from tests.effort import IS_THOROUGH

UNIQUE, CHECK, FOREIGN, EXCLUSION = "23505", "23514", "23503", "23P01"
KINDS = {models.UniqueConstraint: UNIQUE, models.CheckConstraint: CHECK}


def written() -> set[type[models.Model]]:
    """The models that forms of the back office write, its inlines among them."""
    request = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    pages = [each for each in admin.site._registry.values() if each.has_change_permission(request)]
    inlines = [inline.model for each in pages for inline in each.inlines]
    return {each.model for each in pages} | set(inlines)


def rules(model: type[models.Model]) -> Collection[tuple[str, str]]:
    """SQLSTATE and name of constraints of the table of `model`: one of each kind, or all."""
    found = list(_rules(model))
    return found if IS_THOROUGH else {state: (state, name) for state, name in found}.values()


def _rules(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    for constraint in model._meta.constraints:
        yield KINDS.get(type(constraint), EXCLUSION), constraint.name
    for field in model._meta.local_concrete_fields:
        if field.unique and not field.primary_key:
            yield UNIQUE, f"{model._meta.db_table}_{field.column}_key"
        if field.is_relation:
            yield FOREIGN, f"{model._meta.db_table}_{field.column}_fk"


@contextmanager
def refusing(model: type[models.Model], state: str, name: str) -> Iterator[None]:
    """While it lasts, the table of `model` takes nothing, for this reason."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'refused' USING ERRCODE = '{state}', CONSTRAINT = '{name}',
                    TABLE = '{table}';
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON "{table}"
                FOR EACH ROW EXECUTE FUNCTION refuse()""")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse() CASCADE")
