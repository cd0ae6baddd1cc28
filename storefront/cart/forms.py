"""What the buttons of product and cart pages send."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator

from storefront.cart.models import MAX_QUANTITY

SKU_LENGTH = 64
SKU_SHAPE = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", "We don't sell a product with that number."
)


class SkuForm(forms.Form):
    sku = forms.CharField(max_length=SKU_LENGTH, validators=[SKU_SHAPE])


class LineForm(SkuForm):
    quantity = forms.IntegerField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages={
            "min_value": "Enter a quantity of at least 1, or remove the product.",
            "max_value": f"You can order at most {MAX_QUANTITY} of each product.",
            "invalid": f"Enter the quantity as a whole number from 1 to {MAX_QUANTITY}.",
            "required": f"Enter the quantity as a whole number from 1 to {MAX_QUANTITY}.",
        },
    )
