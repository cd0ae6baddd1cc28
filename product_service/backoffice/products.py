"""Products in the back office. It declares; changes are made by `catalogue.actions`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.forms import BaseModelForm, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chassis.money import Money
from product_service.backoffice.bulk.asking import BulkActions
from product_service.backoffice.changelists import SortsNames, counted
from product_service.backoffice.filters import StockFilter, VisibilityFilter
from product_service.backoffice.forms import ProductForm
from product_service.backoffice.inlines import (
    ImageInline,
    NeverDeleted,
    ValueInline,
    VariantInline,
)
from product_service.catalogue import actions
from product_service.catalogue.availability import availability
from product_service.catalogue.models import Product, Variant
from product_service.catalogue.pictures import PictureRefused, prepare
from product_service.inventory.actions import open_stock
from product_service.shapes import AVAILABILITY

HAS_STOCK = Q(stock_item__on_hand__gt=F("stock_item__reserved"))
WORD_FOR = {"sold_out": "Sold out", "low": "Low", "in_stock": "In stock"}


@admin.register(Product)
class ProductAdmin(SortsNames, NeverDeleted, BulkActions, admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProductForm
    list_display = ("name", "brand", "category", "price", "stock", "is_published")
    list_filter = (StockFilter, VisibilityFilter, "category")
    list_select_related = ("category",)
    list_per_page = 50
    search_fields = ("name", "brand", "variants__sku")
    search_help_text = "Name, brand or SKU"
    show_facets = admin.ShowFacets.NEVER
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("availability_panel",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "brand", "category", "description", "keywords")}),
        ("In the shop", {"fields": ("tax_class", "is_published", "availability_panel")}),
    )
    inlines = (VariantInline, ImageInline, ValueInline)
    actions = ("change_prices", "publish", "unpublish", "move", "remove", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        cheapest = (
            Variant.objects.filter(product=OuterRef("pk"), is_active=True)
            .values("product")
            .annotate(amount=Min("price__amount"))
        )
        active = Variant.objects.filter(is_active=True).select_related("stock_item")
        products: QuerySet[Product] = super().get_queryset(request)
        return products.annotate(from_amount=Subquery(cheapest.values("amount"))).prefetch_related(
            Prefetch("variants", active, to_attr="active_variants")
        )

    def view_on_site(self, product: Product) -> str:
        return f"{settings.PUBLIC_URL}/p/{product.slug}/"

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

    @admin.display(description="Can it be bought?")
    def availability_panel(self, product: Product) -> str | SafeString:
        """Every rule that decides it, each with its answer."""
        if product._state.adding:
            return "After saving."
        variants = product.variants.filter(is_active=True)
        rules = (
            ("It is published", product.is_published),
            ("It was not removed", product.deleted_at is None),
            ("A variant is sold", variants.exists()),
            ("A sold variant has a price", variants.filter(price__isnull=False).exists()),
            ("Something is left", variants.filter(HAS_STOCK).exists()),
            ("It has a picture", product.images.exists()),
        )
        lines = ((("yes" if passed else "no"), rule) for rule, passed in rules)
        return format_html(
            '<ul class="rules">{}</ul>',
            format_html_join("", '<li class="rule-{0}"><b>{0}</b> {1}</li>', lines),
        )

    def save_model(
        self, request: HttpRequest, obj: Product, form: ModelForm[Product], change: bool
    ) -> None:
        """Whether it is published is decided in `save_related`, when its variants are known."""
        obj.is_published = bool(form.initial.get("is_published")) and change
        super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: BaseModelForm[Any], formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        product = form.instance
        open_stock(variant_ids=list(product.variants.values_list("pk", flat=True)))
        if form.cleaned_data.get("is_published"):
            self._publish(request, [product])
        else:
            actions.unpublish(products=[product])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What can be done with the products that the list shows: removed ones, or the others."""
        offered = super().get_actions(request)
        shows_removed = request.GET.get("visible") == "removed"
        others = ("publish", "unpublish", "move", "remove") if shows_removed else ("restore",)
        return {name: action for name, action in offered.items() if name not in others}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Pictures are opened before the form's transaction begins; the form says what is wrong."""
        may = self.has_change_permission if object_id else self.has_add_permission
        for upload in request.FILES.values() if may(request) else ():  # one a field
            with suppress(PictureRefused):
                prepare(upload)  # type: ignore[arg-type]
        return super().changeform_view(request, object_id, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Product) -> HttpResponse:
        if "_restore" in request.POST:
            actions.restore(products=[obj])
            messages.success(request, f"{obj.name} is back, unpublished.")
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    @admin.action(description="Restore (unpublished)", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        are = _are(actions.restore(products=queryset))
        messages.success(request, f"{are} back, unpublished.")

    @admin.action(description="Remove (can be restored)", permissions=["change"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        are = _are(actions.remove(products=queryset))
        messages.success(request, f"{are} removed. The filter “Removed” shows them.")

    def _publish(self, request: HttpRequest, products: list[Product]) -> list[Product]:
        refused = actions.publish(products=products)
        for product in refused:
            reason = "it was removed" if product.deleted_at else "no variant is sold at a price"
            messages.warning(request, f"{product.name} is not published: {reason}.")
        return refused


def _are(number: int) -> str:
    return counted(number, "product is", "products are")
