"""The table of moves, enforced where nobody can forget it; histories and events append-only."""

from django.db import migrations

MOVES = """
CREATE FUNCTION order_check_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'order % must move from version % to %, not %',
            OLD.number, OLD.version, OLD.version + 1, NEW.version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_version_step';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('placed', 'reserved'), ('placed', 'cancelling'),
        ('reserved', 'awaiting_shopper'), ('reserved', 'authorized'), ('reserved', 'cancelling'),
        ('awaiting_shopper', 'authorized'), ('awaiting_shopper', 'cancelling'),
        ('authorized', 'committed'), ('authorized', 'cancelling'),
        ('committed', 'confirmed'), ('committed', 'cancelling'),
        ('cancelling', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'order % may not move from % to %', OLD.number, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_move_allowed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER order_move BEFORE UPDATE OF state, version ON orders_order
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.version <> NEW.version)
    EXECUTE FUNCTION order_check_move();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER order_event_append_only BEFORE UPDATE OR DELETE ON orders_orderevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

UNDO = """
DROP TRIGGER order_event_append_only ON orders_orderevent;
DROP FUNCTION refuse_change() CASCADE;
DROP TRIGGER order_move ON orders_order;
DROP FUNCTION order_check_move();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunSQL(MOVES, UNDO)]
