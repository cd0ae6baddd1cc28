"""The total is the sum of all parts. What the version before writes has no discount and no fees,
so this asks nothing of it that `order_total_adds_up` did not.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

ADD_UP = models.CheckConstraint(
    name="order_parts_add_up",
    condition=Q(
        total=F("subtotal") - F("discount") + F("shipping") + F("fees"),
        total__gte=0,
        tax__lte=F("total"),
        discount__gte=0,
        fees__gte=0,
    ),
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_order_adjustment")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        AddConstraintNotValid("order", ADD_UP),
    ]
