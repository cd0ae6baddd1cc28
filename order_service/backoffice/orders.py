"""Orders in the back office: everything is shown, nothing is a field, changes are actions.

Staff who may change orders can cancel one (after typing its number), retry those that need
attention and revoke the links of one; all go through `orders.actions`, a cancel under the same
rules as a shopper's own.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from chassis.forms import LineField
from chassis.ids import order_number
from chassis.money import Money
from order_service.backoffice.inlines import (
    AdjustmentInline,
    EventInline,
    LedgerInline,
    LineInline,
    PaymentInline,
)
from order_service.backoffice.reading import FoundByOrderNumber, RowFilter
from order_service.orders.actions import (
    CancelNotAllowed,
    RetryNotNeeded,
    cancel_order,
    retry_order,
    revoke_links,
)
from order_service.orders.links import ends_at
from order_service.orders.models import Delivery, Order
from order_service.orders.querysets import OrderQuerySet
from order_service.orders.states import CANCELLABLE, Reason, State
from order_service.payments.states import PaymentState

LINE_BREAK = mark_safe("<br>")


class CancelForm(forms.Form):
    """Typing the number of an order is how staff say that they mean this one."""

    number = LineField(max_length=300, label="Order number")

    def __init__(self, *args: Any, number: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = number

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"]
        if order_number(typed) != self._expected:
            raise forms.ValidationError("This is not the number of this order.")
        return typed


class AttentionFilter(RowFilter):
    title = parameter_name = "attention"
    selections = {
        "yes": ("Needs attention", OrderQuerySet.in_attention),
        "undecided": (
            "In progress",
            lambda rows: rows.undecided().filter(attention_at__isnull=True),
        ),
    }


@admin.register(Order)
class OrderAdmin(FoundByOrderNumber):
    list_display = ("number", "placed_at", "email", "amount", "state", "payment_status", "waits")
    list_filter = ("state", AttentionFilter, "payment_status", "reason", "placed_at")
    list_per_page = 50
    ordering = ("-placed_at",)
    search_fields = ("number", "email")
    search_help_text = "Order number or e-mail address"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("retry",)
    change_form_template = "admin/orders/order/change_form.html"
    fieldsets = (
        (None, {"fields": ("number", "state", "reason", "placed_at", "updated_at")}),
        ("Money", {"fields": ("money",)}),
        ("Customer", {"fields": ("email", "subject", "address", "shipping_name", "note")}),
        ("Progress", {"fields": ("attention_at", "failures", "last_error", "next_attempt_at")}),
        ("Mail", {"fields": ("deliveries", "link")}),
        ("For support", {"fields": ("id", "request_id", "version"), "classes": ("collapse",)}),
    )
    readonly_fields = ("money", "address", "deliveries", "link")
    inlines = (LineInline, AdjustmentInline, EventInline, PaymentInline, LedgerInline)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:order_id>/cancel/", view(self.cancel_view), name="orders_order_cancel"),
            path("<uuid:order_id>/retry/", view(self.retry_view), name="orders_order_retry"),
            path("<uuid:order_id>/revoke/", view(self.revoke_view), name="orders_order_revoke"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if order is not None and self.has_decide_permission(request):
            context["may_cancel"] = State(order.state) in CANCELLABLE
            context["may_retry"] = order.attention_at is not None
            context["may_revoke"] = True
        return super().change_view(request, object_id, form_url, context)

    @admin.action(description="Try selected orders again", permissions=["decide"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        for order in queryset:
            self._retry(request, order)

    def retry_view(self, request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
        """The button on the page of an order that needs attention."""
        order = self._order_to_decide(request, order_id)
        if request.method == "POST":
            self._retry(request, order)
        return HttpResponseRedirect(_page_of(order))

    def revoke_view(self, request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
        """The button that ends the order's links; who pressed it stands in the history."""
        order = self._order_to_decide(request, order_id)
        if request.method == "POST":
            with transaction.atomic():
                revoke_links(order_id=order.id, actor=_actor(request))
                self.log_change(request, order, "Links revoked.")
            text = f"The links of {order.number} no longer work. {order.email} gets a new one."
            self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(_page_of(order))

    def cancel_view(self, request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
        """Asks for the order's number, then cancels it."""
        order = self._order_to_decide(request, order_id)
        form = CancelForm(request.POST or None, number=order.number)
        if form.is_valid():
            self._cancel(request, order)
            return HttpResponseRedirect(_page_of(order))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Cancel {order.number}",
            "opts": self.opts,
            "order": order,
            "form": form,
            "order_page": _page_of(order),
        }
        return TemplateResponse(request, "admin/orders/order/cancel.html", context)

    def _order_to_decide(self, request: HttpRequest, order_id: uuid.UUID) -> Order:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        return get_object_or_404(Order, pk=order_id)

    def _retry(self, request: HttpRequest, order: Order) -> None:
        try:
            retry_order(order_id=order.id)
        except RetryNotNeeded as error:
            self.message_user(request, f"{order.number}: {error.detail}", messages.WARNING)
            return
        self.log_change(request, order, "Tried again.")
        self.message_user(request, f"{order.number} is being tried again now.", messages.SUCCESS)

    def _cancel(self, request: HttpRequest, order: Order) -> None:
        try:
            is_new = cancel_order(order_id=order.id, actor=_actor(request), reason=Reason.STAFF)
        except CancelNotAllowed as error:
            self.message_user(request, f"{order.number}: {error.detail}", messages.ERROR)
            return
        if is_new:
            self.log_change(request, order, "Cancelled.")
        text = "is being cancelled." if is_new else "was already cancelled."
        self.message_user(request, f"{order.number} {text}", messages.SUCCESS)

    @admin.display(description="Total", ordering="total")
    def amount(self, order: Order) -> str:
        return str(Money(order.total, order.currency).rounded())

    @admin.display(description="Attention", ordering="attention_at")
    def waits(self, order: Order) -> str:
        return "needs attention" if order.attention_at else "-"

    @admin.display(description="Money")
    def money(self, order: Order) -> SafeString:
        """What was ordered, and what the bank has reserved or paid."""
        rows = [
            ("Subtotal", order.subtotal),
            *([("Discount", -order.discount)] if order.discount else []),
            ("Shipping", order.shipping),
            *([("Fees", order.fees)] if order.fees else []),
            ("Total", order.total),
            ("Tax included", order.tax),
            ("Authorized", _sum(order, PaymentState.AUTHORIZED)),
            ("Captured", _sum(order, PaymentState.CAPTURED)),
            ("Refunded", _sum(order, PaymentState.REFUNDED)),
        ]
        cells = [(name, Money.of(amount, order.currency)) for name, amount in rows]
        body = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", cells)
        return format_html("<table><tbody>{}</tbody></table>", body)

    @admin.display(description="Ship to")
    def address(self, order: Order) -> SafeString:
        lines = order.address_lines
        return format_html_join(LINE_BREAK, "{}", ((line,) for line in lines))

    @admin.display(description="Link")
    def link(self, order: Order) -> str:
        """Since when the shopper's link is this one, and how long it works."""
        since = order.link_renewed_at or order.placed_at
        end = ends_at(order)
        until = f"until {_moment(end)}" if end else "as long as the order is open"
        return f"created {_moment(since)}, works {until}"

    @admin.display(description="Mails")
    def deliveries(self, order: Order) -> str | SafeString:
        found = Delivery.objects.filter(event__order=order)
        rows = [(each.get_topic_display(), _how_it_stands(each)) for each in found]
        return format_html_join(LINE_BREAK, "{}: {}", rows) or "-"


def _actor(request: HttpRequest) -> str:
    return f"staff:{request.user.pk}"


def _page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def _moment(at: datetime) -> str:
    """In the shop's zone: 29 Nov 2026, 18:52 CET."""
    return str(localize(localtime(at)))


def _sum(order: Order, state: PaymentState) -> Any:
    found = order.payments.filter(state=state).aggregate(amount=Sum("amount"))
    return found["amount"] or "0.00"


def _how_it_stands(delivery: Delivery) -> str:
    if delivery.sent_at:
        return f"sent {_moment(delivery.sent_at)}, tries: {delivery.attempts}"
    if delivery.attention_at:
        return f"given up, needs attention: {delivery.last_error}"
    if delivery.next_try_at is None:
        return f"not sent: {delivery.last_error}"
    if delivery.attempts:
        return f"failed {delivery.attempts} times, will be tried again: {delivery.last_error}"
    return "not sent yet"
