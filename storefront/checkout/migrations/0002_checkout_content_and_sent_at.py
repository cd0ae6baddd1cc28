"""Which page may send an attempt, and whether it was sent. The previous version leaves both null."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checkout", "0001_initial")]

    operations = [
        migrations.AddField("checkout", "content", models.CharField(max_length=64, null=True)),
        migrations.AddField("checkout", "sent_at", models.DateTimeField(null=True)),
    ]
