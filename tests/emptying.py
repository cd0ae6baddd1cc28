"""pytest plugin: after a test with real commits only the tables that it filled are emptied.

Django truncates every table and then makes all permissions anew, 90 ms of CPU; a test fills four
or five tables. What the migrations put there (content types, permissions, prices) is left alone.
Django also reconnects after each such test, for databases whose cursors need setting up; we do not,
so a test that changes its session closes it.
"""

from __future__ import annotations

from django.db import connection
from django.test import TransactionTestCase

KEPT = frozenset(
    {
        *("django_migrations", "django_content_type", "auth_permission"),
        *("pricing_taxrate", "pricing_shippingmethod", "pricing_country", "shop_shopsettings"),
    }
)


def pytest_configure() -> None:
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]
    TransactionTestCase._should_reload_connections = lambda test: False  # type: ignore[attr-defined]


def _empty(test: TransactionTestCase) -> None:
    """In the place of TransactionTestCase._fixture_teardown."""
    tables = sorted(set(connection.introspection.django_table_names()) - KEPT)
    names = [connection.ops.quote_name(table) for table in tables]
    filled = ", ".join(f"EXISTS (SELECT FROM {name})" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {filled}")
        used = [name for name, is_used in zip(names, cursor.fetchone(), strict=True) if is_used]
        if used:
            cursor.execute(f"TRUNCATE {', '.join(used)} CASCADE")
