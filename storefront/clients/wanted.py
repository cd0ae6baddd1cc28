"""Lines as they are sent to the services: how many of a variant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from chassis.http import Refused, Unavailable
from storefront.clients.calls import call, understood
from storefront.clients.product_answers import QuotedLines

QUOTE_SECONDS = 1.0

WireLines = list[dict[str, Any]]
T = TypeVar("T")
Quotation = TypeVar("Quotation", bound=QuotedLines)


@dataclass(frozen=True)
class Wanted:
    """How many of a variant. Where the id is not known, `sku` says which; else it is a name."""

    sku: str
    quantity: int
    variant_id: int | None = None

    @classmethod
    def from_wire(cls, line: dict[str, Any]) -> Wanted:
        return cls(line["sku"], line["quantity"], line.get("variant_id"))

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"sku": self.sku, "quantity": self.quantity}
        return wire if self.variant_id is None else {**wire, "variant_id": self.variant_id}

    def is_of(self, sku: str, variant_id: int | None) -> bool:
        """Whether it is the same variant; by SKU if one of the two ids is not known."""
        if None in (self.variant_id, variant_id):
            return self.sku == sku
        return self.variant_id == variant_id


def quoted(
    upstream: str,
    shape: type[Quotation],
    lines: Sequence[Wanted],
    *,
    subject: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: str | None,
) -> Quotation:
    """What a service says that `lines` cost now, one by one in their order."""
    answer = by_variant(
        lambda wanted: call(
            upstream,
            "POST",
            "/v1/quotes",
            operation="quote",
            seconds=QUOTE_SECONDS,
            subject=subject,
            json={"lines": wanted, **more},
            headers=headers,
            retry_safe=True,
        ),
        lines,
    )
    quote = understood(upstream, shape, answer.body)
    if len(quote.lines) != len(lines):
        raise Unavailable(upstream, "malformed")
    return quote


def by_variant(send: Callable[[WireLines], T], lines: Sequence[Wanted]) -> T:
    """`send` the lines by variant id. Raises what `send` raises.

    During an update a pod of the previous version may answer: it refuses the field that it does not
    know and has done nothing, so it is asked once more by SKU, as that release did.
    """
    try:
        return send([line.to_wire() for line in lines])
    except Refused as refusal:
        if not _knows_no_variants(refusal):
            raise
    return send([replace(line, variant_id=None).to_wire() for line in lines])


def _knows_no_variants(refusal: Refused) -> bool:
    return refusal.status == 400 and any(
        error.get("code") == "unknown_field" and str(error.get("pointer")).endswith("/variant_id")
        for error in refusal.errors
    )
