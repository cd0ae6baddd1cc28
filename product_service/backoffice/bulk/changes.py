"""Bulk changes in the back office: previewed, made, seen and undone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from chassis.back_office.read_only import ReadOnly
from product_service.backoffice.bulk import telling
from product_service.backoffice.bulk.forms import FORMS, ConfirmForm
from product_service.backoffice.changelists import counted
from product_service.bulk.actions.make import make, stamp
from product_service.bulk.actions.preview import preview
from product_service.bulk.actions.undo import undo, undoable
from product_service.bulk.lines import lines_of
from product_service.bulk.models import BulkChange

CHANGED_MEANWHILE = (
    "Nothing was changed yet: somebody has changed prices or products since this preview was made."
    " This is how it looks now."
)
TOO_LATE = "Nothing was undone: its 24 hours are over, or somebody has undone it already."


@admin.register(BulkChange)
class BulkChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may see products sees it, and who may change them decides."""

    list_display = ("what", "made_at", "actor", "reason", "state")
    list_filter = ("kind",)
    list_per_page = 50
    ordering = ("-made_at",)
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: BulkChange | None = None) -> bool:
        return bool(request.user.has_perm("catalogue.view_product")) or self._may_change(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        return super().get_queryset(request).filter(made_at__isnull=False).defer("product_ids")

    def get_urls(self) -> list[Any]:
        views = {"decide": self.decide, "undo": self.undo}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"bulk_bulkchange_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    @admin.display(description="What")
    def what(self, change: BulkChange) -> str:
        return telling.title(change)

    @admin.display(description="State")
    def state(self, change: BulkChange) -> str:
        if change.undone_at is None:
            return "Made"
        return f"Undone, {change.undo_left} left" if change.undo_left else "Undone"

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The rule, its preview, and the button that makes the change."""
        if not self._may_change(request):
            raise PermissionDenied
        change = get_object_or_404(BulkChange, pk=pk)
        if change.made_at is not None:
            return HttpResponseRedirect(_page_of(change))
        rule_form, confirm = self._forms(request, change)
        if "_preview" in request.POST and rule_form is not None and rule_form.is_valid():
            preview(change=change, rule=rule_form.rule())
            return HttpResponseRedirect(request.path)
        if "_make" in request.POST and confirm.is_valid():
            return self._made(request, change, confirm)
        is_ready = change.previewed_at is not None and lines_of(change).exists()
        more = {"rule_form": rule_form, "confirm": confirm if is_ready else None}
        more["count"] = counted(len(change.product_ids), "product", "products")
        return self._page(request, change, "admin/bulk/decide.html", **more)

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self._may_change(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        change = get_object_or_404(BulkChange, pk=pk)
        undone = undo(change=change, user=request.user)
        if undone is None:
            messages.warning(request, TOO_LATE)
        else:
            self._tell_undone(request, undone)
        return HttpResponseRedirect(_page_of(change))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What was changed, and the way back."""
        if object_id is None or not self.has_view_permission(request):
            raise PermissionDenied
        change = self.get_object(request, unquote(object_id))
        if change is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        more: dict[str, Any] = {}
        if change.can_be_undone and self._may_change(request):
            total, still = lines_of(change).count(), len(undoable(change))
            more = {"can_undo": still, "cannot_undo": total - still}
        return self._page(request, change, "admin/bulk/change.html", **more)

    def _may_change(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("catalogue.change_product"))

    def _forms(self, request: HttpRequest, change: BulkChange) -> tuple[Any, ConfirmForm]:
        form = FORMS.get(change.kind)
        asked = request.POST if "_preview" in request.POST else None
        rule_form = form and form(asked, initial=form.initial_of(change.rule))
        sent = request.POST if "_make" in request.POST else None
        return rule_form, ConfirmForm(change, sent, initial={"seen": stamp(change)})

    def _made(self, request: HttpRequest, change: BulkChange, form: ConfirmForm) -> HttpResponse:
        data = form.cleaned_data
        if not make(change=change, seen=data["seen"], reason=data["reason"], user=request.user):
            messages.warning(request, CHANGED_MEANWHILE)
            return HttpResponseRedirect(request.path)
        change.refresh_from_db()
        messages.success(request, " ".join(telling.sentences(change)))
        return HttpResponseRedirect(_page_of(change))

    def _tell_undone(self, request: HttpRequest, change: BulkChange) -> None:
        done = lines_of(change).count() - change.undo_left
        messages.success(request, f"{counted(done, 'change is', 'changes are')} undone.")
        if left := change.undo_left:
            stay = counted(
                left, "stays as it is, because it was", "stay as they are, because they were"
            )
            messages.warning(request, f"{stay} changed since.")

    def _page(
        self, request: HttpRequest, change: BulkChange, template: str, **more: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": telling.title(change),
            "opts": self.opts,
            "change_row": change,
            "has_prices": change.kind == "prices",
            "sentences": telling.sentences(change) if change.previewed_at else (),
            "warnings": () if change.made_at else telling.warnings(change),
            "button": telling.button(change),
            "lines": telling.table(change, request.GET.get("page", "1")),
            **more,
        }
        return TemplateResponse(request, template, context)


def _page_of(change: BulkChange) -> str:
    return reverse("admin:bulk_bulkchange_change", args=[change.pk])
