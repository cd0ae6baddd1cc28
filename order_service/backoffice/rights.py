"""What staff may do: see rows, change none of them, and decide by actions if they may."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import PermissionsMixin
from django.db.models import Model
from django.http import HttpRequest


class ReadOnly:
    """Seen by staff who may view it, written by nobody: every change is an action."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def may_decide(user: Any) -> bool:
    """About orders and their money."""
    return isinstance(user, PermissionsMixin) and user.has_perm("orders.change_order")
