"""What products are put into and described by, in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from product_service.backoffice.changelists import SortsNames, counted
from product_service.backoffice.forms import CategoryForm
from product_service.backoffice.holders import LeadsToHolder
from product_service.backoffice.inlines import DeletedWhenUnused
from product_service.catalogue import actions
from product_service.catalogue.models import Attribute, Category, Option, Variant


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
    list_display = ("name", "parent", "slug", "position", "hidden")
    list_filter = ("is_hidden", "parent")
    list_select_related = ("parent",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("parent", "name", "slug", "description", "position", "is_hidden", "contents")
    readonly_fields = ("contents",)
    actions = ("hide", "show")

    def is_unused(self, obj: Category) -> bool:
        return not obj.products.exists() and not obj.children.exists()

    @admin.display(description="In the menus", ordering="is_hidden")
    def hidden(self, category: Category) -> str:
        return "Hidden" if category.is_hidden else "Yes"

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
            (products, category.products.count() - removed, "product", "products"),
            (f"{products}&visible=removed", removed, "removed product", "removed products"),
            (
                f"{reverse('admin:catalogue_category_changelist')}?parent__id__exact={category.pk}",
                category.children.count(),
                "category",
                "categories",
            ),
        )
        parts = ((page, counted(number, one, more)) for page, number, one, more in rows if number)
        links = format_html_join(", ", '<a href="{}">{}</a>', parts)
        return format_html("{}. It can be hidden, and deleted once it is empty.", links)

    @admin.action(description="Hide (no page, no menu)", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        self._hide(request, queryset, is_hidden=True)

    @admin.action(description="Show (page and menus)", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        self._hide(request, queryset, is_hidden=False)

    def _hide(self, request: HttpRequest, queryset: QuerySet[Category], *, is_hidden: bool) -> None:
        categories = list(queryset)
        actions.hide_categories(categories=categories, is_hidden=is_hidden)
        word = "hidden" if is_hidden else "shown"
        are = counted(len(categories), "category is", "categories are")
        messages.success(request, f"{are} {word}.")


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
