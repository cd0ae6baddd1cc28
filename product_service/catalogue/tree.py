"""The category tree with the number of visible products in each node and all below it."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

from chassis.errors import NotFound
from product_service.catalogue.fragments import VISIBLE_SQL, image

TREE_SQL = f"""
WITH visible AS (SELECT id, category_id, published_at FROM product p WHERE {VISIBLE_SQL}),
counts AS (SELECT category_id AS id, count(*) AS n FROM visible GROUP BY category_id),
newest AS (
    SELECT DISTINCT ON (category_id) category_id AS id,
        json_build_array(file, alt, width, height) AS image
    FROM visible JOIN image ON image.product_id = visible.id
    ORDER BY category_id, published_at DESC, visible.id DESC, image.position, image.id)
SELECT id, parent_id, slug, name, description, coalesce(counts.n, 0), newest.image
FROM category LEFT JOIN counts USING (id) LEFT JOIN newest USING (id)
ORDER BY position, name"""  # noqa: S608


def category_tree() -> bytes:
    """The finished JSON of the whole tree."""
    return orjson.dumps({"items": [node for node in _nodes() if node["parent"] is None]})


def category_page(slug: str) -> bytes:
    """The finished JSON of one category with all below it. Raises NotFound."""
    nodes = {node["slug"]: node for node in _nodes()}
    if slug not in nodes:
        raise NotFound("No category has this slug.")
    node = nodes[slug]
    way = [node]
    while way[0]["parent"] is not None:
        way.insert(0, nodes[way[0]["parent"]])
    breadcrumb = [{"slug": step["slug"], "name": step["name"]} for step in way]
    return orjson.dumps({**node, "breadcrumb": breadcrumb})


def _nodes() -> list[dict[str, Any]]:
    """All categories, children inside their parents, siblings in their order."""
    with connection.cursor() as cursor:
        cursor.execute(TREE_SQL)
        rows = cursor.fetchall()
    nodes = {row[0]: _node(row) for row in rows}
    tops = []
    for id_, parent_id, *_ in rows:
        if parent_id is None:
            tops.append(nodes[id_])
        else:
            nodes[id_]["parent"] = nodes[parent_id]["slug"]
            nodes[parent_id]["children"].append(nodes[id_])
    for top in tops:
        _sum_up(top)
    return list(nodes.values())


def _node(row: tuple[Any, ...]) -> dict[str, Any]:
    _, _, slug, name, description, count, picture = row
    return {
        "slug": slug,
        "name": name,
        "description": description,
        "parent": None,
        "count": count,
        "image": image(picture),
        "children": [],
    }


def _sum_up(node: dict[str, Any]) -> None:
    """Add the counts from below, and borrow a picture from there if the node has none."""
    for child in node["children"]:
        _sum_up(child)
        node["count"] += child["count"]
        node["image"] = node["image"] or child["image"]
