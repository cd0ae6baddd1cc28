"""The way of a signed-in person into the back office of the orders."""

import uuid

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("challenge", models.CharField(max_length=64)),
                ("session_key", models.CharField(db_index=True, max_length=40)),
                ("handle", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("redeemed_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
            ],
            options={"db_table": "staff_hand_over"},
        ),
    ]
