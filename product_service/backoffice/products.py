"""Products in the back office. It declares; changes are made by `catalogue.actions`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseModelForm, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from product_service.backoffice import buyable
from product_service.backoffice.bulk.asking import BulkActions
from product_service.backoffice.changelists import SortsNames, counted
from product_service.backoffice.columns import ProductColumns
from product_service.backoffice.filters import StockFilter, VisibilityFilter
from product_service.backoffice.inlines import ImageInline, NeverDeleted, ValueInline
from product_service.backoffice.making import make_rows, tell_made
from product_service.backoffice.option_names import OptionNames
from product_service.backoffice.pictures import answer_upload, stage_uploads
from product_service.backoffice.product_form import ProductForm
from product_service.backoffice.variants import VariantInline, save_counts
from product_service.catalogue import actions
from product_service.catalogue.duplicating import duplicate
from product_service.catalogue.models import Option, Product
from product_service.catalogue.previews import preview_address
from product_service.catalogue.rich_text import rendered
from product_service.inventory.actions import open_stock

MAKE = "_make"  # the button that makes variants of the options, and saves nothing
SCRIPTS = ("rows", "chips", "variants", "pictures", "description")
ASKED = {"pictures": "upload", "description": "describe"}  # what a field's script asks
AT_END = "at-end"  # sections that come after the rows
FOR_ALL_FIELDS = ("all_sku", "all_amount", "all_prior_amount", "all_weight_grams", "all_on_hand")


@admin.register(Product)
class ProductAdmin(ProductColumns, SortsNames, NeverDeleted, BulkActions, admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProductForm
    list_display = ("name", "brand", "category", "price", "stock", "can_be_bought")
    list_filter = (StockFilter, VisibilityFilter, "category")
    list_select_related = ("category",)
    list_per_page = 50
    search_fields = ("name", "brand", "variants__sku")
    search_help_text = "Name, brand or SKU"
    show_facets = admin.ShowFacets.NEVER
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("availability_panel", "preview")
    fieldsets = (
        ("What it is", {"fields": ("name", "brand", "category", "description", "is_formatted")}),
        ("Pictures", {"fields": ("pictures",), "classes": ("images",)}),
        (
            "Options and variants",
            {"fields": ("options", "options_made", FOR_ALL_FIELDS), "classes": ("variants",)},
        ),
        (
            "In the shop",
            {
                "fields": (
                    *("is_published", "publish_at", "availability_panel", "preview"),
                    *("slug", "keywords", "tax_class", "content_unit"),
                    *("manufacturer", "responsible_person"),
                ),
                "classes": (AT_END,),
            },
        ),
    )
    inlines = (ImageInline, VariantInline, ValueInline)
    actions = ("change_prices", "publish", "unpublish", "move", "remove", "restore")

    class Media:
        css = {"all": ("backoffice/product.css",)}
        js = tuple(f"backoffice/{name}.js" for name in SCRIPTS)

    def view_on_site(self, product: Product) -> str | None:
        """Its page, if it has one."""
        is_shown = product.is_published and product.deleted_at is None
        return f"{settings.PUBLIC_URL}/p/{product.slug}/" if is_shown else None

    @admin.display(description="Can it be bought?")
    def availability_panel(self, product: Product) -> str | SafeString:
        return "After saving." if product._state.adding else buyable.panel(product)

    @admin.display(description="Preview")
    def preview(self, product: Product) -> str | SafeString:
        """The way to see it before it is in the shop; only once it has something to show."""
        if product._state.adding:
            return "After saving."
        return format_html(
            '<a href="{}">See it as shoppers will</a>. This link ends in a day.',
            preview_address(product.pk),
        )

    def get_urls(self) -> list[Any]:
        upload = self.admin_site.admin_view(self.upload)
        again = self.admin_site.admin_view(self.duplicate)
        describe = self.admin_site.admin_view(self.describe)
        return [
            path("upload/", upload, name="catalogue_product_upload"),
            path("describe/", describe, name="catalogue_product_describe"),
            path("<int:pk>/duplicate/", again, name="catalogue_product_duplicate"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def duplicate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a draft like the product, and show it."""
        product = get_object_or_404(Product, pk=pk)
        if not (self.has_view_permission(request, product) and self.has_add_permission(request)):
            raise PermissionDenied
        made = duplicate(product=product)
        self.log_addition(request, made, f"Copy of “{product.name}”.")
        messages.success(request, f"“{made.name}” is a draft. Its stock is 0; change what differs.")
        return redirect("admin:catalogue_product_change", made.pk)

    @method_decorator(require_POST)
    def describe(self, request: HttpRequest) -> HttpResponse:
        """The description that was sent, as the shop would show it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.POST.get("description", "")
        return JsonResponse({"html": rendered(text, "is_formatted" in request.POST)})

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Keeps one picture for a form that is open."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return answer_upload(request)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        told = {
            "names": getattr(request, "option_names", None) or OptionNames(),
            "only_makes": MAKE in request.POST,
            "refused_pictures": getattr(request, "refused_pictures", []),
            "may_name": request.user.has_perm("catalogue.add_option"),
        }
        return type(form.__name__, (form,), told)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        fields = context["adminform"].form.fields
        for name, address in ASKED.items():
            if name in fields:
                asked = reverse(f"admin:catalogue_product_{address}")
                fields[name].widget.attrs["data-asks"] = asked
        context["known_options"] = Option.objects.values_list("name", flat=True)
        if MAKE in request.POST:
            tell_made(request, context)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Product, form: ModelForm[Product], change: bool
    ) -> None:
        """Whether it is published is decided in `save_related`, when its variants are known."""
        obj.is_published = bool(form.initial.get("is_published")) and change
        super().save_model(request, obj, form, change)
        actions.keep_address(product=obj, former=form.initial.get("slug", "") if change else "")

    def save_related(
        self, request: HttpRequest, form: BaseModelForm[Any], formsets: Any, change: bool
    ) -> None:
        actions.add_options(names=form.names.new)  # type: ignore[attr-defined]
        super().save_related(request, form, formsets, change)
        product = form.instance
        save_counts(formsets, actor=f"staff:{request.user.get_username()}"[:80])
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
        """Pictures are opened and rows made before the form's transaction begins; the form says
        what is wrong."""
        may = self.has_change_permission if object_id else self.has_add_permission
        if request.method == "POST" and may(request):
            sent, names = make_rows(request.POST, _id(object_id))
            given: Any = request
            given.refused_pictures = stage_uploads(request, sent)
            given.POST, given.option_names = sent, names
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
            reason = why_not_published(product)
            messages.warning(request, f"{product.name} is not published: {reason}.")
        return refused


def _id(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def why_not_published(product: Product) -> str:
    if product.deleted_at:
        return "it was removed"
    if product.images.filter(needs_alt=True).exists():
        return "a picture has no alternative text"
    return "no variant is sold at a price"


def _are(number: int) -> str:
    return counted(number, "product is", "products are")
