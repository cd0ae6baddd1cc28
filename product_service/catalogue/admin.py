"""The catalogue in the back office. It declares; changes are made by `catalogue.actions`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Min, Model, OuterRef, Prefetch, QuerySet, Subquery
from django.forms import BaseModelForm, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chassis.money import Money
from product_service.catalogue import actions
from product_service.catalogue.availability import WORDS, availability
from product_service.catalogue.filters import StockFilter, VisibilityFilter
from product_service.catalogue.forms import CategoryForm
from product_service.catalogue.inlines import ImageInline, NeverDeleted, ValueInline, VariantInline
from product_service.catalogue.models import Attribute, Category, Option, Product, Variant
from product_service.inventory.actions import open_stock

admin.site.site_header = "TechCommerce catalogue"
admin.site.site_title = "TechCommerce"
admin.site.index_title = "Back office"
admin.site.site_url = settings.PUBLIC_URL

WORD_FOR = {"sold_out": "Sold out", "low": "Low", "in_stock": "In stock"}


@admin.register(Product)
class ProductAdmin(NeverDeleted, admin.ModelAdmin):  # type: ignore[type-arg]
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
        ("In the shop", {"fields": ("is_published", "availability_panel")}),
    )
    inlines = (VariantInline, ImageInline, ValueInline)
    actions = ("publish", "unpublish", "remove")

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
        items = [getattr(variant, "stock_item", None) for variant in _active(product)]
        words = {availability(item.available, item.low_at) for item in items if item}
        best = max(words, key=WORDS.index, default=WORDS[0])
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
            ("Something is left", any(_left(variant) > 0 for variant in variants)),
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

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        products = list(queryset)
        refused = self._publish(request, products)
        messages.success(request, f"{len(products) - len(refused)} products are in the shop.")

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        products = list(queryset)
        actions.unpublish(products=products)
        messages.success(request, f"{len(products)} products are hidden.")

    @admin.action(description="Remove for good (orders keep them)", permissions=["change"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        products = list(queryset)
        actions.remove(products=products)
        messages.success(request, f"{len(products)} products are removed.")

    def _publish(self, request: HttpRequest, products: list[Product]) -> list[Product]:
        refused = actions.publish(products=products)
        for product in refused:
            messages.warning(
                request, f"{product.name} is not published: no variant is sold at a price."
            )
        return refused


class ChangesTheCatalogue:
    """Rows that shoppers see and that have no rules of their own."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        actions.changed()


@admin.register(Category)
class CategoryAdmin(ChangesTheCatalogue, NeverDeleted, admin.ModelAdmin):  # type: ignore[type-arg]
    form = CategoryForm
    list_display = ("name", "parent", "slug", "position")
    list_select_related = ("parent",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Attribute)
class AttributeAdmin(ChangesTheCatalogue, NeverDeleted, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "unit", "is_key_spec", "position")
    list_filter = ("kind", "is_key_spec")
    search_fields = ("name", "code")
    prepopulated_fields = {"code": ("name",)}

    def get_readonly_fields(
        self, request: HttpRequest, obj: Attribute | None = None
    ) -> tuple[str, ...]:
        """The type stays: its values are kept in the column of that type."""
        return () if obj is None else ("kind",)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Attribute | None = None
    ) -> dict[str, Any]:
        return {"code": ("name",)} if obj is None else {}


@admin.register(Option)
class OptionAdmin(ChangesTheCatalogue, NeverDeleted, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "code", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Option | None = None) -> Any:
        """The code stays: the options of variants are kept under it."""
        return ("code",) if obj else ()


def _active(product: Product) -> list[Variant]:
    return getattr(product, "active_variants", [])


def _left(variant: Variant) -> int:
    item = getattr(variant, "stock_item", None)
    return item.available if item else 0
