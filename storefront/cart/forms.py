"""What the buttons of product and cart pages send."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator

from chassis.forms import WholeNumberField
from storefront.cart.models import MAX_QUANTITY

SKU_LENGTH = 64
SKU_SHAPE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", "This is not one of our products.")


class SkuForm(forms.Form):
    sku = forms.CharField(max_length=SKU_LENGTH, validators=[SKU_SHAPE])


class LineForm(SkuForm):
    quantity = WholeNumberField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages={
            "min_value": "Order at least 1 piece, or remove the product.",
            "max_value": f"We sell at most {MAX_QUANTITY} pieces of one product in an order.",
            "invalid": f"Give the quantity as a whole number from 1 to {MAX_QUANTITY}.",
            "required": f"Give the quantity as a whole number from 1 to {MAX_QUANTITY}.",
        },
    )
