"""The list of products: words, category, stock, sort and page in one statement.

subtree   the category and all below it
found     what the words mean (`product_service.search`)
hits      every visible product that passes the filters, with what it is sorted by
page      the asked part of it, numbered
"""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

from chassis.errors import FieldError, NotFound
from product_service.catalogue.fragments import (
    CARD_COLUMNS,
    CARD_CTES,
    CARD_JOINS,
    OFFERS_SQL,
    VISIBLE_SQL,
    image,
    money,
    prior,
)
from product_service.catalogue.parameters import SORTS, ListQuery
from product_service.search import query as search
from product_service.shapes import AVAILABILITY, Card, ProductList

SUBTREE_SQL = """subtree AS (
    SELECT id FROM category WHERE slug = %(category)s AND NOT is_hidden
    UNION
    SELECT category.id FROM category JOIN subtree ON category.parent_id = subtree.id
)"""


class PageOutOfRange(NotFound):
    """The list has fewer pages. `count` on its first page says how many products it has."""

    code, title = "page_out_of_range", "No such page"


class CategoryUnknown(NotFound):
    """No category has this slug. GET /v1/categories lists them all."""

    code, title = "category_unknown", "No such category"


def list_products(query: ListQuery) -> bytes:
    """The finished JSON of one page. Raises CategoryUnknown, PageOutOfRange."""
    sql, parameters = _statement(query)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    count, category_known, has_words = rows[0][:3]
    if not category_known:
        raise CategoryUnknown(errors=[FieldError("/category", "No category has this slug.")])
    if query.page > 1 and (query.page - 1) * query.page_size >= count:
        raise PageOutOfRange(f"{count} products were found; ask for an earlier page.")
    page: ProductList = {
        "items": [card(row[4:]) for row in rows if row[3] is not None],
        "count": count,
        "page": query.page,
        "page_size": query.page_size,
        "applied": {
            "q": query.q,
            "has_words": has_words,
            "category": query.category or None,
            "in_stock": query.in_stock,
            "sort": query.sort,
        },
    }
    return orjson.dumps(page)


def card(row: tuple[Any, ...]) -> Card:
    """The wire form of CARD_COLUMNS."""
    (slug, name, brand, category_slug, category_name, specs, picture) = row[:7]
    (amount, prior_amount, varies, level, sku) = row[7:]
    return {
        "slug": slug,
        "name": name,
        "brand": brand,
        "category": {"slug": category_slug, "name": category_name},
        "key_specs": specs or [],
        "image": image(picture),
        "price": money(amount),
        "prior_price": prior(prior_amount),
        "price_varies": varies,
        "availability": AVAILABILITY[level],
        "default_sku": sku,
    }


def _statement(query: ListQuery) -> tuple[str, dict[str, Any]]:
    with_clauses, joins, filters = [], [], [VISIBLE_SQL]
    offset = (query.page - 1) * query.page_size
    parameters: dict[str, Any] = {"limit": query.page_size, "offset": offset}
    tier = "0 AS tier, 0 AS rank"
    amount = "0 AS amount"
    if query.category:
        with_clauses.append(SUBTREE_SQL)
        filters.append("p.category_id IN (SELECT id FROM subtree)")
        parameters["category"] = query.category
    if query.q:
        with_clauses.append(search.FOUND_SQL)
        parameters |= search.parameters(query.q)
        joins.append("JOIN found USING (id)")
        tier = "found.tier, found.rank"
    if query.in_stock or query.sort in {"price", "-price"}:
        with_clauses.append(f"every_offer AS ({OFFERS_SQL.format(scope='true')})")
        joins.append("JOIN every_offer USING (id)")
        amount = "every_offer.amount"
    if query.in_stock:
        filters.append("every_offer.level > 0")
    has_words = search.HAS_WORDS_SQL if query.q else "false"
    known = "EXISTS (SELECT FROM subtree)" if query.category else "true"
    hits = f"""SELECT p.id, p.name_key, p.published_at, {tier}, {amount}
        FROM product p {" ".join(joins)} WHERE {" AND ".join(filters)}"""  # noqa: S608
    with_clauses += [
        f"hits AS MATERIALIZED ({hits})",
        f"""page AS (SELECT id, row_number() OVER (ORDER BY {SORTS[query.sort]}) AS place
            FROM hits ORDER BY place LIMIT %(limit)s OFFSET %(offset)s)""",  # noqa: S608
        CARD_CTES,
        f"cards AS (SELECT page.place, {CARD_COLUMNS} FROM page {CARD_JOINS})",  # noqa: S608
    ]
    sql = f"""WITH RECURSIVE {", ".join(with_clauses)}
        SELECT counted.n, {known}, {has_words}, cards.*
        FROM (SELECT count(*) AS n FROM hits) AS counted LEFT JOIN cards ON true ORDER BY place"""  # noqa: S608
    return sql, parameters
