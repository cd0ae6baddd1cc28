"""A variant has its GTIN and its weight. The version before fills neither."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0010_unique_values_change_places")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "variant",
            "gtin",
            models.CharField("GTIN", max_length=14, blank=True, default="", db_default=""),
        ),
        migrations.AddField(
            "variant",
            "weight_grams",
            models.PositiveIntegerField("weight (g)", null=True, blank=True),
        ),
    ]
