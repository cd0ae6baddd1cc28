"""The accounts of this back office, written for the one that takes them over."""

from __future__ import annotations

import io
import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command

from chassis.back_office.roles import Role

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_staff_are_written_with_their_hashes() -> None:
    olga = User.objects.create_user("olga", "olga@example.org", "correct horse", is_staff=True)
    olga.groups.add(Group.objects.get(name=Role.SUPPORT))
    User.objects.create_user("shopper", password="correct horse")
    told = io.StringIO()

    call_command("staff_accounts", stdout=told)

    (line,) = told.getvalue().splitlines()
    written = json.loads(line)
    assert written["username"] == "olga"
    assert written["password"] == olga.password
    assert written["roles"] == [Role.SUPPORT]


def test_no_hash_is_shown_on_a_terminal() -> None:
    User.objects.create_user("olga", password="correct horse", is_staff=True)
    told = Terminal()

    with pytest.raises(CommandError, match="Pipe it into take_staff"):
        call_command("staff_accounts", stdout=told)

    assert told.getvalue() == ""
