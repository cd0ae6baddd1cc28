"""A bulk change in words: what it does, what it leaves out, and its lines as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.urls import reverse

from chassis.money import Money
from product_service.backoffice.changelists import counted
from product_service.bulk.lines import lines_of
from product_service.bulk.models import BulkChange, Kind, PriceLine, ProductLine
from product_service.bulk.rules import PriceRule
from product_service.bulk.writing import shown
from product_service.catalogue.models import Category

ROWS = 50  # lines on a page
LEFT_OUT = {
    "no_price": ("variant has no price and is left out", "variants have no price and are left out"),
    "not_positive": (
        "price would fall to zero or below and stays as it is",
        "prices would fall to zero or below and stay as they are",
    ),
    "too_high": ("price would be too high to be kept", "prices would be too high to be kept"),
    "removed": ("product was removed and stays hidden", "products were removed and stay hidden"),
    "nothing_to_buy": (
        "product has no variant that is sold at a price and stays hidden",
        "products have no variant that is sold at a price and stay hidden",
    ),
    "not_described": (
        "product has a picture that nobody has described and stays hidden",
        "products have pictures that nobody has described and stay hidden",
    ),
    "same": ("stays as it is", "stay as they are"),
}
DOES = {  # what is counted, and what happens with it
    Kind.PRICES: ("price changes", "prices change"),
    Kind.PUBLISH: ("product will be in the shop", "products will be in the shop"),
    Kind.UNPUBLISH: ("product will be hidden", "products will be hidden"),
    Kind.MOVE: ("product moves", "products move"),
}
DID = {
    Kind.PRICES: ("price was changed", "prices were changed"),
    Kind.PUBLISH: ("product was published", "products were published"),
    Kind.UNPUBLISH: ("product was hidden", "products were hidden"),
    Kind.MOVE: ("product was moved", "products were moved"),
}
BUTTON = {
    Kind.PRICES: ("Change", "price", "prices"),
    Kind.PUBLISH: ("Publish", "product", "products"),
    Kind.UNPUBLISH: ("Unpublish", "product", "products"),
    Kind.MOVE: ("Move", "product", "products"),
}


def title(change: BulkChange) -> str:
    """`Change prices: +5 %`."""
    what = ""
    if change.kind == Kind.PRICES and change.rule:
        what = PriceRule.of(change.rule).sentence()
    elif change.kind == Kind.MOVE and change.rule:
        what = shown(change.rule, _categories())
    return f"{change.get_kind_display()}: {what}" if what else change.get_kind_display()


def button(change: BulkChange) -> str:
    """`Change 24 prices`."""
    verb, one, more = BUTTON[Kind(change.kind)]
    return f"{verb} {counted(lines_of(change).count(), one, more)}"


def sentences(change: BulkChange) -> Iterator[str]:
    """What it does, or did, in numbers."""
    words_for = DID if change.made_at else DOES
    yield f"{counted(lines_of(change).count(), *words_for[Kind(change.kind)])}."
    for reason, words in LEFT_OUT.items():
        if number := change.left_out.get(reason):
            yield f"{counted(number, *words)}."


def warnings(change: BulkChange) -> Iterator[str]:
    """What is worth a second look."""
    lines = change.price_lines.all()
    if number := lines.jumping().count():
        does = counted(number, "price changes", "prices change")
        yield f"{does} by more than half; the table begins with {'it' if number == 1 else 'them'}."
    if number := lines.dropping_prior().count():
        goes = counted(number, "struck-through price goes", "struck-through prices go")
        yield f"{goes}: only a price that is higher than the new one can be struck through."


def table(change: BulkChange, number: str) -> Page[Any]:
    """A page of its lines, each as a row of texts."""
    lines: Any
    if change.kind == Kind.PRICES:
        lines = change.price_lines.jumps_first()
    else:
        lines = change.product_lines.select_related("product").order_by("product__name_key", "id")
    page = Paginator(lines, ROWS).get_page(number)
    names = _categories() if change.kind == Kind.MOVE else {}
    page.object_list = [
        _price(line) if isinstance(line, PriceLine) else _product(line, names) for line in page
    ]
    return page


def _price(line: Any) -> dict[str, Any]:
    row = _row(line.variant.product) | {"sku": line.variant.sku, "is_jump": line.is_jump}
    row |= {"before": _written(line.before), "after": _written(line.after)}
    if line.prior_before and line.prior_after is None:
        row["note"] = f"no longer struck through: {_written(line.prior_before)}"
    elif line.is_jump:
        row["note"] = "changes by more than half"
    return row


def _product(line: ProductLine, names: Mapping[int, str]) -> dict[str, Any]:
    before, after = shown(line.before, names), shown(line.after, names)
    return _row(line.product) | {"before": before, "after": after}


def _row(product: Any) -> dict[str, Any]:
    address = reverse("admin:catalogue_product_change", args=[product.pk])
    return {"name": product.name, "address": address}


def _written(amount: Any) -> str:
    return Money.of(amount, settings.STORE_CURRENCY).written()


def _categories() -> dict[int, str]:
    return dict(Category.objects.values_list("pk", "name"))
