"""The category tree with the number of visible products in each node and all below it."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection

from chassis.errors import NotFound
from product_service.catalogue.fragments import IMAGE_SQL, VISIBLE_SQL, image
from product_service.catalogue.models import Category
from product_service.shapes import CategoryDetail, CategoryNode, CategoryTree, Link

TREE_SQL = f"""
WITH visible AS (SELECT id, category_id, published_at FROM product p WHERE {VISIBLE_SQL}),
counts AS (SELECT category_id AS id, count(*) AS n FROM visible GROUP BY category_id),
newest AS (
    SELECT DISTINCT ON (category_id) category_id AS id,
        image.id AS image_id
    FROM visible JOIN image ON image.product_id = visible.id
    ORDER BY category_id, published_at DESC, visible.id DESC, image.position, image.id)
SELECT category.id, parent_id, slug, name, description, coalesce(counts.n, 0),
    CASE WHEN image.id IS NOT NULL THEN {IMAGE_SQL} END, is_hidden
FROM category LEFT JOIN counts USING (id) LEFT JOIN newest USING (id)
    LEFT JOIN image ON image.id = newest.image_id
ORDER BY category.position, sort_key(name), category.id"""  # noqa: S608


def category_tree() -> bytes:
    """The finished JSON of the whole tree."""
    tree: CategoryTree = {"items": _tops()}
    return orjson.dumps(tree)


def category_page(slug: str) -> bytes:
    """The finished JSON of one category with all below it. Raises NotFound."""
    way = _way_down(slug, _tops())
    if not way:
        raise NotFound("No category has this slug.")
    breadcrumb: list[Link] = [{"slug": step["slug"], "name": step["name"]} for step in way]
    page: CategoryDetail = {**way[-1], "breadcrumb": breadcrumb}
    return orjson.dumps(page)


def way_up(id_: int | None) -> list[int]:
    """The ids of a category and of all above it; others who ask wait for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('category tree'))")
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    way: list[int] = []
    while id_ is not None and id_ not in way:
        way.append(id_)
        id_ = parents.get(id_)
    return way


def _way_down(slug: str, siblings: list[CategoryNode]) -> list[CategoryNode]:
    for node in siblings:
        if node["slug"] == slug:
            return [node]
        if below := _way_down(slug, node["children"]):
            return [node, *below]
    return []


def _tops() -> list[CategoryNode]:
    """The top of the tree, children inside their parents, siblings in their order."""
    with connection.cursor() as cursor:
        cursor.execute(TREE_SQL)
        rows = cursor.fetchall()
    nodes = {row[0]: _node(row) for row in rows}
    hidden = {row[2] for row in rows if row[-1]}
    top: CategoryNode = _node((None, None, "", "", "", 0, None, False))
    for id_, parent_id, *_ in rows:
        nodes.get(parent_id, top)["children"].append(nodes[id_])
    _sum_up(top, hidden)
    return top["children"]


def _node(row: tuple[Any, ...]) -> CategoryNode:
    _, _, slug, name, description, count, picture, _ = row
    return {
        "slug": slug,
        "name": name,
        "description": description,
        "parent": None,
        "count": count,
        "image": image(picture),
        "children": [],
    }


def _sum_up(node: CategoryNode, hidden: set[str]) -> None:
    """Add the counts from below, and borrow a picture from there if the node has none.

    Where a child is hidden, its own children stand in its place.
    """
    children: list[CategoryNode] = []
    for child in node["children"]:
        _sum_up(child, hidden)
        node["count"] += child["count"]
        node["image"] = node["image"] or child["image"]
        children += child["children"] if child["slug"] in hidden else [child]
    for child in children:
        child["parent"] = node["slug"] or None
    node["children"] = children
