"""What an order consists of and what happened to it, on its page in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chassis.back_office.read_only import ReadOnly
from chassis.money import half_up
from order_service.orders.adjustments import OrderAdjustment
from order_service.orders.models import OrderEvent, OrderLine
from order_service.payments.models import LedgerEntry, Payment


def amount(name: str) -> Any:
    """The column `name` with as many decimals as its currency has: 19.90 euros, 1990 yen."""

    @admin.display(description=name.replace("_", " "))
    def shown(row: Any) -> str:
        currency = row.currency if hasattr(row, "currency") else row.order.currency
        return str(half_up(getattr(row, name), currency))

    return shown


def pairs(data: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in data.items()) or "-"


AMOUNT, TAX = amount("amount"), amount("tax")
LINE_AMOUNTS = tuple(amount(name) for name in ("unit_price", "discount", "total", "tax"))


class Rows(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Rows of an order, read together with it because it has the currency."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("order")


class LineInline(Rows):
    model = OrderLine
    fields = ("sku", "name", "chosen", "quantity", *LINE_AMOUNTS)
    readonly_fields = ("chosen", *LINE_AMOUNTS)

    @admin.display(description="Options")
    def chosen(self, line: OrderLine) -> str:
        return pairs(line.options)


class AdjustmentInline(Rows):
    model = OrderAdjustment
    verbose_name_plural = "shipping, discounts and fees"
    fields = ("kind", "label", "source", AMOUNT, TAX)
    readonly_fields = (AMOUNT, TAX)


class EventInline(Rows):
    model = OrderEvent
    verbose_name_plural = "timeline"
    fields = ("version", "at", "from_state", "to_state", "actor", "details")
    readonly_fields = ("details",)

    @admin.display(description="Details")
    def details(self, event: OrderEvent) -> str:
        return pairs(event.data)


class PaymentInline(Rows):
    model = Payment
    fields = (
        AMOUNT,
        "currency",
        "state",
        "provider",
        "provider_reference",
        "decline_reason",
        "history",
        "updated_at",
    )
    readonly_fields = (AMOUNT, "history")

    @admin.display(description="History")
    def history(self, payment: Payment) -> str:
        return " -> ".join(event.to_state for event in payment.events.all()) or "-"


class LedgerInline(Rows):
    model = LedgerEntry
    verbose_name_plural = "ledger"
    fields = ("at", "account", AMOUNT, "booking")
    readonly_fields = (AMOUNT,)
