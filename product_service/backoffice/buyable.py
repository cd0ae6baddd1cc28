"""Whether a product can be bought: every rule that decides it, with the way to where it is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from product_service.catalogue.models import Product, Variant


@dataclass(frozen=True)
class Rule:
    """`asks` is what must hold, `lacks` what is said in a list where it does not."""

    asks: str
    lacks: str
    holds: bool
    where: str  # an address, or a place on the product's page
    forbids: bool = True  # whether it cannot be bought without


def rules(product: Product) -> Iterator[Rule]:
    """Of a product with `active_variants` (with price and stock), `picture_count` and
    `undescribed_count`."""
    sold: list[Variant] = getattr(product, "active_variants", [])
    priced = [each for each in sold if hasattr(each, "price")]
    items = [getattr(each, "stock_item", None) for each in priced]
    is_left = any(item is not None and item.available > 0 for item in items)
    stock = reverse("admin:inventory_stockitem_changelist")
    removed = reverse("admin:catalogue_product_changelist") + "?visible=removed"
    pictures: int = getattr(product, "picture_count", 0)
    undescribed: int = getattr(product, "undescribed_count", 0)
    yield Rule("It is published", "Not published", product.is_published, "#id_is_published")
    yield Rule("It was not removed", "Removed", product.deleted_at is None, removed)
    yield Rule("A variant is sold", "No variant sold", bool(sold), "#variants-group")
    yield Rule("A sold variant has a price", "No price", bool(priced), "#variants-group")
    first = f"?q={sold[0].sku}" if sold else ""
    yield Rule("Something is left", "Sold out", is_left, f"{stock}{first}")
    yield Rule("It has a picture", "No picture", pictures > 0, "#images-group", forbids=False)
    yield Rule(
        *("Every picture is described", "Picture without a text"),
        *(not undescribed, "#images-group"),
        forbids=False,
    )


def panel(product: Product) -> SafeString:
    """Every rule, each with its answer."""
    lines = (
        ("yes" if rule.holds else "no", rule.where, rule.asks, _note(rule))
        for rule in rules(product)
    )
    line = '<li class="rule-{0}"><b>{0}</b> <a href="{1}">{2}</a>{3}</li>'
    return format_html('<ul class="rules">{}</ul>', format_html_join("", line, lines))


def _note(rule: Rule) -> str:
    return "" if rule.holds or rule.forbids else " (it can be bought all the same)"


def word(product: Product) -> str:
    """`Yes`, or the first reason why not."""
    broken = (rule.lacks for rule in rules(product) if rule.forbids and not rule.holds)
    return next(broken, "Yes")
