"""Differences in the back office: what the reconciler found, what to do, and settling it by hand.

The reconciler looks again each minute, in the dispatcher: the pods that serve this page may not
reach the payment provider.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from order_service.audit.actions import close_drift
from order_service.audit.advice import in_full, in_short
from order_service.audit.models import Drift, DriftKind, DriftQuerySet
from order_service.backoffice.inlines import pairs
from order_service.backoffice.reading import FoundByOrderNumber, RowFilter

# What a person closes. A payment left open that is closed too early is found again. The reconciler
# cannot see that the others are settled: money that was taken looks the same once it is paid back,
# and books are compared only in the minutes after an order has ended.
FOR_A_PERSON = (DriftKind.PAYMENT_LEFT_OPEN, DriftKind.PAYMENT_TAKEN, DriftKind.BOOKS_DIFFER)


class SettledFilter(RowFilter):
    title = "whether it is settled"
    parameter_name = "settled"
    selections = {
        "no": ("Open", DriftQuerySet.unrepaired),
        "yes": ("Settled", lambda rows: rows.exclude(repaired_at=None)),
    }


@admin.register(Drift)
class DriftAdmin(FoundByOrderNumber):
    list_display = (
        *("kind", "to_do", "of_order", "amount", "reference"),
        *("found_at", "settled_at"),
    )
    list_select_related = ("order",)
    list_filter = ("kind", SettledFilter)
    search_fields = ("reference",)
    search_help_text = "Reference or order number"
    # the latter of an order that is not here
    order_number_paths = ("order__number", "details__order")
    fields = (
        *("kind", "what_to_do", "order", "reference", "what_differs"),
        *("found_at", "settled_at"),
    )
    actions = ("settle",)

    @admin.display(description="Order")
    def of_order(self, drift: Drift) -> str:
        return drift.order.number if drift.order else str(drift.details.get("order", ""))

    @admin.display(description="Amount")
    def amount(self, drift: Drift) -> str:
        return str(drift.details.get("amount", ""))

    @admin.display(description="What to do")
    def to_do(self, drift: Drift) -> str:
        return in_short(drift)

    @admin.display(description="What to do")
    def what_to_do(self, drift: Drift) -> SafeString:
        return format_html_join("", "<p>{}</p>", ([each] for each in in_full(drift)))

    @admin.display(description="Details")
    def what_differs(self, drift: Drift) -> str:
        return pairs(drift.details)

    @admin.display(description="Settled at", ordering="repaired_at")
    def settled_at(self, drift: Drift) -> datetime | None:
        """By the reconciler or by a person."""
        return drift.repaired_at

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may change orders decides about their money, too, and so do accountants."""
        rights = ("orders.change_order", "audit.change_drift")
        return any(map(request.user.has_perm, rights))

    @admin.action(description="Settled by hand: close", permissions=["decide"])
    def settle(self, request: HttpRequest, chosen: QuerySet[Drift]) -> HttpResponse | None:
        """Asks first: the reconciler does not find money again that a person has settled.

        Only what a person puts right; the reconciler closes the others when they are right.
        """
        still_open = chosen.filter(repaired_at__isnull=True)
        for_a_person = still_open.filter(kind__in=FOR_A_PERSON)
        if "sure" not in request.POST and for_a_person.exists():
            return self._ask(request, for_a_person, still_open.exclude(kind__in=FOR_A_PERSON))
        for drift in for_a_person:
            close_drift(drift)
            self.log_change(request, drift, "Settled by hand")
        if left := still_open.count():
            messages.warning(
                request, f"Not closed, because the reconciler does it once they are right: {left}."
            )
        else:
            messages.success(request, "The selected differences are closed.")
        return None

    def _ask(
        self, request: HttpRequest, closed: QuerySet[Drift], left: QuerySet[Drift]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Settle by hand",
            "opts": self.opts,
            "drifts": [(drift, self.of_order(drift), in_full(drift)) for drift in closed],
            "left": left,
            "chosen": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/audit/drift/settle.html", context)
