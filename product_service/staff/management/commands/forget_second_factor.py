"""Remove the second factor of somebody whom no owner can help: the only owner."""

from __future__ import annotations

from argparse import ArgumentParser

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from product_service.staff.second_factor import forget


class Command(BaseCommand):
    help = "Remove the second factor of an account, which sets up a new one at the next sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: object, username: str, **options: object) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        forget(user)
        self.stdout.write(f"{username} sets up a new device at the next sign-in.")
