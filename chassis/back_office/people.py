"""Staff and their groups in a back office: roles in the shop's words, single rights folded away.

Nobody is deleted, because the history names them: whoever leaves is made inactive. Only a superuser
makes another, and sees single rights.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chassis.back_office.roles import DOES, Role

SUPERUSERS_ONLY = ("is_superuser", "is_staff", "user_permissions")
ROLES: Any = ("Roles", {"fields": ("groups",)})


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Ticks, the shipped roles first, each with what it is for."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        places = (When(name=role, then=Value(place)) for place, role in enumerate(Role))
        place = Case(*places, default=Value(len(Role)), output_field=IntegerField())
        super().__init__(Group.objects.order_by(place, "name"), **options)

    def label_from_instance(self, obj: Group) -> SafeString | str:
        does = {role.value: text for role, text in DOES.items()}.get(obj.name)
        return format_html("<b>{}</b> {}", obj.name, does) if does else obj.name


class StaffAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "full_name", "email", "roles", "is_active")
    list_filter = ("is_active", "groups")
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ROLES,
        ("Single rights", {"fields": SUPERUSERS_ONLY, "classes": ("collapse",)}),
        ("Dates", {"fields": ("last_login", "date_joined"), "classes": ("collapse",)}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "password1", "password2")}),
        ROLES,
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A password that somebody may not change is not shown, for it leads to its form."""
        found = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return found
        found = [each for each in found if each[1]["fields"] != SUPERUSERS_ONLY]
        if obj is not None and not self.has_change_permission(request, obj):
            found[0] = (None, {"fields": ("username", "is_active")})
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "last_login", "date_joined")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Without Django's links to add and change roles beside the ticks."""
        if db_field.name == "groups":
            return RolesField(label="Roles", required=False)
        return super().formfield_for_dbfield(db_field, request, **options)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.display(description="Name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "-"

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        names = [*(["Superuser"] if user.is_superuser else []), *map(str, user.groups.all())]
        return ", ".join(names) or "none"


class RoleAdmin(GroupAdmin):
    """Groups of the shop's own are edited; the shipped roles are only shown."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_shipped(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_shipped(obj)


def _is_shipped(group: Group | None) -> bool:
    return group is not None and group.name in set(Role)


def register_people(staff: type[StaffAdmin] = StaffAdmin) -> None:
    """In place of Django's own pages of users and groups."""
    admin.site.unregister([User, Group])
    admin.site.register(User, staff)
    admin.site.register(Group, RoleAdmin)
