"""Take over the staff of the orders' back office, who sign in here from now on."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.contrib.auth.hashers import identify_hasher, is_password_usable
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

NAMES = ("username", "first_name", "last_name", "email")


class Command(BaseCommand):
    help = (
        "Read accounts from standard input and make those that are not here yet:"
        " manage.py order_service staff_accounts | manage.py product_service take_staff"
    )

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        for line in sys.stdin:
            if line.strip():
                self.stdout.write(_taken(_read(line)))


def _read(line: str) -> dict[str, Any]:
    """Raises CommandError, which repeats nothing of the line."""
    try:
        account: dict[str, Any] = json.loads(line)
        if is_password_usable(account["password"]):
            identify_hasher(account["password"])
        return {**account, "username": str(account["username"])}
    except (KeyError, TypeError, ValueError):
        raise CommandError("This is no line of staff_accounts; nothing was taken over.") from None


def _taken(account: dict[str, Any]) -> str:
    name = account["username"]
    here = User.objects.filter(username=name).first()
    if here is not None:
        less = account.get("is_superuser") and not here.is_superuser
        hint = "; was a superuser there, and is none here" if less else ""
        return f"{name}: is here already, left as it is{hint}"
    user = User(is_staff=True, password=account["password"])
    for each in NAMES:
        setattr(user, each, str(account.get(each, "")))
    user.is_active = bool(account.get("is_active"))
    user.is_superuser = bool(account.get("is_superuser"))
    user.save()
    roles = Group.objects.filter(name__in=account.get("roles") or ())
    user.groups.set(roles)
    kind = "superuser" if user.is_superuser else ", ".join(map(str, roles)) or "no role here yet"
    return f"{name}: taken over ({kind})"
