"""Pages of the back offices on which nothing is written."""

from __future__ import annotations

from django.contrib.admin.options import BaseModelAdmin
from django.db.models import Model
from django.http import HttpRequest


class ReadOnly(BaseModelAdmin):  # type: ignore[type-arg]
    """Seen by staff who may view it, written by nobody: every change is an action."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this person may take the actions: that is what the right to change them means."""
        return super().has_change_permission(request)
