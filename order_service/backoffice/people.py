"""Staff in the orders' back office: who they are and what they may do is said at the catalogue.

Groups of the shop's own and single rights are given here, and stay when the rest is copied again.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chassis.back_office.people import ROLES, SUPERUSERS_ONLY, StaffAdmin
from order_service.staff.mirror import COPIED

COPY = (None, {"fields": (*COPIED, "is_active", "accounts")})


class CopiedStaffAdmin(StaffAdmin):
    """Without CATALOGUE_ADMIN_URL the pages are those of accounts of its own."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not settings.CATALOGUE_ADMIN_URL

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if not settings.CATALOGUE_ADMIN_URL or obj is None:
            return super().get_fieldsets(request, obj)
        rights = ("Single rights", {"fields": ("user_permissions",), "classes": ("collapse",)})
        return (COPY, ROLES, *([rights] if request.user.is_superuser else []))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = (*COPIED, *SUPERUSERS_ONLY[:2], "is_active") if settings.CATALOGUE_ADMIN_URL else ()
        return (*super().get_readonly_fields(request, obj), *fixed, "accounts")

    @admin.display(description="Account")
    def accounts(self, user: User) -> SafeString:
        return format_html(
            'Name, password and shipped roles are changed <a href="{}/admin/auth/user/">at the'
            " catalogue</a>, and copied here within a minute of use.",
            settings.CATALOGUE_ADMIN_URL,
        )
