"""Who answers for a product, how much is in a variant, and when a draft is to be published."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0014_price_change")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "product", "manufacturer", models.TextField(blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "product", "responsible_person", models.TextField(blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "product",
            "content_unit",
            models.CharField(max_length=10, blank=True, default="", db_default=""),
        ),
        migrations.AddField("product", "publish_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "variant",
            "content",
            models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True),
        ),
    ]
