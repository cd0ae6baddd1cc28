"""What a bulk change would do now: a line for each price or product that it changes.

The preview keeps these lines, and they are found once more, under locks, when the change is made:
if they differ, somebody has changed a price or a product meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from product_service.bulk.models import BulkChange, Kind, PriceLine, ProductLine
from product_service.bulk.rules import PriceRule, refusal
from product_service.catalogue.models import Price, Product, Variant
from product_service.catalogue.querysets import ProductQuerySet

Line = PriceLine | ProductLine


@dataclass
class Found:
    """The lines, and by reason how many of what was chosen have none."""

    lines: list[Any] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def lines_of(change: BulkChange) -> Any:
    """The lines that are kept: a QuerySet of PriceLine or of ProductLine."""
    return change.price_lines if change.kind == Kind.PRICES else change.product_lines


def find(change: BulkChange, *, locked: bool = False) -> Found:
    """The lines of `change` as of now; `locked` until the transaction ends."""
    if change.kind == Kind.PRICES:
        return _prices(change, locked)
    return _products(change, locked)


def same(found: list[Line], kept: list[Line]) -> bool:
    """Whether both say the same of the same rows."""
    return sorted(map(_content, found)) == sorted(map(_content, kept))


def _content(line: Line) -> tuple[int, str]:
    if isinstance(line, ProductLine):
        return line.product_id, f"{line.before} {line.after}"
    amounts = (line.before, line.after, line.prior_before, line.prior_after)
    return line.variant_id, " ".join(f"{each:.2f}" if each is not None else "-" for each in amounts)


def _prices(change: BulkChange, locked: bool) -> Found:
    found, rule = Found(), PriceRule.of(change.rule)
    variants = Variant.objects.filter(product__in=change.product_ids)
    prices = Price.objects.filter(variant__in=variants).order_by("pk")
    if locked:
        prices = prices.select_for_update(of=("self",), no_key=True)
    found.left_out["no_price"] = variants.filter(price=None).count()
    for price in prices:
        _add_price(found, change, rule, price)
    return found


def _add_price(found: Found, change: BulkChange, rule: PriceRule, price: Price) -> None:
    after = rule.new(price.amount)
    reason = refusal(price.amount, after) or ("same" if after == price.amount else "")
    if reason:
        found.left_out[reason] += 1
        return
    prior = price.prior_amount
    found.lines.append(
        PriceLine(
            change=change,
            variant_id=price.pk,
            before=price.amount,
            after=after,
            prior_before=prior,
            prior_after=prior if prior is not None and prior > after else None,
        )
    )


def _products(change: BulkChange, locked: bool) -> Found:
    found = Found()
    chosen = Product.objects.filter(pk__in=change.product_ids).order_by("pk")
    products = chosen.select_for_update(of=("self",), no_key=True) if locked else chosen
    after, refused = _after(change), dict(_refused(change, chosen))
    for product in products.defer("description", "search_vector"):
        before = {name: getattr(product, name) for name in after}
        if product.pk in refused:
            found.left_out[refused[product.pk]] += 1
        elif before == after:
            found.left_out["same"] += 1
        else:
            found.lines.append(
                ProductLine(change=change, product_id=product.pk, before=before, after=after)
            )
    return found


def _after(change: BulkChange) -> dict[str, Any]:
    if change.kind == Kind.MOVE:
        return {"category_id": change.rule["category_id"]}
    return {"is_published": change.kind == Kind.PUBLISH}


def _refused(change: BulkChange, products: ProductQuerySet) -> Iterator[tuple[int, str]]:
    """Products that shoppers cannot be shown, each with the reason."""
    if change.kind != Kind.PUBLISH:
        return
    buyable = set(products.buyable().values_list("pk", flat=True))
    undescribed = set(products.filter(images__needs_alt=True).values_list("pk", flat=True))
    for pk, deleted_at in products.values_list("pk", "deleted_at"):
        if deleted_at is not None:
            yield pk, "removed"
        elif pk not in buyable:
            yield pk, "nothing_to_buy"
        elif pk in undescribed:
            yield pk, "not_described"
