"""What products are put into and described by, in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from product_service.backoffice.changelists import SortsNames, counted
from product_service.backoffice.forms import CategoryForm
from product_service.backoffice.holders import LeadsToHolder
from product_service.catalogue import actions
from product_service.catalogue.models import Attribute, Category, Option, Variant


class ShelfAdmin(SortsNames, admin.ModelAdmin):  # type: ignore[type-arg]
    """What products are put into or described by; deleted on its page when no product needs it."""

    form = LeadsToHolder
    fixed: tuple[str, ...] = ()  # fields that are chosen once, when the row is added

    def is_unused(self, obj: Any) -> bool:
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never from a list, where one that is used could be among them."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and self.is_unused(obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Of one that is used, its page: the account may have every right to delete it."""
        found = self.get_object(request, object_id)
        may = super().has_delete_permission(request, found)
        if found is None or not may or self.is_unused(found):
            return super().delete_view(request, object_id, extra_context)
        messages.error(request, f"“{found}” is in use, so it cannot be deleted.")
        return redirect(f"admin:catalogue_{found._meta.model_name}_change", found.pk)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return (*self.readonly_fields, *(self.fixed if obj else ()))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        actions.changed()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        actions.changed()


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
        kept, below = category.products.count() - removed, category.children.count()
        products = reverse("admin:catalogue_product_changelist")
        products += f"?category__id__exact={category.pk}"
        categories = reverse("admin:catalogue_category_changelist")
        categories += f"?parent__id__exact={category.pk}"
        rows = (
            (products, kept, "product", "products"),
            (f"{products}&visible=removed", removed, "removed product", "removed products"),
            (categories, below, "category", "categories"),
        )
        parts = ((page, counted(number, one, more)) for page, number, one, more in rows if number)
        links = format_html_join(", ", '<a href="{}">{}</a>', parts)
        return format_html("{}. It can be hidden, and deleted once it is empty.", links)

    @admin.action(description="Hide (no page, no menu)", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        count = actions.hide_categories(categories=queryset, is_hidden=True)
        messages.success(request, f"{_are(count)} hidden.")

    @admin.action(description="Show (page and menus)", permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        count = actions.hide_categories(categories=queryset, is_hidden=False)
        messages.success(request, f"{_are(count)} shown.")


@admin.register(Attribute)
class AttributeAdmin(ShelfAdmin):
    list_display = ("name", "kind", "unit", "is_key_spec", "position")
    list_filter = ("kind", "is_key_spec")
    search_fields = ("name", "code")
    prepopulated_fields = {"code": ("name",)}
    fixed = ("kind",)  # values are kept in the column of this type

    def is_unused(self, obj: Attribute) -> bool:
        return not obj.values.exists()


@admin.register(Option)
class OptionAdmin(ShelfAdmin):
    list_display = ("name", "code", "position")
    fixed = ("code",)  # the options of variants are kept under it

    def is_unused(self, obj: Option) -> bool:
        return not Variant.objects.filter(options__has_key=obj.code).exists()


def _are(number: int) -> str:
    return counted(number, "category is", "categories are")
