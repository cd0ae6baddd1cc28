"""What a product consists of, edited on its page in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from product_service.backoffice.forms import AttributeValueForm, ImageForm, VariantForm
from product_service.catalogue.models import AttributeValue, Image, Variant


class NeverDeleted:
    """Rows that orders, movements or pages refer to are hidden or switched off instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class DeletedWhenUnused:
    """Rows that can be deleted on their page as long as nothing refers to them."""

    def is_unused(self, obj: Any) -> bool:
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never from a list, where one that is used could be among them."""
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return allowed and obj is not None and self.is_unused(obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Of one that is used, its page: the account may have every right to delete it."""
        page: Any = self
        found = page.get_object(request, object_id)
        may = super().has_delete_permission(request, found)  # type: ignore[misc]
        if found is None or not may or self.is_unused(found):
            return super().delete_view(request, object_id, extra_context)  # type: ignore[misc, no-any-return]
        messages.error(request, f"“{found}” is in use, so it cannot be deleted.")
        return redirect(f"admin:catalogue_{found._meta.model_name}_change", found.pk)


class VariantInline(NeverDeleted, admin.TabularInline):  # type: ignore[type-arg]
    model = Variant
    form = VariantForm
    fields = ("sku", "options", "amount", "prior_amount", "position", "is_active", "stock")
    readonly_fields = ("stock",)
    extra = 0
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock_item", "price")

    @admin.display(description="Stock")
    def stock(self, variant: Variant) -> str | SafeString:
        """What is left, with the way to change it: stock is never a field."""
        item = getattr(variant, "stock_item", None)
        if item is None:
            return "after saving"
        return format_html(
            '{} left ({} on hand) · <a href="{}">Adjust</a>',
            item.available,
            item.on_hand,
            reverse("admin:inventory_stockitem_adjust", args=[variant.pk]),
        )


class ValueInline(admin.TabularInline):  # type: ignore[type-arg]
    model = AttributeValue
    form = AttributeValueForm
    fields = ("attribute", "value")
    extra = 0
    verbose_name = "specification"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttributeValue]:
        return super().get_queryset(request).select_related("attribute")


class ImageInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Image
    form = ImageForm
    fields = ("preview", "upload", "alt", "variant", "position")
    readonly_fields = ("preview",)
    extra = 0

    class Media:
        js = ("backoffice/uploads.js",)

    @admin.display(description="")
    def preview(self, image: Image) -> str | SafeString:
        if not image.file:
            return ""
        return format_html('<img src="{}" alt="" width="72" loading="lazy">', image.file.url)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only the product's own variants can have its pictures."""
        if db_field.name == "variant" and request.resolver_match is not None:
            product_id = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Variant.objects.filter(product_id=product_id or 0)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
