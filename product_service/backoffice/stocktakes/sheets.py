"""Count sheets in the back office: opened, counted by several people, booked once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from chassis.back_office.read_only import ReadOnly
from product_service.backoffice.changelists import counted
from product_service.backoffice.filters import SheetFilter
from product_service.backoffice.stocktakes.forms import BookForm, CountForm, OpenForm, names_of
from product_service.stocktake.actions import booking, counting
from product_service.stocktake.models import StockTake


@admin.register(StockTake)
class StockTakeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may see the stock sees it, and who may change the stock counts."""

    list_display = ("name", "opened_at", "opened_by", "progress", "state")
    list_filter = (SheetFilter,)
    list_per_page = 50
    search_fields = ("name",)
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: StockTake | None = None) -> bool:
        return bool(request.user.has_perm("inventory.view_stockitem")) or self._may_count(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_count(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockTake]:
        sheets: QuerySet[StockTake] = super().get_queryset(request)
        return sheets.annotate(all_lines=Count("lines"), counted_lines=Count("lines__counted"))

    def get_urls(self) -> list[Any]:
        views = {"book": self.book, "print": self.print, "discard": self.discard}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"stocktake_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    @admin.display(description="Counted")
    def progress(self, sheet: Any) -> str:
        return f"{sheet.counted_lines} of {sheet.all_lines}"

    @admin.display(description="State")
    def state(self, sheet: StockTake) -> str:
        return f"Booked by {sheet.booked_by}" if sheet.booked_at else "Open"

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A new sheet, or one with its counts."""
        if object_id is None:
            return self._open(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        sheet = self.get_object(request, unquote(object_id))
        if sheet is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if sheet.booked_at is not None:
            lines = booking.differing(sheet)
            return self._page(request, sheet, "booked", lines=lines)
        return self._count(request, sheet)

    def book(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The differences, and the button that books them."""
        sheet = self._open_one(request, pk)
        form = BookForm(request.POST or None, initial={"seen": booking.stamp(sheet)})
        if sheet.booked_at is None and form.is_valid() and self._booked(request, sheet, form):
            return HttpResponseRedirect(_page_of(sheet))
        lines = names_of(sheet)
        missing = sum(line.counted is None for line in lines)
        differing = [line for line in lines if line.difference]
        more = {"form": form, "lines": differing, "missing": missing}
        more["same"] = len(lines) - missing - len(differing)
        more["button"] = f"Book {counted(len(differing), 'difference', 'differences')}"
        return self._page(request, sheet, "book", **more)

    def print(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sheet on paper, without what the books say: who counts should not know it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sheet = get_object_or_404(StockTake, pk=pk)
        return self._page(request, sheet, "print", lines=names_of(sheet))

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        sheet = self._open_one(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if counting.discard(sheet=sheet):
            messages.success(request, f"The sheet “{sheet}” was discarded; the stock is unchanged.")
        return HttpResponseRedirect(reverse("admin:stocktake_stocktake_changelist"))

    def _may_count(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("inventory.change_stockitem"))

    def _open_one(self, request: HttpRequest, pk: int) -> StockTake:
        if not self._may_count(request):
            raise PermissionDenied
        return get_object_or_404(StockTake, pk=pk)

    def _open(self, request: HttpRequest) -> HttpResponse:
        if not self._may_count(request):
            raise PermissionDenied
        form = OpenForm(request.POST or None)
        if form.is_valid():
            data = form.cleaned_data
            sheet = counting.open_sheet(
                name=data["name"],
                variant_ids=data["variant_ids"],
                actor=request.user.get_username(),
            )
            return HttpResponseRedirect(_page_of(sheet))
        return self._page(request, None, "open", form=form)

    def _count(self, request: HttpRequest, sheet: StockTake) -> HttpResponse:
        lines = names_of(sheet)
        may_count = self._may_count(request)
        if request.method == "POST" and not may_count:
            raise PermissionDenied
        form = CountForm(lines, request.POST or None)
        if form.is_valid():
            data = form.cleaned_data
            result = counting.count(
                sheet=sheet,
                typed=form.typed(),
                added=data["text"],
                reference=data["reference"],
                at=data["at"] or timezone.now(),
                actor=request.user.get_username(),
            )
            if not result.clashes:
                told = f"{counted(result.saved, 'count was', 'counts were')} saved."
                messages.success(request, told)
                return HttpResponseRedirect(_page_of(sheet))
            form = CountForm(names_of(sheet), request.POST)
            form.send_again(result.clashes)
            for line, typed in result.clashes.items():
                messages.warning(request, _clash(line, typed))
        return self._page(request, sheet, "sheet", form=form, may_count=may_count)

    def _booked(self, request: HttpRequest, sheet: StockTake, form: BookForm) -> bool:
        data = form.cleaned_data
        try:
            number = booking.book(
                sheet=sheet, seen=data["seen"], reason=data["reason"], user=request.user
            )
        except booking.NotBooked as refused:
            messages.warning(request, f"Nothing was booked. {refused}")
            form.data = {**form.data.dict(), "seen": booking.stamp(sheet)}  # type: ignore[attr-defined]
            return False
        messages.success(request, f"{counted(number, 'difference', 'differences')} booked.")
        return True

    def _page(
        self, request: HttpRequest, sheet: StockTake | None, name: str, **more: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Stock-take: {sheet}" if sheet else "New stock-take",
            "opts": self.opts,
            "sheet": sheet,
            **more,
        }
        return TemplateResponse(request, f"admin/stocktake/{name}.html", context)


def _clash(line: Any, typed: Any) -> str:
    when = f"{timezone.localtime(line.counted_at):%H:%M}" if line.counted_at else "meanwhile"
    theirs = "no count" if line.counted is None else line.counted
    yours = "no count" if typed.pieces is None else typed.pieces
    return (
        f"{line.variant.sku}: {line.counted_by or 'somebody else'} saved {theirs} at {when}, you"
        f" typed {yours}. Save again to keep yours."
    )


def _page_of(sheet: StockTake) -> str:
    return reverse("admin:stocktake_stocktake_change", args=[sheet.pk])
