"""Reads the orders that are there, beside a shop at work."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0014_order_parts_add_up")]

    operations = [ValidateConstraint("order", "order_parts_add_up")]
