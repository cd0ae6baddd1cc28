"""What was added to the price of an order's goods, as rows that the database holds to its sums.

The check comes at the end of the transaction, when order, lines and adjustments are all written,
and only where there are adjustments: the version before writes none.
"""

import django.db.models.deletion
from django.db import migrations, models

ADD_UP = """
CREATE FUNCTION order_check_adjustments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong text;
BEGIN
    SELECT o.number INTO wrong
    FROM orders_order o
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(-amount) FILTER (WHERE kind = 'order_discount'), 0) AS discount,
               coalesce(sum(-amount) FILTER (WHERE kind = 'line_discount'), 0) AS off_lines,
               coalesce(sum(amount) FILTER (WHERE kind = 'shipping'), 0) AS shipping,
               coalesce(sum(amount) FILTER (WHERE kind = 'fee'), 0) AS fees,
               sum(tax) AS tax
        FROM orders_orderadjustment WHERE order_id = o.id
    ) added
    CROSS JOIN LATERAL (
        SELECT sum(total) AS total, sum(discount) AS discount, sum(tax) AS tax
        FROM orders_orderline WHERE order_id = o.id
    ) lines
    WHERE o.id = NEW.order_id
      AND (o.subtotal, o.discount, o.shipping, o.fees, o.tax, lines.discount) IS DISTINCT FROM
          (lines.total, added.discount, added.shipping, added.fees, lines.tax + added.tax,
           added.off_lines);
    IF FOUND THEN
        RAISE EXCEPTION 'the rows of order % do not add up to its columns', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_adjustments_add_up';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER order_adjustments_add_up AFTER INSERT ON orders_orderadjustment
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION order_check_adjustments();

CREATE TRIGGER order_adjustment_append_only BEFORE UPDATE OR DELETE ON orders_orderadjustment
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDO = """
DROP TRIGGER order_adjustment_append_only ON orders_orderadjustment;
DROP TRIGGER order_adjustments_add_up ON orders_orderadjustment;
DROP FUNCTION order_check_adjustments();
"""

KINDS = [
    ("line_discount", "Line Discount"),
    ("order_discount", "Order Discount"),
    ("shipping", "Shipping"),
    ("fee", "Fee"),
]
DISCOUNTS = ["line_discount", "order_discount"]


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_order_discount_and_fees")]

    operations = [
        # Its foreign key locks the table of orders for a moment.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="OrderAdjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("line", models.PositiveSmallIntegerField(null=True)),
                ("kind", models.CharField(choices=KINDS, max_length=20)),
                ("label", models.CharField(max_length=120)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("tax_rate", models.DecimalField(decimal_places=4, max_digits=5)),
                ("tax", models.DecimalField(decimal_places=2, max_digits=12)),
                ("source", models.CharField(max_length=60)),
                ("order", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="orders.order")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "position"), name="order_adjustment_position"),
                    models.CheckConstraint(condition=models.Q(kind__in=[kind for kind, _ in KINDS]), name="order_adjustment_kind_known"),
                    models.CheckConstraint(
                        condition=models.Q(kind__in=DISCOUNTS, amount__lte=0, tax__lte=0)
                        | (~models.Q(kind__in=DISCOUNTS) & models.Q(amount__gte=0, tax__gte=0)),
                        name="order_adjustment_only_discounts_take_off",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(kind="line_discount", line__isnull=False)
                        | (~models.Q(kind="line_discount") & models.Q(line__isnull=True)),
                        name="order_adjustment_line_iff_line_discount",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ADD_UP, UNDO),
    ]
