"""The variant that a line is of. PostgreSQL adds an empty column without writing a row.

A line that is there already knows its SKU only; its variant is noted when the cart is priced next.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cart", "0003_cart_touched_index")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField("cartline", "variant_id", models.BigIntegerField(null=True)),
    ]
