"""When each cart was touched last. Of a cart that is there already nobody knows, so its time begins
anew. PostgreSQL works the default out once and writes no row, so the lock is short."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("cart", "0001_initial")]

    operations = [
        migrations.AddField("cart", "touched_at", models.DateTimeField(db_default=Now())),
    ]
