"""Import and export in the back office: upload, look at what would change, import, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from product_service.backoffice import import_page
from product_service.backoffice.downloads import errors_of, exported, template_for
from product_service.backoffice.import_forms import StartForm, UploadForm
from product_service.transfer.actions.apply import apply
from product_service.transfer.actions.discard import discard
from product_service.transfer.actions.undo import undo
from product_service.transfer.actions.upload import upload
from product_service.transfer.columns import CLEAR, COLUMNS
from product_service.transfer.models import Import, State

TOO_LATE = "Somebody else was faster: this is how it stands now."
NO_STOCK = "The file changes stock, which your role does not allow. Remove the column “on_hand”."


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("file_name", "state", "by", "created_at", "note")
    list_filter = ("state",)
    list_per_page = 50
    change_list_template = "admin/transfer/import/list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        may = super().has_add_permission(request)
        return may and request.user.has_perm("catalogue.change_product")

    def has_change_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        """Whether this person may import and undo."""
        may = super().has_change_permission(request, obj)
        return may and request.user.has_perm("catalogue.change_product")

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        imports: QuerySet[Import] = super().get_queryset(request)
        return imports.defer("content")

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"transfer_{name}")

        return [
            own("export/<str:kind>/", self.export, "export"),
            own("template/<str:kind>/", self.template, "template"),
            own("<int:pk>/errors.csv", self.errors, "errors"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form of the upload; on POST the file is checked, and its page shown."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            file = form.cleaned_data["upload"]
            of = upload(
                file_name=file.name,
                content=file.read(),
                note_why=form.cleaned_data["note"],
                user=request.user,
            )
            return _to(of)
        context = {"title": "Import products", "form": form, "clear": CLEAR, "columns": COLUMNS}
        return self._page(request, "upload", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """What the file would change, what it changed, how far it is; a POST is one of DOES."""
        found = self.get_object(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined,no-any-return]
                request, self.opts, object_id
            )
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        of = Import.objects.select_related("job").defer("content").get(pk=found.pk)
        start = StartForm(of, request.POST if "_apply" in request.POST else None)
        if request.method == "POST" and self._is_done(request, of, start):
            return _to(of)
        context = {
            "title": of.file_name,
            "start": start,
            "may_change": self.has_change_permission(request, of),
            **import_page.context(request, of),
        }
        return self._page(request, "page", context)

    def _is_done(self, request: HttpRequest, of: Import, start: StartForm) -> bool:
        """Whether what was asked for was answered; False shows the form once more."""
        if not self.has_change_permission(request, of):
            raise PermissionDenied
        does = next((name for name in DOES if name in request.POST), "")
        if does == "_apply" and not start.is_valid():
            return False
        if does in ("_apply", "_undo") and not _may_change_stock(request, of):
            messages.error(request, NO_STOCK)
        elif does and not DOES[does](of, user=request.user):
            messages.warning(request, TOO_LATE)
        return True

    def export(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not request.user.has_perm("catalogue.view_product"):
            raise PermissionDenied
        return exported(kind)

    def template(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return template_for(kind)

    def errors(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return errors_of(get_object_or_404(Import.objects.exclude(state=State.CHECKING), pk=pk))

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/transfer/import/{name}.html", whole)


DOES: dict[str, Callable[..., bool]] = {"_apply": apply, "_discard": discard, "_undo": undo}


def _may_change_stock(request: HttpRequest, of: Import) -> bool:
    return "on_hand" not in of.columns or request.user.has_perm("inventory.change_stockitem")


def _to(of: Import) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:transfer_import_change", args=[of.pk]))
