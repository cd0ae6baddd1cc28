"""What the shop under test sells: written by SQL, with prices that shoppers know by heart.

    HOT         one SKU with little stock that a fifth of all orders wants: it sells out
    GOODS-000.. many SKUs, with plenty of each

Every variant starts with one stock movement that received its stock, as the rules of
`product_service.inventory` ask of whoever writes in bulk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import psycopg

HOT = "HOT"
COUNT = 200
PLENTY = 100_000
SHIPPING = Decimal("4.90")
FREE_FROM = Decimal("50.00")
ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "Example Street 1",
    "line2": "",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}

INSERT = """
WITH c AS (
    INSERT INTO category (slug, name, description, position)
    VALUES ('goods', 'Goods', '', 0)
    ON CONFLICT (slug) DO UPDATE SET name = 'Goods' RETURNING id
), p AS (
    INSERT INTO product (slug, name, description, brand, keywords, category_id, tax_class,
                         is_published, published_at, created_at, updated_at)
    SELECT lower(g.sku), g.sku, 'Made for tests.', 'Anvil', '', c.id, 'standard',
           true, now(), now(), now()
    FROM unnest(%(skus)s::text[]) AS g(sku), c RETURNING id, slug
), v AS (
    INSERT INTO variant (product_id, sku, options, position, is_active)
    SELECT id, upper(slug), '{}', 0, true FROM p RETURNING id, sku
), pr AS (
    INSERT INTO price (variant_id, amount, changed_at)
    SELECT v.id, g.amount, now() FROM v JOIN
        unnest(%(skus)s::text[], %(amounts)s::numeric[]) AS g(sku, amount) USING (sku)
), s AS (
    INSERT INTO stock_item (variant_id, on_hand, reserved, version, low_at)
    SELECT v.id, g.stock, 0, 1, 5 FROM v JOIN
        unnest(%(skus)s::text[], %(stocks)s::int[]) AS g(sku, stock) USING (sku)
    RETURNING variant_id, on_hand
)
INSERT INTO stock_movement (reference, variant_id, version, d_on_hand, d_reserved, reason, actor,
                            note, at)
SELECT 'goods:' || v.sku, v.id, 1, g.stock, 0, 'received', 'staff:test', '', now()
FROM v JOIN unnest(%(skus)s::text[], %(stocks)s::int[]) AS g(sku, stock) USING (sku)
"""


def price(sku: str) -> Decimal:
    """The gross price: HOT 19.90; the others 7.49, 8.49, ... 56.49 and again from the start."""
    if sku.startswith(HOT):
        return Decimal("19.90")
    return Decimal("7.49") + int(sku.rpartition("-")[2]) % 50


def name(number: int) -> str:
    return f"GOODS-{number:03d}"


def total(lines: Sequence[tuple[str, int]]) -> Decimal:
    """What an order costs with standard shipping, reckoned without any code of the shop."""
    subtotal = sum((price(sku) * quantity for sku, quantity in lines), Decimal(0))
    return subtotal if subtotal >= FREE_FROM else subtotal + SHIPPING


def order_body(
    lines: Sequence[tuple[str, int]], *, email: str, payment: str = "tok_approve"
) -> dict[str, Any]:
    """The body of POST /v1/orders for (SKU, quantity) pairs."""
    return {
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "email": email,
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment_token": payment,
        "expected_total": {"amount": f"{total(lines):.2f}", "currency": "EUR"},
    }


def stock_up(products_database: str, *, hot: Mapping[str, int]) -> None:
    """Put the goods on the shelves. `hot` names the scarce SKUs (all begin with HOT)."""
    stocks = {name(number): PLENTY for number in range(COUNT)} | dict(hot)
    with psycopg.connect(products_database) as connection:
        found = connection.execute("SELECT sku FROM variant").fetchall()
        skus = [sku for sku in stocks if (sku,) not in found]
        values = {
            "skus": skus,
            "amounts": [price(sku) for sku in skus],
            "stocks": [stocks[sku] for sku in skus],
        }
        connection.execute(INSERT, values)
