"""Accounts that were in the orders' back office alone can sign in here afterwards."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from chassis.back_office.roles import Role

pytestmark = pytest.mark.django_db


def account(**changed: Any) -> str:
    told = {
        "username": "olga",
        "password": make_password("correct horse battery"),
        "first_name": "Olga",
        "last_name": "Orlova",
        "email": "olga@example.org",
        "is_active": True,
        "is_superuser": False,
        "roles": [Role.SUPPORT, "Night shift"],
    }
    return json.dumps({**told, **changed}) + "\n"


def take(monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(lines)))
    told = io.StringIO()
    call_command("take_staff", stdout=told)
    return told.getvalue()


def test_an_account_comes_over_with_its_password_and_role(monkeypatch: pytest.MonkeyPatch) -> None:
    line = account()
    told = take(monkeypatch, line)

    olga = User.objects.get(username="olga")
    assert olga.check_password("correct horse battery")
    assert (olga.is_staff, olga.is_active, olga.is_superuser) == (True, True, False)
    assert [str(group) for group in olga.groups.all()] == [Role.SUPPORT]
    assert told == f"olga: taken over ({Role.SUPPORT})\n"
    assert take(monkeypatch, line) == "olga: is here already, left as it is\n"


def test_who_is_here_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create_user("olga", password="her own here", is_staff=True)
    told = take(monkeypatch, account(is_superuser=True))

    olga = User.objects.get(username="olga")
    assert olga.check_password("her own here")
    assert not olga.is_superuser
    assert "was a superuser there, and is none here" in told


@pytest.mark.parametrize("line", ["nonsense", "[]", "{}", account(password="plain text")])
def test_what_is_no_account_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    with pytest.raises(CommandError, match="nothing was taken over") as refused:
        take(monkeypatch, account(), line)

    assert "plain text" not in str(refused.value)
    assert not User.objects.exists()
