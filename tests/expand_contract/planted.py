"""Migrations that must be refused, and how the same is written well, each on `orders` as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models.deletion import PROTECT
from django.db.models.functions import Now

from tests.expand_contract.planted_sql import BY_HAND

Planted = dict[str, Sequence[Operation]]

GIVES_WAY = migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop)
INDEX = models.Index(fields=["sku"], name="order_line_sku")
CHECK = models.CheckConstraint(condition=models.Q(quantity__lt=50), name="order_line_few")
ABOVE_ZERO = models.CheckConstraint(condition=models.Q(id__gt=0), name="parcel_id")
UNIQUE = models.UniqueConstraint(fields=["order", "sku"], name="order_line_sku_once")


def nothing(apps: object, schema_editor: object) -> None:
    pass


def added(name: str, field: models.Field[Any, Any]) -> Sequence[Operation]:
    return [GIVES_WAY, migrations.AddField("orderline", name, field)]


def altered(name: str, field: models.Field[Any, Any]) -> Sequence[Operation]:
    return [GIVES_WAY, migrations.AlterField("orderline", name, field)]


BY_HAND_ON_ORDERS: Planted = {
    name: [GIVES_WAY, *(migrations.RunSQL(each) for each in statements)]
    for name, (_, statements) in BY_HAND.items()
}
ATOMIC: Planted = BY_HAND_ON_ORDERS | {
    "good_nullable": added("gift", models.CharField(max_length=20, null=True)),
    "good_database_default": added("gift", models.IntegerField(db_default=0)),
    "good_table": [
        migrations.CreateModel(
            "Parcel",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("code", models.CharField(max_length=20, unique=True)),
                ("weight_grams", models.IntegerField(db_index=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id__gt=0), name="c")]
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER parcel_append_only BEFORE UPDATE OR DELETE ON orders_parcel"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ),
    ],
    "good_now": added("gift", models.DateTimeField(db_default=Now())),
    "good_rows": [migrations.RunPython(nothing, nothing)],
    "good_validated": [ValidateConstraint("orderline", "order_line_few")],
    "table_that_leads_to_one_in_use": [
        migrations.CreateModel(
            "Parcel",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("order", models.ForeignKey("orders.Order", PROTECT)),
            ],
        ),
    ],
    "no_lock_timeout": [migrations.AddField("orderline", "a", models.IntegerField(null=True))],
    "field_removed": [GIVES_WAY, migrations.RemoveField("orderline", "image")],
    "field_renamed": [GIVES_WAY, migrations.RenameField("orderline", "sku", "code")],
    "model_removed": [GIVES_WAY, migrations.DeleteModel("Delivery")],
    "model_renamed": [GIVES_WAY, migrations.RenameModel("Delivery", "Message")],
    "not_null": added("gift", models.CharField(max_length=20)),
    "python_default": added("gift", models.BooleanField(default=False)),
    "volatile_default": [
        GIVES_WAY,
        migrations.RunSQL(
            "ALTER TABLE orders_orderline ADD COLUMN a uuid DEFAULT gen_random_uuid()"
        ),
    ],
    "set_not_null": altered("image", models.JSONField(default=dict)),
    "type_changed": altered("quantity", models.CharField(max_length=10)),
    "shortened": altered("name", models.CharField(max_length=20)),
    "default_dropped": [
        GIVES_WAY,
        migrations.AlterField("order", "placed_at", models.DateTimeField()),
    ],
    "index": [GIVES_WAY, migrations.AddIndex("orderline", INDEX)],
    "field_indexed": added("gift", models.IntegerField(null=True, db_index=True)),
    "check": [GIVES_WAY, migrations.AddConstraint("orderline", CHECK)],
    "check_not_valid": [GIVES_WAY, AddConstraintNotValid("orderline", CHECK)],
    "unique": [GIVES_WAY, migrations.AddConstraint("orderline", UNIQUE)],
    "foreign_key": added("parcel", models.ForeignKey("orders.Order", PROTECT, null=True)),
    "constraint_removed": [
        GIVES_WAY,
        migrations.RemoveConstraint("orderline", "order_line_position"),
    ],
    "index_removed": [GIVES_WAY, migrations.RemoveIndex("order", "order_subject")],
    "rows_with_schema": [
        *added("gift", models.IntegerField(null=True)),
        migrations.RunSQL("UPDATE orders_orderline SET gift = 1"),
    ],
    "python_with_schema": [
        *added("gift", models.IntegerField(null=True)),
        migrations.RunPython(nothing, nothing),
    ],
    "right_taken": [migrations.RunSQL("REVOKE DELETE ON orders_idempotencykey FROM order_service")],
    "history_declared": [
        GIVES_WAY,
        migrations.RunSQL(
            "CREATE TRIGGER delivery_append_only BEFORE UPDATE OR DELETE ON orders_delivery"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ),
    ],
    "function_replaced": [
        migrations.RunSQL(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN OLD; END $$"
        )
    ],
    "no_sql": [migrations.RunSQL("ALTER TABEL orders_order ADD COLUMN a int")],
}
NOT_ATOMIC: Planted = {
    "good_index": [AddIndexConcurrently("orderline", INDEX)],
    "good_index_removed": [RemoveIndexConcurrently("order", "order_subject")],
    "unique_index": [
        migrations.RunSQL("CREATE UNIQUE INDEX CONCURRENTLY a ON orders_orderline (order_id, sku)")
    ],
}
