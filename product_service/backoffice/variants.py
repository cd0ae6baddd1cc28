"""The variants of a product as rows of its form: prices, stock and what identifies them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chassis.forms import LineField, PriceField, WholeNumberField
from product_service.backoffice.holders import RowLeadsToHolder
from product_service.backoffice.inlines import NeverDeleted
from product_service.backoffice.option_names import ChoiceField, OptionNames
from product_service.catalogue import actions
from product_service.catalogue.models import Price, Variant
from product_service.catalogue.options import VARIANTS_MAX, check_gtin
from product_service.inventory.counting import count_stock
from product_service.inventory.models import StockItem

PIECES_MAX = 1_000_000
LABELS = {
    "options": "Options",
    "sku": "SKU",
    "amount": "Price",
    "prior_amount": "Prior price",
    "gtin": "GTIN",
    "weight_grams": "Weight in grams",
    "content": "Content",
    "on_hand": "Pieces in the house",
    "is_active": "Sold",
    "position": "Order",
}


class VariantForm(RowLeadsToHolder):
    """A variant with its price, which is a row of its own."""

    names: OptionNames  # of the form that it is part of
    may_count = False

    options = ChoiceField(required=False)
    amount = PriceField(label="Price")
    prior_amount = PriceField(label="Prior price", required=False)
    gtin = LineField(label="GTIN", max_length=20, required=False)
    on_hand = WholeNumberField(
        label="In the house", required=False, min_value=0, max_value=PIECES_MAX
    )

    class Meta:
        model = Variant
        fields = ("options", "sku", "gtin", "weight_grams", "content", "position", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set_initial()
        options: Any = self.fields["options"]
        options.names, options.kept = self.names, self.instance.options or {}
        self.fields["is_active"].label = "Sold"
        self.fields["position"].label = "Order"
        self.fields["on_hand"].disabled = not self.may_count
        of = f" of {self.instance.sku}" if self.instance.pk else ""
        self.fields["sku"].widget.attrs["placeholder"] = "made when saved"
        for name, label in LABELS.items():
            if name in self.fields:
                self.fields[name].widget.attrs["aria-label"] = f"{label}{of}"

    def _set_initial(self) -> None:
        price: Price | None = getattr(self.instance, "price", None)
        if price is not None:
            self.initial.update(amount=price.amount, prior_amount=price.prior_amount)
        item: StockItem | None = getattr(self.instance, "stock_item", None)
        if item is not None:
            self.initial["on_hand"] = item.on_hand

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"]
        return sku.upper()

    def clean_gtin(self) -> str:
        return check_gtin(self.cleaned_data["gtin"] or "")

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

    @property
    def counted(self) -> int | None:
        """How many pieces there are, if that was typed."""
        if "on_hand" not in self.changed_data:
            return None
        pieces: int | None = self.cleaned_data.get("on_hand")
        return pieces


class VariantRows(BaseInlineFormSet):  # type: ignore[type-arg]
    """Stock is compared under its lock, so that what the form has accepted can be saved."""

    forms: list[Any]
    initial_forms: list[Any]

    def clean(self) -> None:
        super().clean()
        if len(self.forms) > VARIANTS_MAX and len(self.forms) > self.initial_form_count():
            raise ValidationError(f"A product has {VARIANTS_MAX} variants at most.")
        rows = {
            form.instance.pk: form
            for form in self.initial_forms
            if not form.errors and form.counted is not None
        }
        items = StockItem.objects.filter(pk__in=rows).order_by("pk").select_for_update()
        for item in items if rows else ():
            _compare(rows[item.pk], item)

    def counts(self) -> Mapping[int, int]:
        """Pieces by variant, of the rows in which they were typed; for saved rows."""
        return {
            form.instance.pk: form.counted
            for form in self.forms
            if form.instance.pk and form.counted is not None
        }


def _compare(form: Any, item: StockItem) -> None:
    seen, counted = form.initial.get("on_hand"), form.counted
    if seen != item.on_hand:
        form.add_error(
            "on_hand", f"The stock has changed meanwhile, from {seen} to {item.on_hand}."
        )
    elif counted < item.reserved:
        form.add_error(
            "on_hand",
            f"Orders hold {item.reserved} of the pieces, so a count of {counted} leaves too few."
            " Count again, or cancel an order first.",
        )


class VariantInline(NeverDeleted, admin.TabularInline):  # type: ignore[type-arg]
    model = Variant
    form = VariantForm
    formset = VariantRows
    template = "admin/catalogue/product/rows.html"
    fields = (
        *("options", "sku", "amount", "prior_amount", "gtin", "weight_grams", "content"),
        *("on_hand", "stock", "is_active", "position"),
    )
    readonly_fields = ("stock", "left")
    extra = 0
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock_item", "price")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        told = {
            "names": getattr(request, "option_names", None) or OptionNames(),
            "may_count": request.user.has_perm("inventory.change_stockitem"),
        }
        formset.form = type(formset.form.__name__, (formset.form,), told)
        return formset

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if request.user.has_perm("inventory.change_stockitem"):
            return self.fields
        return ["left" if name == "stock" else name for name in self.fields]

    @admin.display(description="Left")
    def left(self, variant: Variant) -> str:
        """For whoever may only look."""
        item: StockItem | None = getattr(variant, "stock_item", None)
        return f"{item.available} left" if item else "—"

    @admin.display(description="Left")
    def stock(self, variant: Variant) -> str | SafeString:
        """What orders leave of it, with the way to change it for a reason."""
        item = getattr(variant, "stock_item", None)
        if item is None:
            return "—"
        return format_html(
            '{0} left · <a href="{1}">Adjust<span class="visually-hidden"> {3}</span></a>'
            ' · <a href="{2}?q={3}">Prices<span class="visually-hidden"> of {3}</span></a>',
            item.available,
            reverse("admin:inventory_stockitem_adjust", args=[variant.pk]),
            reverse("admin:catalogue_pricechange_changelist"),
            variant.sku,
        )


def save_counts(formsets: Any, actor: str) -> None:
    """Book what was typed as pieces in the house, in the transaction of the form."""
    for formset in formsets:
        if isinstance(formset, VariantRows):
            count_stock(counts=formset.counts(), actor=actor)
