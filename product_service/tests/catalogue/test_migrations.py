"""Migrations beside a shop at work: they give way to it, and can be run again."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from product_service.tests.factories import make_product

NAME = "0010_unique_values_change_places"


@pytest.mark.django_db(transaction=True)
def test_an_exchange_of_indexes_gives_way_and_can_be_run_again() -> None:
    make_product()
    recorder = MigrationRecorder(connection)
    applied = [name for app, name in recorder.applied_migrations() if app == "catalogue"]
    later = [name for name in applied if name > NAME]
    for name in (NAME, *later):
        recorder.record_unapplied("catalogue", name)
    reader = connection.copy()
    try:
        with reader.cursor() as reading, connection.cursor() as cursor:
            # As in a migration: no limit but the one that it sets itself.
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = '9s'")
            reading.execute("BEGIN; LOCK TABLE attribute_value IN ACCESS SHARE MODE")
            with pytest.raises(OperationalError, match="lock timeout"):
                call_command("migrate", "catalogue", NAME, verbosity=0)
    finally:
        reader.close()
        connection.close()
        call_command("migrate", "catalogue", NAME, verbosity=0)
        for name in later:
            recorder.record_applied("catalogue", name)
