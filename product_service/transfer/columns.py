"""The columns of an export, which an import reads again: one row a variant, one heading a column.

A blank cell changes nothing, and CLEAR empties a value that may be empty. What belongs to the
product (name, brand, ...) is on the row of each of its variants; rows of one product must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from chassis.forms import LineField, PriceField, TextField, WholeNumberField
from chassis.money import half_up
from product_service.catalogue.models import SKU_SHAPE
from product_service.catalogue.tax_classes import TAX_CLASSES

CLEAR = "[clear]"
YES_NO = {"yes": "yes", "no": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"}
OPTION_MAX = 80
DESCRIPTION_MAX = 20_000
MOST_PIECES = 1_000_000

Read = Callable[[str], str]


@dataclass(frozen=True)
class Column:
    """How a cell is read into the text that is compared and kept."""

    name: str
    read: Read
    of_product: bool = False
    is_needed: bool = False  # for a new product or variant
    may_be_cleared: bool = False


def _by(field: forms.Field) -> Read:
    return lambda text: str(field.clean(text))


def _price(text: str) -> str:
    amount = PriceField().clean(text)
    return str(half_up(amount, settings.STORE_CURRENCY))


def _yes_no(text: str) -> str:
    if (word := text.lower()) not in YES_NO:
        raise ValidationError("Write yes or no.")
    return YES_NO[word]


def _tax_class(text: str) -> str:
    known = [code for code, _ in TAX_CLASSES]
    if text.lower() not in known:
        raise ValidationError(f"Write one of: {', '.join(known)}.")
    return text.lower()


def _options(text: str) -> str:
    return options_text(options_of(text))


def options_of(text: str) -> dict[str, str]:
    """`colour=Black; size=M`, or JSON where a value has a semicolon of its own."""
    if text.startswith("{"):
        try:
            found: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise ValidationError("Write options like colour=Black; size=M.") from None
    else:
        pairs = [part.partition("=") for part in text.split(";") if part.strip()]
        found = {code.strip(): value.strip() for code, _, value in pairs}
    for value in found.values():
        if not isinstance(value, str) or not value:
            raise ValidationError("Write options like colour=Black; size=M.")
        LineField(max_length=OPTION_MAX).clean(value)
    return dict(found)


def options_text(options: dict[str, str]) -> str:
    if any(";" in value for value in options.values()):
        return orjson.dumps(options, option=orjson.OPT_SORT_KEYS).decode()
    return "; ".join(f"{code}={value}" for code, value in sorted(options.items()))


def _sku(text: str) -> str:
    return str(
        forms.RegexField(
            SKU_SHAPE, error_messages={"invalid": "Use A-Z, 0-9, dot, dash and underscore."}
        ).clean(text.upper())
    )


SKU = Column("sku", _sku)
PRODUCT = Column("product", _by(forms.SlugField(max_length=160)))
OF_PRODUCT = (
    Column("name", _by(LineField(max_length=200)), of_product=True, is_needed=True),
    Column("brand", _by(LineField(max_length=80)), of_product=True, is_needed=True),
    Column("category", _by(forms.SlugField(max_length=100)), of_product=True, is_needed=True),
    Column(
        "description",
        _by(TextField(max_length=DESCRIPTION_MAX)),
        of_product=True,
        may_be_cleared=True,
    ),
    Column("keywords", _by(LineField(max_length=400)), of_product=True, may_be_cleared=True),
    Column("tax_class", _tax_class, of_product=True),
    Column("published", _yes_no, of_product=True),
)
OF_VARIANT = (
    Column("options", _options, may_be_cleared=True),
    Column("price", _price, is_needed=True),
    Column("prior_price", _price, may_be_cleared=True),
    Column("active", _yes_no),
    Column("on_hand", _by(WholeNumberField(min_value=0, max_value=MOST_PIECES))),
)
VALUES = (*OF_PRODUCT, *OF_VARIANT)
COLUMNS = {column.name: column for column in (SKU, PRODUCT, *VALUES)}
DEFAULTS = {"tax_class": "standard", "published": "no", "active": "yes", "on_hand": "0"}
