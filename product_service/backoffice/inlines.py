"""What a product consists of, edited on its page in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from product_service.backoffice.forms import AttributeValueForm, ImageForm, VariantForm
from product_service.catalogue.models import AttributeValue, Image, Variant
from product_service.inventory.models import StockItem


class NeverDeleted:
    """Rows that orders, movements or pages refer to are hidden or switched off instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class VariantInline(NeverDeleted, admin.TabularInline):  # type: ignore[type-arg]
    model = Variant
    form = VariantForm
    fields = ("sku", "options", "amount", "prior_amount", "position", "is_active", "stock")
    readonly_fields = ("stock", "left")
    extra = 0
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock_item", "price")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        may = request.user.has_perm("inventory.change_stockitem")
        return self.fields if may else (*self.fields[:-1], "left")

    @admin.display(description="Stock")
    def stock(self, variant: Variant) -> str | SafeString:
        """What is left, with the way to change it: stock is never a field."""
        if _item(variant) is None:
            return self.left(variant)
        page = reverse("admin:inventory_stockitem_adjust", args=[variant.pk])
        return format_html('{} · <a href="{}">Adjust</a>', self.left(variant), page)

    @admin.display(description="Stock")
    def left(self, variant: Variant) -> str:
        """For whoever may only look."""
        item = _item(variant)
        return f"{item.available} left ({item.on_hand} on hand)" if item else "after saving"


def _item(variant: Variant) -> StockItem | None:
    return getattr(variant, "stock_item", None)


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
