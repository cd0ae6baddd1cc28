"""Write down the staff of the orders' back office, for `product_service take_staff`."""

from __future__ import annotations

import json

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Write a line of JSON for each account of staff, with the hash of its password:"
        " manage.py order_service staff_accounts | manage.py product_service take_staff"
    )

    def handle(self, *args: object, **options: object) -> None:
        if self.stdout.isatty():
            raise CommandError("This would show hashes of passwords. Pipe it into take_staff.")
        for user in User.objects.filter(is_staff=True).order_by("pk"):
            self.stdout.write(json.dumps(_account(user)))


def _account(user: User) -> dict[str, object]:
    names = ("username", "password", "first_name", "last_name", "email")
    flags = ("is_active", "is_superuser")
    told = {name: getattr(user, name) for name in (*names, *flags)}
    return {**told, "roles": sorted(user.groups.values_list("name", flat=True))}
