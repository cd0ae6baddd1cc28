"""Shipping of the orders that are there as a row, in batches beside a running shop.

Its tax is what the order has beside its lines, and its rate theirs: there was one rate. Orders that
the version before places meanwhile stay without a row, as does one that does not add up; nothing
but the row's own list in the back office reads it, and the columns of the order hold.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

BATCH = 500
FIRST = "00000000-0000-0000-0000-000000000000"

END_OF_BATCH = """
SELECT max(id::text)::uuid FROM (
    SELECT id FROM orders_order WHERE id > %s ORDER BY id LIMIT %s
) batch
"""
FILL = """
INSERT INTO orders_orderadjustment
    (order_id, position, kind, label, amount, tax_rate, tax, source)
SELECT o.id, 0, 'shipping', o.shipping_name, o.shipping, lines.tax_rate, o.tax - lines.tax,
       o.shipping_method
FROM orders_order o
CROSS JOIN LATERAL (
    SELECT max(tax_rate) AS tax_rate, sum(tax) AS tax, sum(total) AS total,
           sum(discount) AS discount
    FROM orders_orderline WHERE order_id = o.id
) lines
WHERE o.id > %s AND o.id <= %s
  AND o.subtotal = lines.total AND o.tax >= lines.tax AND lines.discount = 0
  AND o.discount = 0 AND o.fees = 0
  AND NOT EXISTS (SELECT FROM orders_orderadjustment WHERE order_id = o.id)
ON CONFLICT DO NOTHING
"""


def fill(apps: Any, schema_editor: Any) -> None:
    after = FIRST
    with schema_editor.connection.cursor() as cursor:
        while after is not None:
            cursor.execute(END_OF_BATCH, [after, BATCH])
            (end,) = cursor.fetchone()
            if end is not None:
                cursor.execute(FILL, [after, end])
            after = end


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0016_order_total_may_have_more_parts")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
