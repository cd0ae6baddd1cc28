"""Staff in the catalogue's back office: with their second factor, which an owner can remove."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chassis.back_office.people import StaffAdmin
from product_service.staff import second_factor

FACTOR: Any = ("Second factor", {"fields": ("factor",)})


class PeopleAdmin(StaffAdmin):
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.forget_factor)
        own = path("<int:pk>/second-factor/", view, name="auth_user_second_factor")
        return [own, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        has_factor = obj is not None and second_factor.has_device(obj)
        shown = has_factor and self.has_change_permission(request, obj)
        return [*found, FACTOR] if shown else found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "factor")

    @admin.display(description="Device")
    def factor(self, user: User) -> SafeString:
        page = reverse("admin:auth_user_second_factor", args=[user.pk])
        return format_html('Set up. <a href="{}">Remove it (lost device)</a>', page)

    def forget_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks first. Nobody else than who may change the account may remove its factor."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        page = reverse("admin:auth_user_change", args=[pk])
        if request.method == "POST":
            second_factor.forget(person)
            self.log_change(request, person, "Second factor removed.")
            messages.success(request, f"{person} sets up a new device at the next sign-in.")
            return HttpResponseRedirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Remove the second factor of {person}",
            "person": person,
            "person_page": page,
        }
        return TemplateResponse(request, "admin/auth/user/forget_factor.html", context)
