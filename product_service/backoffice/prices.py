"""Every price that a variant had, to be read."""

from __future__ import annotations

from django.contrib import admin

from chassis.back_office.read_only import ReadOnly
from product_service.catalogue.models import PriceChange


@admin.register(PriceChange)
class PriceChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "sku", "amount", "prior_amount")
    list_filter = ("at",)
    list_select_related = ("variant",)
    list_per_page = 50
    search_fields = ("=variant__sku",)
    search_help_text = "Exact SKU"
    show_full_result_count = False

    @admin.display(description="SKU")
    def sku(self, change: PriceChange) -> str:
        return change.variant.sku
