"""Fields of request bodies that are orders' own."""

from __future__ import annotations

from typing import Any

from django.core.validators import ProhibitNullCharactersValidator

from chassis.fields import ShapedField, TextField, WholeNumberField

MAX_QUANTITY = 99  # of one line
MAX_LINES = 50
MAX_TYPED = 300  # characters around an order number: a whole subject line, or a link


class QuantityField(WholeNumberField):
    """From 1 to 99."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_QUANTITY, **kwargs)


class VariantIdField(WholeNumberField):
    """Of product_service; with it a line follows the variant, whatever its SKU is now."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**53 - 1, required=False, **kwargs)


class SkuField(ShapedField):
    """Up to 64 letters, digits, dots, dashes and underscores."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[A-Za-z0-9][A-Za-z0-9._-]*", "This is not a SKU.", max_length=64, **kwargs
        )


class TypedNumberField(TextField):
    """An order number as people type or paste it; `chassis.ids.order_number` reads it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(shape=ProhibitNullCharactersValidator(), max_length=MAX_TYPED, **kwargs)


class CountryField(ShapedField):
    """ISO 3166-1 alpha-2; whether the shop delivers there is another question."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[A-Z]{2}", "This is not a country's code.", **kwargs)


class ShippingMethodField(ShapedField):
    """The code of a shipping method."""

    def __init__(self, **kwargs: Any) -> None:
        message = "This is not the code of a shipping method."
        super().__init__(r"^[a-z0-9][a-z0-9_-]*", message, max_length=20, **kwargs)
