"""Addresses that products had. The version before does not know the table: it answers 404."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0012_image_of_an_option")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                ("slug", models.SlugField(max_length=160, primary_key=True, serialize=False)),
                (
                    "since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalogue.product",
                    ),
                ),
            ],
            options={"db_table": "former_slug"},
        ),
    ]
