"""A cart as its page shows it: current prices and problems, or what was last known.

A problem is named on its line with the one change that fixes it:

    price_changed  the price is not the one the shopper saw   -> accept the new price
    less_left      fewer pieces are left than wanted          -> take what is left
    sold_out       none is left                               -> remove
    unavailable    no longer sold                             -> remove
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from chassis.http import UpstreamError
from chassis.money import Money
from storefront.cart.actions import note_variants
from storefront.cart.models import CartLine
from storefront.clients import orders
from storefront.clients.order_answers import PricedLine, Quote
from storefront.clients.product_answers import QuotedLine, Seen
from storefront.clients.wanted import Wanted
from storefront.offers import usual_shipping

HOME_COUNTRY = "DE"  # until the shopper has named theirs
SEEN = TypeAdapter(Seen)


@dataclass(frozen=True, kw_only=True)
class ShownLine(Seen):
    """A cart line; without a quote it shows what was last known."""

    id: int
    sku: str
    variant_id: int | None
    quantity: int
    seen_price: Money | None
    line_total: Money | None
    problem: str = ""  # or one of the names above
    available: int = 0


@dataclass(frozen=True)
class Contents:
    lines: tuple[ShownLine, ...]
    quote: Quote | None  # None: prices and stock cannot be confirmed now

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> Money | None:
        """The sum of the lines: the quote's, or without one that of the last known prices."""
        if self.quote is not None:
            return self.quote.subtotal
        known = [line.line_total for line in self.lines if line.line_total is not None]
        return sum(known[1:], known[0]) if known else None

    @property
    def is_orderable(self) -> bool:
        """Whether checkout may start: a changed price is told again on the review page."""
        return bool(self.lines) and self.quote is not None and not self.blocked

    @property
    def blocked(self) -> bool:
        return any(line.problem not in {"", "price_changed"} for line in self.lines)


def contents(
    subject: str | None,
    *,
    country: str = HOME_COUNTRY,
    shipping_method: str | None = None,
    is_promise: bool = False,
) -> Contents:
    """A subject's cart with what order_service says it costs, or last known if nobody says.

    Without a method it is priced with the usual delivery. What is a promise costs that now.
    """
    stored = CartLine.objects.of(subject)
    if subject is None or not stored:
        return Contents((), None)
    wanted = [Wanted(line.sku, line.quantity, line.variant_id) for line in stored]
    method = shipping_method or usual_shipping()
    try:
        quote = orders.quote(
            wanted,
            subject=subject,
            country=country,
            shipping_method=method,
            is_promise=is_promise,
        )
    except UpstreamError:
        return Contents(tuple(_last_known(line) for line in stored), None)
    _note_variants(stored, quote, subject)
    return Contents(tuple(map(_line, stored, quote.lines)), quote)


def seen(line: Seen) -> dict[str, Any]:
    """What is kept of a line, as JSON; SEEN reads it."""
    return {
        "name": line.name,
        "options": dict(line.options),
        "product_slug": line.product_slug,
        "image": None if line.image is None else asdict(line.image),
        "unit_price": None if line.unit_price is None else line.unit_price.to_wire(),
    }


def _note_variants(stored: Sequence[CartLine], quote: Quote, subject: str) -> None:
    """Lines of the previous version know their SKU alone; from now on they follow the variant."""
    found = {
        line.pk: quoted.variant_id
        for line, quoted in zip(stored, quote.lines, strict=True)
        if line.variant_id is None and quoted.variant_id is not None
    }
    if found:
        note_variants(subject=subject, variants=found)


def _last_known(line: CartLine) -> ShownLine:
    kept: Seen = SEEN.validate_python(line.seen)
    price = kept.unit_price
    return ShownLine(
        **{**vars(kept), "name": kept.name or line.sku},
        id=line.pk,
        sku=line.sku,
        variant_id=line.variant_id,
        quantity=line.quantity,
        seen_price=price,
        line_total=None if price is None else price * line.quantity,
    )


def _line(stored: CartLine, quoted: PricedLine) -> ShownLine:
    known = _last_known(stored)
    if quoted.status == "unavailable":
        return replace(known, problem="unavailable")
    return replace(
        known,
        sku=quoted.sku,
        variant_id=quoted.variant_id,
        name=quoted.name or known.name,
        options=quoted.options,
        product_slug=quoted.product_slug,
        image=quoted.image or known.image,
        unit_price=quoted.unit_price,
        line_total=quoted.line_total,
        problem=_problem(quoted, known.seen_price),
        available=quoted.available,
    )


def _problem(quoted: QuotedLine, seen_price: Money | None) -> str:
    if quoted.status != "ok":
        return quoted.status
    changed = seen_price is not None and quoted.unit_price != seen_price
    return "price_changed" if changed else ""
