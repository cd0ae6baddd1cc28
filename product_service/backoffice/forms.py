"""The forms of the back office: prices as amounts, values by their type, pictures as uploads."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from chassis.forms import LineField, PriceField
from chassis.numbers import read_number, written
from product_service.backoffice.holders import LeadsToHolder, RowLeadsToHolder
from product_service.catalogue import actions
from product_service.catalogue.models import (
    AttributeValue,
    Category,
    Image,
    Option,
    Price,
    Variant,
)
from product_service.catalogue.pictures import Picture, PictureRefused, prepare
from product_service.catalogue.tax_classes import TAX_CLASSES
from product_service.catalogue.tree import way_up

YES_NO = {"yes": True, "no": False}
OPTION_MAX = 80  # characters of a value such as "Graphite"


class ProductForm(LeadsToHolder):
    tax_class = forms.ChoiceField(
        choices=TAX_CLASSES,
        initial="standard",
        help_text="Which tax rate its prices include. The rates are in the back office of orders,"
        " under “Tax rates”; a class that has none there is taxed as Standard.",
    )


class CategoryForm(LeadsToHolder):
    def clean_parent(self) -> Category | None:
        """A category cannot hang below itself, not even if two people move two at once."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.pk in way_up(parent.pk):
            raise ValidationError("Choose a category that is not below this one.")
        return parent


class VariantForm(RowLeadsToHolder):
    """A variant with its price, which is a row of its own."""

    amount = PriceField(label="Price")
    prior_amount = PriceField(label="Prior price", required=False)

    class Meta:
        model = Variant
        fields = ("sku", "options", "position", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price: Price | None = getattr(self.instance, "price", None)
        if price is not None:
            self.initial.update(amount=price.amount, prior_amount=price.prior_amount)
        self.fields["sku"].widget = forms.TextInput(attrs={"size": 16})
        self.fields["options"].widget = forms.TextInput(attrs={"size": 28})

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"]
        return sku.upper()

    def clean_options(self) -> dict[str, str]:
        """Texts under the codes of known options, for example {"colour": "Black"}."""
        options = self.cleaned_data["options"] or {}
        if options == self.instance.options:
            return options
        if not isinstance(options, dict) or not all(
            isinstance(value, str) and value for value in options.values()
        ):
            raise ValidationError('Write options like {"colour": "Black"}.')
        for value in options.values():
            LineField(max_length=OPTION_MAX).clean(value)
        unknown = set(options) - set(Option.objects.values_list("code", flat=True))
        if unknown:
            raise ValidationError(f"No option is called {', '.join(sorted(unknown))}.")
        return options

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        amount, prior = data.get("amount"), data.get("prior_amount")
        if amount is not None and prior is not None and prior <= amount:
            self.add_error("prior_amount", "The prior price must be higher than the price.")
        return data

    def save(self, commit: bool = True) -> Variant:
        variant: Variant = super().save(commit=commit)
        changed = {"amount", "prior_amount"} & set(self.changed_data)
        if commit and changed:
            actions.change_price(
                variant=variant, **{name: self.cleaned_data[name] for name in changed}
            )
        return variant


def _number(text: str) -> Decimal:
    number = read_number(text)
    if abs(number) >= 10**10 or number != round(number, 4):
        raise ValidationError("Write a number with at most four decimals, without a unit.")
    return number


def _yes_or_no(text: str) -> bool:
    if (word := text.strip().lower()) not in YES_NO:
        raise ValidationError("Write yes or no.")
    return YES_NO[word]


# The columns of a value, which is in that of its attribute's type, and how each is read.
VALUE_OF: dict[str, Callable[[str], Any]] = {"text": str, "number": _number, "boolean": _yes_or_no}


class AttributeValueForm(forms.ModelForm):  # type: ignore[type-arg]
    """One field for a value of any type; the attribute says how it is read."""

    value = LineField(max_length=200, help_text="A number without its unit; yes or no.")
    writes = {"value": tuple(VALUE_OF), "attribute": ("attribute", *VALUE_OF)}

    class Meta:
        model = AttributeValue
        fields = ("attribute",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.boolean is not None:
            self.initial["value"] = "yes" if row.boolean else "no"
        elif row.number is not None:
            self.initial["value"] = written(row.number)
        else:
            self.initial["value"] = row.text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        attribute, text = data.get("attribute"), data.get("value")
        if attribute is None or text is None:
            return data
        row = self.instance
        row.text = row.number = row.boolean = None
        try:
            setattr(row, attribute.kind, VALUE_OF[attribute.kind](text))
        except ValidationError as error:
            self.add_error("value", error)
        return data


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A picture with the text for those who cannot see it; a new one needs a file."""

    upload = forms.FileField(
        label="Picture",
        required=False,
        help_text="JPEG, PNG or WebP up to 10 MB, 30 MB at once.",
        widget=forms.FileInput(
            attrs={
                "accept": "image/jpeg,image/png,image/webp",
                "data-together": str(settings.UPLOADS_TOGETHER),
            }
        ),
    )
    writes = {"upload": ("file", "width", "height")}
    gone = (
        "Somebody else deleted this picture after you opened this page."
        " Choose its file again to add it anew, or remove it."
    )

    class Meta:
        model = Image
        fields = ("alt", "variant", "position")

    def clean_upload(self) -> Picture | None:
        upload = self.cleaned_data["upload"]
        if upload is None:
            if self.instance.pk is None:
                raise ValidationError("Choose a picture.")
            return None
        try:
            return prepare(upload)
        except PictureRefused as refused:
            raise ValidationError(str(refused)) from None

    def save(self, commit: bool = True) -> Image:
        picture = self.cleaned_data["upload"]
        if picture is not None:
            actions.set_picture(image=self.instance, picture=picture)
        image: Image = super().save(commit=commit)
        return image
