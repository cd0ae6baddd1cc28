"""Stock in the back office: seen here, changed only by an adjustment with a reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chassis.back_office.read_only import ReadOnly
from product_service.backoffice.adjusting import AdjustForm
from product_service.backoffice.filters import LevelFilter
from product_service.backoffice.ledger import ledger
from product_service.inventory.actions import adjust
from product_service.inventory.errors import StockHasChanged, StockIsReserved
from product_service.inventory.models import Reservation, ReservationLine, StockItem, StockMovement
from product_service.inventory.querysets import SOLD_DAYS


@admin.register(StockItem)
class StockItemAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("sku", "product", "on_hand", "reserved", "left", "sold", "cover", "adjustment")
    list_filter = (LevelFilter,)
    list_select_related = ("variant__product",)
    list_per_page = 50
    ordering = ("variant__sku",)
    search_fields = ("variant__sku", "variant__product__name")
    search_help_text = "SKU or name"
    fields = (
        *("sku", "product", "on_hand", "reserved", "left", "sold", "cover"),
        *("low_at", "adjustment", "ledger"),
    )
    readonly_fields = tuple(name for name in fields if name != "low_at")

    class Media:
        css: ClassVar = {"all": ["backoffice/ledger.css"]}

    def get_list_display(self, request: HttpRequest) -> Any:
        return _allowed(self, request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: StockItem | None = None) -> Any:
        return _allowed(self, request, super().get_fields(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StockItem | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        items: Any = super().get_queryset(request)
        return items.with_sold().annotate(left_over=F("on_hand") - F("reserved"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.adjust)
        return [
            path("<int:pk>/adjust/", view, name="inventory_stockitem_adjust"),
            *super().get_urls(),
        ]

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, item: StockItem) -> str:
        return item.variant.sku

    @admin.display(ordering="variant__product__name_key")
    def product(self, item: StockItem) -> str:
        return item.variant.product.name

    @admin.display(ordering="left_over")
    def left(self, item: StockItem) -> int:
        return item.available

    @admin.display(description="Change")
    def adjustment(self, item: StockItem) -> SafeString:
        return format_html(
            '<a href="{}">Adjust<span class="visually-hidden"> {}</span></a>',
            reverse("admin:inventory_stockitem_adjust", args=[item.pk]),
            item.variant.sku,
        )

    @admin.display(description="Sold in 28 days", ordering="sold")
    def sold(self, item: Any) -> int:
        return int(item.sold)

    @admin.display(description="Days of cover")
    def cover(self, item: Any) -> str:
        """How long what is left lasts, if it goes on selling as in the last 28 days."""
        return str(max(item.available, 0) * SOLD_DAYS // item.sold) if item.sold > 0 else "—"

    @admin.display(description="Ledger")
    def ledger(self, item: StockItem) -> SafeString:
        return ledger(item)

    def adjust(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form; on POST the adjustment, a count once its difference was confirmed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        item = get_object_or_404(StockItem.objects.select_related("variant__product"), pk=pk)
        form = AdjustForm(item, request.POST or None)
        if form.is_valid() and form.is_settled and self._adjusted(request, item, form):
            return HttpResponseRedirect(reverse("admin:inventory_stockitem_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Adjust stock of {item}",
            "opts": self.opts,
            "item": item,
            "form": form,
            "question": form.sentences() if form.is_valid() and form.is_count else None,
        }
        return TemplateResponse(request, "admin/inventory/adjust.html", context)

    def _adjusted(self, request: HttpRequest, item: StockItem, form: AdjustForm) -> bool:
        """Whether it is done. It is not if orders hold the pieces, or the stock has changed."""
        data, change = form.cleaned_data, form.difference
        try:
            after = adjust(
                variant_id=item.pk,
                change=change,
                reason=data["reason"],
                note=data["note"],
                actor=f"staff:{request.user.get_username()}"[:80],
                reference=str(data["reference"]),
                on_books=item.on_hand if form.is_count else None,
            )
        except StockHasChanged:
            item.refresh_from_db(fields=["on_hand", "reserved"])
            return False
        except StockIsReserved as refused:
            form.add_error("change", refused.detail)
            return False
        self.log_change(request, item, f"{data['reason']}: {change:+d}. {data['note']}")
        messages.success(request, f"{item}: {after.on_hand} on hand, {after.available} left.")
        return True


def _allowed(pages: StockItemAdmin, request: HttpRequest, columns: Any) -> list[str]:
    """Without the way to adjust for whoever may only look."""
    may = pages.has_change_permission(request)
    return [name for name in columns if may or name != "adjustment"]


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "sku", "version", "d_on_hand", "d_reserved", "reason", "actor", "note")
    list_filter = ("reason", "at")
    list_select_related = ("stock_item__variant",)
    list_per_page = 50
    search_fields = ("=stock_item__variant__sku", "=order_id")
    linked_lookups = ("stock_item__variant__id__exact",)
    search_help_text = "Exact SKU or order id"
    show_full_result_count = False

    @admin.display(description="SKU")
    def sku(self, movement: StockMovement) -> str:
        return movement.stock_item.variant.sku


class LineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = ReservationLine
    fields = ("sku", "quantity", "available_seen")
    extra = 0


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("order_id", "state", "expires_at", "created_at")
    list_filter = ("state",)
    list_per_page = 50
    search_fields = ("=order_id", "=lines__sku", "=lines__variant__sku")
    search_help_text = "Exact order id, or SKU as it was or is now"
    show_full_result_count = False
    inlines = (LineInline,)
