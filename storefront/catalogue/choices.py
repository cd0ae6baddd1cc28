"""The option picker of a product: each value leads to a variant or says why it cannot.

chosen: Colour graphite, Storage 512 GB
Colour   [graphite]  silver (not with 512 GB)
Storage  256 GB  [512 GB]
"""

from __future__ import annotations

from dataclasses import dataclass

from storefront.clients.product_answers import Option, Product, Variant


@dataclass(frozen=True)
class Value:
    """One value of an option; `sku` is the variant it leads to, None if there is none."""

    text: str
    sku: str | None
    is_chosen: bool
    note: str  # why it cannot be chosen, or that it is sold out


@dataclass(frozen=True)
class Choice:
    name: str
    chosen: str
    values: tuple[Value, ...]


def choices(product: Product, variant: Variant) -> tuple[Choice, ...]:
    """The picker with `variant` chosen."""
    return tuple(
        Choice(
            option.name,
            variant.chosen.get(option.code, ""),
            tuple(_value(product, variant, option, text) for text in option.values),
        )
        for option in product.options
    )


def _value(product: Product, variant: Variant, option: Option, text: str) -> Value:
    wanted = {**variant.chosen, option.code: text}
    match = next((one for one in product.variants if one.chosen == wanted), None)
    is_chosen = variant.chosen.get(option.code) == text
    if match is None:
        others = [value for code, value in variant.options if code != option.code]
        return Value(text, None, is_chosen, f"not with {', '.join(others)}")
    note = "sold out" if match.availability == "sold_out" else ""
    return Value(text, match.sku, is_chosen, note)
