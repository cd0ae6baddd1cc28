"""What an order consists of and what happened to it, on its page in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from order_service.orders.models import OrderEvent, OrderLine
from order_service.payments.models import LedgerEntry, Payment


class ReadOnly:
    """Seen by staff who may view it, written by nobody: every change is an action."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = OrderLine
    fields = ("sku", "name", "chosen", "quantity", "unit_price", "discount", "total", "tax")
    readonly_fields = ("chosen",)
    extra = 0

    @admin.display(description="Options")
    def chosen(self, line: OrderLine) -> str:
        return ", ".join(f"{name}: {value}" for name, value in line.options.items()) or "-"


class EventInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = OrderEvent
    verbose_name_plural = "timeline"
    fields = ("version", "at", "from_state", "to_state", "actor", "details")
    readonly_fields = ("details",)
    extra = 0

    @admin.display(description="Details")
    def details(self, event: OrderEvent) -> str:
        return _pairs(event.data)


class PaymentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Payment
    fields = (
        "amount",
        "currency",
        "state",
        "provider_reference",
        "decline_reason",
        "history",
        "updated_at",
    )
    readonly_fields = ("history",)
    extra = 0

    @admin.display(description="History")
    def history(self, payment: Payment) -> str:
        return " -> ".join(event.to_state for event in payment.events.all()) or "-"


class LedgerInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = LedgerEntry
    verbose_name_plural = "ledger"
    fields = ("at", "account", "amount", "booking")
    extra = 0


def _pairs(data: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in data.items()) or "-"
