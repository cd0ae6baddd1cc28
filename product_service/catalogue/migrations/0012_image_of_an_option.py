"""A picture may be of an option's value, and may wait for its text. The version before ignores both:
it shows the picture with the product's name as its text.
"""

from django.db import migrations, models


def column(name: str, length: int) -> migrations.AddField:
    field = models.CharField(max_length=length, blank=True, default="", db_default="")
    return migrations.AddField("image", name, field)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0011_variant_gtin_and_weight")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            "image",
            "needs_alt",
            models.BooleanField(default=False, db_default=False, editable=False),
        ),
        column("option_code", 40),
        column("option_value", 80),
    ]
