"""What can be done with many products of the list; each leads to its preview first."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from product_service.bulk.actions.preview import ask
from product_service.bulk.models import Kind
from product_service.catalogue.models import Product

MOST_PRODUCTS = 10_000
TOO_MANY = f"Nothing was done: choose {MOST_PRODUCTS:,} products at most, for example by category."


class BulkActions(admin.ModelAdmin):  # type: ignore[type-arg]
    """Mixed into the admin of products."""

    @admin.action(description="Change prices", permissions=["change"])
    def change_prices(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> HttpResponse | None:
        return _ask(request, Kind.PRICES, queryset)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        return _ask(request, Kind.PUBLISH, queryset)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        return _ask(request, Kind.UNPUBLISH, queryset)

    @admin.action(description="Move to a category", permissions=["change"])
    def move(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        return _ask(request, Kind.MOVE, queryset)


def _ask(request: HttpRequest, kind: Kind, products: QuerySet[Product]) -> HttpResponse | None:
    ids = set(products.order_by().values_list("pk", flat=True)[: MOST_PRODUCTS + 1])
    if len(ids) > MOST_PRODUCTS:
        messages.warning(request, TOO_MANY)
        return None
    change = ask(kind=kind, product_ids=ids, actor=request.user.get_username())
    return HttpResponseRedirect(reverse("admin:bulk_bulkchange_decide", args=[change.pk]))
