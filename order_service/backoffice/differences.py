"""Differences in the back office: shown as found, put right by looking again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from order_service.audit.actions import close_drift
from order_service.audit.advice import ADVICE
from order_service.audit.models import Drift, DriftKind
from order_service.audit.reconciler import reconcile
from order_service.backoffice.finding import FindsByOrderNumber
from order_service.backoffice.rights import ReadOnly, may_decide

# Closed too early, the first is found again. The others only a person can judge: money that was
# taken looks the same once it is paid back, and books are compared for some minutes only.
FOR_A_PERSON = (DriftKind.PAYMENT_LEFT_OPEN, DriftKind.PAYMENT_TAKEN, DriftKind.BOOKS_DIFFER)


@admin.register(Drift)
class DriftAdmin(ReadOnly, FindsByOrderNumber):
    list_display = ("kind", "of_order", "amount", "reference", "found_at", "repaired_at")
    list_select_related = ("order",)
    list_filter = ("kind", ("repaired_at", admin.EmptyFieldListFilter))
    search_fields = ("reference",)
    search_help_text = "Reference or order number"
    # the latter of an order that is not here
    order_number_paths = ("order__number", "details__order")
    fields = ("kind", "what_to_do", "order", "reference", "details", "found_at", "repaired_at")
    actions = ("repair", "settle")

    @admin.display(description="Order")
    def of_order(self, drift: Drift) -> str:
        return drift.order.number if drift.order else str(drift.details.get("order", ""))

    @admin.display(description="Amount")
    def amount(self, drift: Drift) -> str:
        return str(drift.details.get("amount", ""))

    @admin.display(description="What to do")
    def what_to_do(self, drift: Drift) -> str:
        return ADVICE[DriftKind(drift.kind)]

    def has_repair_permission(self, request: HttpRequest) -> bool:
        return may_decide(request.user)

    @admin.action(description="Look again and repair what is safe", permissions=["repair"])
    def repair(self, request: HttpRequest, chosen: QuerySet[Drift]) -> None:
        """Everything is looked at, not just what was chosen: a find may be stale by now."""
        reconcile()
        left = Drift.objects.unrepaired().filter(pk__in=chosen.values("pk")).count()
        if left:
            messages.warning(request, f"Differences that remain and need attention: {left}.")
        else:
            messages.success(request, "All selected differences are repaired.")

    @admin.action(description="Settled by hand: close", permissions=["repair"])
    def settle(self, request: HttpRequest, chosen: QuerySet[Drift]) -> None:
        """Only what a person puts right; the reconciler closes the others when they are right."""
        still_open = chosen.filter(repaired_at__isnull=True)
        for drift in still_open.filter(kind__in=FOR_A_PERSON):
            close_drift(drift)
            self.log_change(request, drift, "Settled by hand")
        if left := still_open.count():
            messages.warning(
                request, f"Not closed, because the reconciler does it once they are right: {left}."
            )
        else:
            messages.success(request, "The selected differences are closed.")
