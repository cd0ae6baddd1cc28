"""Stock movements are append-only: the database itself refuses to change or delete one.

A row is deleted only in a transaction that said `SET LOCAL shop.erase_movements = 'on'`, which
removing the demo shop does.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE FUNCTION stock_movement_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('shop.erase_movements', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'stock_movement is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_movement_is_append_only();
"""
BACKWARD = """
DROP TRIGGER stock_movement_append_only ON stock_movement;
DROP FUNCTION stock_movement_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_stock")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
