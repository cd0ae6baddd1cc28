"""What the list of products shows of each, and how it is read: two statements for all rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Min, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from chassis.money import Money
from product_service.backoffice import buyable
from product_service.catalogue.availability import availability
from product_service.catalogue.models import Image, Product, Variant
from product_service.shapes import AVAILABILITY

WORD_FOR = {"sold_out": "Sold out", "low": "Low", "in_stock": "In stock"}


class ProductColumns(admin.ModelAdmin):  # type: ignore[type-arg]
    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        cheapest = (
            Variant.objects.filter(product=OuterRef("pk"), is_active=True)
            .values("product")
            .annotate(amount=Min("price__amount"))
        )
        active = Variant.objects.filter(is_active=True).select_related("stock_item", "price")
        products: QuerySet[Product] = super().get_queryset(request)
        return products.annotate(
            from_amount=Subquery(cheapest.values("amount")),
            picture_count=_pictures(),
            undescribed_count=_pictures(needs_alt=True),
        ).prefetch_related(Prefetch("variants", active, to_attr="active_variants"))

    @admin.display(description="From", ordering="from_amount")
    def price(self, product: Product) -> str:
        amount = getattr(product, "from_amount", None)
        return "—" if amount is None else str(Money.of(amount, settings.STORE_CURRENCY))

    @admin.display(description="Stock")
    def stock(self, product: Product) -> str:
        """The word that shoppers see, and how many are left in all variants."""
        active = getattr(product, "active_variants", [])
        items = [getattr(variant, "stock_item", None) for variant in active]
        words = {availability(item.available, item.low_at) for item in items if item}
        best = max(words, key=AVAILABILITY.index, default=AVAILABILITY[0])
        return f"{WORD_FOR[best]} ({sum(item.available for item in items if item)})"

    @admin.display(description="Can be bought")
    def can_be_bought(self, product: Product) -> str:
        return buyable.word(product)


def _pictures(**only: Any) -> Any:
    """How many pictures a product has."""
    pictures = Image.objects.filter(product=OuterRef("pk"), **only).order_by()
    counted = pictures.values("product").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
