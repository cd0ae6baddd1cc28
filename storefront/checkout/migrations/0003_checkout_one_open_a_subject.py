"""One open attempt a subject: of those that are there already the newest stays, as it was shown.

The older ones are deleted: their pages are out of date, and they hold addresses of people who did
not buy. Rows that the previous version writes during the update have no content and do not count.
"""

from django.db import migrations, models

OPEN = "order_number IS NULL"
DELETE_OLDER = f"""
DELETE FROM checkout_checkout USING (
    SELECT attempt, row_number() OVER (PARTITION BY subject ORDER BY created_at DESC, attempt) AS place
    FROM checkout_checkout WHERE {OPEN}) AS open
WHERE checkout_checkout.attempt = open.attempt AND open.place > 1
"""
KEEP_NEWEST = f"UPDATE checkout_checkout SET content = '' WHERE {OPEN}"


class Migration(migrations.Migration):
    dependencies = [("checkout", "0002_checkout_content_and_sent_at")]

    operations = [
        migrations.RunSQL(DELETE_OLDER, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP_NEWEST, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "checkout",
            models.UniqueConstraint(
                fields=["subject"],
                condition=models.Q(order_number__isnull=True, content__isnull=False),
                name="checkout_one_open_a_subject",
            ),
        ),
    ]
