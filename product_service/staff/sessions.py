"""Who is behind a session, as the back office itself would say it."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest

from product_service.staff.second_factor import is_needed, is_verified


def staff_of_session(session_key: str) -> User | None:
    """The person; None if the session has ended, or the account is not of active staff any more.

    A session also ends when the password is changed, and with its second factor.
    """
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return None
    return user if not is_needed() or is_verified(request, user) else None
