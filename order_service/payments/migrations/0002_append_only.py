"""The books and the history of payments are append-only."""

from django.db import migrations

TABLES = ("payments_ledgerentry", "payments_paymentevent")


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("orders", "0002_order_moves")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change();",
            f"DROP TRIGGER {table}_append_only ON {table};",
        )
        for table in TABLES
    ]
