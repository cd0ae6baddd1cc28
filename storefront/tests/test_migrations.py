"""Migrations beside a shop at work: they give way to it, and can be run again."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db(transaction=True)
def test_migrations_of_the_cart_give_way_and_can_be_run_again() -> None:
    call_command("migrate", "cart", "0005", verbosity=0)
    MigrationRecorder(connection).record_unapplied("cart", "0005_cart_line_once_a_variant")
    reader = connection.copy()
    try:
        with reader.cursor() as reading, connection.cursor() as cursor:
            # As in a migration: no limit but the one that it sets itself.
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = '9s'")
            call_command("migrate", "cart", "0005", verbosity=0)
            reading.execute("BEGIN; LOCK TABLE cart_cartline IN ACCESS SHARE MODE")
            with pytest.raises(OperationalError, match="lock timeout"):
                call_command("migrate", "cart", verbosity=0)
    finally:
        reader.close()
        connection.close()
        call_command("migrate", "cart", verbosity=0)
