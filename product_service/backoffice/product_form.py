"""The form of a product: what the shop says of it, and what is typed once for all its variants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from chassis.forms import LineField, PriceField, TextField, WholeNumberField
from product_service.backoffice.holders import LeadsToHolder
from product_service.backoffice.option_names import OptionNames
from product_service.backoffice.pictures import FILE_INPUT, ManyFiles, ManyFilesField
from product_service.catalogue.contents import UNITS
from product_service.catalogue.models import Product
from product_service.catalogue.options import SKU_BASE_MAX, read_options, write_options
from product_service.catalogue.tax_classes import TAX_CLASSES

NOT_KEPT = ("all_", "options_made", "pictures")  # begin names of what only makes rows
FOR_ALL = "all_"  # begins the name of what is typed once for all new variants


class ProductForm(LeadsToHolder):
    names: OptionNames  # of this form; see `making`
    only_makes = False  # the button that makes variants was pressed, not the one that saves
    may_name = False  # whether a new option may be added
    refused_pictures: list[ValidationError] = []  # of those that were chosen together

    tax_class = forms.ChoiceField(
        choices=TAX_CLASSES,
        initial="standard",
        help_text="Which tax rate its prices include. The rates are in the back office of orders,"
        " under “Tax rates”; a class that has none there is taxed as Standard.",
    )
    is_formatted = forms.BooleanField(
        label="Formatted",
        required=False,
        help_text="Read as Markdown: **bold**, *emphasis*, # headings, - lists,"
        " [links](https://example.org). Without it the lines are shown as they are typed.",
    )
    content_unit = forms.ChoiceField(
        label="Base price",
        choices=UNITS,
        required=False,
        help_text="The unit in which variants say their content, of goods that are sold by weight,"
        " volume or length: shoppers then see the price for a kg, l, m or m².",
    )
    publish_at = forms.DateTimeField(
        label="Publish at",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="A draft is then published by itself, once it has a price and its pictures are"
        " described.",
    )
    options = TextField(
        label="Options",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "Colour: Green, Black", "data-options": ""}
        ),
        help_text="A line for each way in which variants differ, like “Colour: Green, Black”."
        " Each combination becomes a variant below. Leave it empty if there is only one.",
    )
    options_made = forms.CharField(widget=forms.HiddenInput, required=False)
    all_sku = LineField(label="SKU begins with", max_length=SKU_BASE_MAX, required=False)
    all_amount = PriceField(label="Price", required=False)
    all_prior_amount = PriceField(label="Prior price", required=False)
    all_weight_grams = WholeNumberField(label="Weight (g)", required=False, min_value=0)
    all_on_hand = WholeNumberField(label="Pieces of each", required=False, min_value=0)

    pictures = ManyFilesField(
        label="Add pictures",
        required=False,
        widget=ManyFiles(attrs={**FILE_INPUT, "multiple": True, "data-pictures": ""}),
        help_text="Several at once: JPEG, PNG or WebP up to 10 MB each, 30 MB together."
        " The first picture is the one on lists.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial.setdefault("is_formatted", True)
        if self.instance.pk and "options" in self.fields:
            text = write_options(offered(self.instance, self.names))
            self.initial.update(options=text, options_made=text)

    @cached_property
    def changed_data(self) -> list[str]:
        """Without what only helps to fill in the variants: they tell what was changed."""
        changed: list[str] = super().changed_data
        return [name for name in changed if not name.startswith(NOT_KEPT)]

    def clean_options(self) -> str:
        text: str = self.cleaned_data["options"] or ""
        read_options(text)
        if self.names.new and not self.may_name:
            named = ", ".join(f"“{name}”" for name in self.names.new.values())
            raise ValidationError(f"No option is called {named}, and your account may not add one.")
        return text

    def clean_pictures(self) -> None:
        """They have rows already; see `pictures`."""
        if self.refused_pictures:
            raise ValidationError(self.refused_pictures)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.only_makes:
            raise ValidationError("Nothing is saved yet.", code="only_makes")
        return data


def offered(product: Product, names: OptionNames) -> dict[str, list[str]]:
    """The values of each option, as the variants of the product have them."""
    found: dict[str, dict[str, None]] = {}
    for options in product.variants.values_list("options", flat=True):
        for name, value in names.named(options).items():
            found.setdefault(name, {})[str(value)] = None
    return {name: list(values) for name, values in found.items()}
