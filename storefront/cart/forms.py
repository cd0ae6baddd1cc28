"""What the buttons of product and cart pages send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from chassis.forms import WholeNumberField
from storefront.cart.models import MAX_QUANTITY
from storefront.clients.wanted import Wanted

SKU_LENGTH = 64
NOT_OURS = "We don’t sell a product with that number."
SKU_SHAPE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", NOT_OURS)
VARIANT_ID_MAX = 2**53 - 1  # as product_service has it


class QuantityForm(forms.Form):
    quantity = WholeNumberField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages={
            "min_value": "Enter a quantity of at least 1, or remove the product.",
            "max_value": f"You can order at most {MAX_QUANTITY} of each product.",
            "invalid": f"Enter the quantity as a whole number from 1 to {MAX_QUANTITY}.",
            "required": f"Enter the quantity as a whole number from 1 to {MAX_QUANTITY}.",
        },
    )

    @property
    def first_error(self) -> str:
        return next(str(message) for messages in self.errors.values() for message in messages)

    @property
    def pieces(self) -> int:
        """The quantity of a valid form."""
        return int(self.cleaned_data["quantity"])


class AddForm(QuantityForm):
    """A variant of a product page; a page of the previous version knows its SKU alone."""

    sku = forms.CharField(max_length=SKU_LENGTH, validators=[SKU_SHAPE])
    variant = forms.IntegerField(
        min_value=1,
        max_value=VARIANT_ID_MAX,
        required=False,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), NOT_OURS),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A product page has nothing to remove.
        self.fields["quantity"].error_messages["min_value"] = "Enter a quantity of at least 1."

    @property
    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(given["sku"], given["quantity"], given["variant"])
