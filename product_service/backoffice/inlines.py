"""What a product consists of, edited on its page in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from product_service.backoffice.forms import AttributeValueForm
from product_service.backoffice.option_names import OptionNames
from product_service.backoffice.pictures import PICTURES_MAX, ImageForm
from product_service.backoffice.product_form import offered
from product_service.catalogue.models import AttributeValue, Image, Variant


class NeverDeleted:
    """Rows that orders, movements or pages refer to are hidden or switched off instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class DeletableRows(BaseInlineFormSet):  # type: ignore[type-arg]
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            of = f"Delete {form.instance}" if form.instance.pk else "Delete"
            form.fields[DELETION_FIELD_NAME].widget.attrs["aria-label"] = of


class ValueInline(admin.TabularInline):  # type: ignore[type-arg]
    model = AttributeValue
    template = "admin/catalogue/product/rows.html"
    form = AttributeValueForm
    formset = DeletableRows
    fields = ("attribute", "value")
    extra = 0
    verbose_name = "specification"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttributeValue]:
        return super().get_queryset(request).select_related("attribute")


class ImageInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Image
    form = ImageForm
    formset = DeletableRows
    template = "admin/catalogue/product/rows.html"
    fields = ("preview", "upload", "stored", "alt", "for_value", "variant", "position")
    readonly_fields = ("preview",)
    extra = 0
    max_num = PICTURES_MAX
    verbose_name = "picture"

    class Media:
        js = ("backoffice/uploads.js",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        names = getattr(request, "option_names", None) or OptionNames()
        options = offered(obj, names) if obj else {}
        values = [(name, each) for name, every in options.items() for each in every]
        told = {
            "names": names,
            "values": [*values, *names.values],
            "is_published": request.method == "POST" and "is_published" in request.POST,
        }
        formset.form = type(formset.form.__name__, (formset.form,), told)
        return formset

    @admin.display(description="Preview")
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
