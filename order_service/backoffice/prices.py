"""Tax rates, ways to ship and countries in the back office; see `order_service.pricing.models`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from chassis.forms import NumberField, PriceField
from chassis.money import Money
from order_service.pricing.models import (
    AS_A_SHARE,
    NOT_A_SHARE,
    Country,
    ShippingMethod,
    TaxClass,
    TaxRate,
)
from order_service.pricing.price_list import EVERYWHERE, price_list


class ChangesPrices(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is saved is in force at once here, and in every other process 5 seconds later."""

    stays: tuple[str, ...]  # the fields that a row is known by: they never change

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return () if obj is None else self.stays

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        price_list.forget_on_commit()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        price_list.forget_on_commit()


class SwitchedOff(ChangesPrices):
    """Orders and open checkouts name these rows, so they are switched off and never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TaxRateForm(forms.ModelForm):  # type: ignore[type-arg]
    rate = NumberField(
        max_digits=5,
        decimal_places=4,
        help_text=AS_A_SHARE,
        error_messages={"max_whole_digits": NOT_A_SHARE},
    )


@admin.register(TaxRate)
class TaxRateAdmin(ChangesPrices):
    form = TaxRateForm
    list_display = ("tax_class", "where", "percent")
    fields = ("tax_class", "country", "rate")
    stays = ("tax_class", "country")
    actions = None  # each is deleted on its own page: one of them must stay

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        of_the_rest = (TaxClass.STANDARD, EVERYWHERE)
        must_stay = obj is not None and (obj.tax_class, obj.country) == of_the_rest
        return super().has_delete_permission(request, obj) and not must_stay

    @admin.display(description="Parcels to", ordering="country")
    def where(self, rate: TaxRate) -> str:
        return rate.country or "all other countries"

    @admin.display(description="Rate", ordering="rate")
    def percent(self, rate: TaxRate) -> str:
        return f"{(rate.rate * 100).normalize():f} %"


class ShippingMethodForm(forms.ModelForm):  # type: ignore[type-arg]
    price = PriceField(help_text="With tax.")
    free_from = PriceField(
        required=False, help_text=ShippingMethod._meta.get_field("free_from").help_text
    )


@admin.register(ShippingMethod)
class ShippingMethodAdmin(SwitchedOff):
    form = ShippingMethodForm
    list_display = ("name", "estimate", "costs", "free", "position", "is_offered")
    fields = ("code", "name", "estimate", "price", "free_from", "position", "is_offered")
    stays = ("code",)

    @admin.display(description="Price", ordering="price")
    def costs(self, method: ShippingMethod) -> str:
        return _written(method.price)

    @admin.display(description="Free from", ordering="free_from")
    def free(self, method: ShippingMethod) -> str:
        return "-" if method.free_from is None else _written(method.free_from)


@admin.register(Country)
class CountryAdmin(SwitchedOff):
    list_display = ("name", "code", "is_served")
    list_filter = ("is_served",)
    search_fields = ("name", "code")
    fields = ("code", "name", "is_served")
    stays = ("code",)


def _written(amount: Decimal) -> str:
    return str(Money.of(amount, settings.STORE_CURRENCY))
