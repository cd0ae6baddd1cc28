"""Mails in the back office: which are unsent, why, and the button to try again."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.http import HttpRequest

from order_service.backoffice.reading import FoundByOrderNumber, RowFilter
from order_service.notifications import actions
from order_service.orders.models import Delivery
from order_service.orders.querysets import DeliveryQuerySet


class ProgressFilter(RowFilter):
    title = parameter_name = "progress"
    selections = {
        "unsent": ("Not sent yet", DeliveryQuerySet.unsent),
        "attention": ("Needs attention", lambda rows: rows.unsent().exclude(attention_at=None)),
    }


@admin.register(Delivery)
class DeliveryAdmin(FoundByOrderNumber):
    list_display = (
        "order",
        "topic",
        "channel",
        "attempts",
        "sent_at",
        "next_try",
        "last_error",
    )
    list_filter = (ProgressFilter, "topic", "channel")
    list_select_related = ("event__order",)
    list_per_page = 50
    ordering = ("-id",)
    search_fields = ("event__order__number", "event__order__email")
    search_help_text = "Order number or e-mail address"
    order_number_paths = ("event__order__number",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("try_again",)
    fields = (*list_display, "unanswered", "attention_at", "key")
    readonly_fields = ("order", "next_try")

    @admin.action(description="Try selected e-mails again", permissions=["decide"])
    def try_again(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        count = actions.try_again(list(queryset.values_list("pk", flat=True)))
        text = f"Unsent e-mails being tried again now: {count}."
        self.message_user(request, text, messages.SUCCESS)

    @admin.display(description="Order", ordering="event__order__number")
    def order(self, delivery: Delivery) -> str:
        return delivery.event.order.number

    @admin.display(description="Next try")
    def next_try(self, delivery: Delivery) -> datetime | None:
        return delivery.next_try_at
