"""The sweep looks for carts by the time when they were touched last."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cart", "0002_cart_touched_at")]

    operations = [
        AddIndexConcurrently("cart", models.Index(fields=["touched_at"], name="cart_touched_at")),
    ]
