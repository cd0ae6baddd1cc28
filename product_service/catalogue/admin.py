"""The catalogue in the back office. It declares; changes are made by `catalogue.actions`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Min, Model, OuterRef, Prefetch, QuerySet, Subquery
from django.forms import BaseModelForm, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chassis.money import Money
from product_service.catalogue import actions
from product_service.catalogue.availability import WORDS, availability
from product_service.catalogue.changelists import NamesInOrder
from product_service.catalogue.filters import StockFilter, VisibilityFilter
from product_service.catalogue.forms import CategoryForm
from product_service.catalogue.holders import LeadsToHolder
from product_service.catalogue.inlines import (
    DeletedWhenUnused,
    ImageInline,
    NeverDeleted,
    ValueInline,
    VariantInline,
)
from product_service.catalogue.models import Attribute, Category, Option, Product, Variant
from product_service.catalogue.pictures import PictureRefused, prepare
from product_service.inventory.actions import open_stock

admin.site.site_header = "TechCommerce catalogue"
admin.site.site_title = "TechCommerce"
admin.site.index_title = "Back office"
admin.site.site_url = settings.PUBLIC_URL

WORD_FOR = {"sold_out": "Sold out", "low": "Low", "in_stock": "In stock"}


class SortsNames:
    """A list whose names sort as people expect."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NamesInOrder]:
        return NamesInOrder


@admin.register(Product)
class ProductAdmin(SortsNames, NeverDeleted, admin.ModelAdmin):  # type: ignore[type-arg]
    form = LeadsToHolder
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
    actions = ("publish", "unpublish", "remove", "restore")

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

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What can be done with the products that the list shows: removed ones, or the others."""
        offered = super().get_actions(request)
        shows_removed = request.GET.get("visible") == "removed"
        others = ("publish", "unpublish", "remove") if shows_removed else ("restore",)
        return {name: action for name, action in offered.items() if name not in others}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Pictures are opened before the form's transaction begins; the form says what is wrong."""
        for upload in request.FILES.values():  # one a field
            with suppress(PictureRefused):
                prepare(upload)  # type: ignore[arg-type]
        return super().changeform_view(request, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Product) -> HttpResponse:
        if "_restore" in request.POST:
            actions.restore(products=[obj])
            messages.success(request, f"{obj.name} is back, unpublished.")
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    @admin.action(description="Restore (unpublished)", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        products = list(queryset)
        actions.restore(products=products)
        messages.success(request, f"{len(products)} products are back, unpublished.")

    @admin.action(description="Remove (can be restored)", permissions=["change"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        products = list(queryset)
        actions.remove(products=products)
        messages.success(
            request, f"{len(products)} products are removed. The filter “Removed” shows them."
        )

    def _publish(self, request: HttpRequest, products: list[Product]) -> list[Product]:
        refused = actions.publish(products=products)
        for product in refused:
            reason = "it was removed" if product.deleted_at else "no variant is sold at a price"
            messages.warning(request, f"{product.name} is not published: {reason}.")
        return refused


class ChangesTheCatalogue:
    """Rows that shoppers see and that have no rules of their own."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        actions.changed()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)  # type: ignore[misc]
        actions.changed()


class ShelfAdmin(SortsNames, ChangesTheCatalogue, DeletedWhenUnused, admin.ModelAdmin):  # type: ignore[type-arg]
    """What products are put into or described by; deleted when no product needs it."""

    form = LeadsToHolder


@admin.register(Category)
class CategoryAdmin(ShelfAdmin):
    form = CategoryForm
    list_display = ("name", "parent", "slug", "position", "is_hidden")
    list_filter = ("is_hidden", "parent")
    list_select_related = ("parent",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("parent", "name", "slug", "description", "position", "is_hidden", "contents")
    readonly_fields = ("contents",)
    actions = ("hide", "show")

    def is_unused(self, obj: Category) -> bool:
        return not obj.products.exists() and not obj.children.exists()

    @admin.display(description="In it")
    def contents(self, category: Category) -> str | SafeString:
        """All that keeps it from being deleted, each with the way there."""
        if category.pk is None or self.is_unused(category):
            return "Nothing; it can be deleted."
        removed = category.products.exclude(deleted_at=None).count()
        products = (
            f"{reverse('admin:catalogue_product_changelist')}?category__id__exact={category.pk}"
        )
        rows = (
            (products, category.products.count() - removed, "products"),
            (f"{products}&visible=removed", removed, "removed products"),
            (
                f"{reverse('admin:catalogue_category_changelist')}?parent__id__exact={category.pk}",
                category.children.count(),
                "categories",
            ),
        )
        links = format_html_join(", ", '<a href="{}">{} {}</a>', (row for row in rows if row[1]))
        return format_html("{}. It can be hidden, and deleted once it is empty.", links)

    @admin.action(description="Hide from the shop's menus", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        self._hide(request, queryset, is_hidden=True)

    @admin.action(description="Show in the shop's menus", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        self._hide(request, queryset, is_hidden=False)

    def _hide(self, request: HttpRequest, queryset: QuerySet[Category], *, is_hidden: bool) -> None:
        categories = list(queryset)
        actions.hide_categories(categories=categories, is_hidden=is_hidden)
        word = "hidden" if is_hidden else "shown"
        messages.success(request, f"{len(categories)} categories are {word}.")


@admin.register(Attribute)
class AttributeAdmin(ShelfAdmin):
    list_display = ("name", "kind", "unit", "is_key_spec", "position")
    list_filter = ("kind", "is_key_spec")
    search_fields = ("name", "code")
    prepopulated_fields = {"code": ("name",)}

    def is_unused(self, obj: Attribute) -> bool:
        return not obj.values.exists()

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
class OptionAdmin(ShelfAdmin):
    list_display = ("name", "code", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Option | None = None) -> Any:
        """The code stays: the options of variants are kept under it."""
        return ("code",) if obj else ()

    def is_unused(self, obj: Option) -> bool:
        return not Variant.objects.filter(options__has_key=obj.code).exists()


def _active(product: Product) -> list[Variant]:
    return getattr(product, "active_variants", [])


def _left(variant: Variant) -> int:
    item = getattr(variant, "stock_item", None)
    return item.available if item else 0
