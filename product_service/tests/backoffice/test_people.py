"""Colleagues get a role by a tick, and nobody gives away more than they have."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from chassis.back_office.roles import DOES, Role
from chassis.tests.back_office import fields_of, page_of, signed_in
from chassis.tests.role_matrix import person

pytestmark = pytest.mark.django_db

NEW = {
    "username": "carla",
    "email": "carla@example.org",
    "usable_password": "true",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


def role(name: Role) -> Any:
    return Group.objects.get(name=name).pk


def test_a_colleague_is_added_on_one_page() -> None:
    owner = person("O")
    page = owner.get("/admin/auth/user/add/").content.decode()
    assert all(f"<b>{name}</b> {does}" in page for name, does in DOES.items())

    answer = owner.post("/admin/auth/user/add/", {**NEW, "groups": [role(Role.CATALOGUE)]})

    assert answer.status_code == 302
    carla = User.objects.get(username="carla")
    assert (carla.is_staff, carla.is_superuser, carla.is_active) == (True, False, True)
    assert [str(each) for each in carla.groups.all()] == [Role.CATALOGUE]
    assert LogEntry.objects.filter(object_repr="carla").exists()
    client = Client()
    signed = client.post("/admin/login/", {"username": "carla", "password": NEW["password1"]})
    assert signed.status_code == 302


def test_an_owner_makes_no_superuser_and_does_not_touch_one() -> None:
    owner, boss = person("O"), User.objects.create(username="boss", is_superuser=True)
    sam = User.objects.get(username="sam")
    page = owner.get(page_of(sam))
    assert "is_superuser" not in page.content.decode()

    sent = {**fields_of(page), "is_superuser": "on", "user_permissions": ["1"]}
    assert owner.post(page_of(sam), sent).status_code == 302
    sam.refresh_from_db()
    assert (sam.is_superuser, sam.is_staff, sam.user_permissions.count()) == (False, True, 0)
    assert owner.post(page_of(boss), {"username": "mine"}).status_code == 403
    password = f"/admin/auth/user/{boss.pk}/password/"
    assert owner.post(password, {"password1": "x", "password2": "x"}).status_code == 403


def test_a_superuser_still_gives_single_rights() -> None:
    boss, sam = signed_in("boss"), User.objects.create(username="sam", is_staff=True)
    right = Permission.objects.get(codename="change_option")
    sent = {**fields_of(boss.get(page_of(sam))), "user_permissions": [right.pk]}
    assert boss.post(page_of(sam), sent).status_code == 302
    assert User.objects.get(username="sam").has_perm("catalogue.change_option")


def test_shipped_roles_are_put_right_and_own_groups_stay() -> None:
    shipped = Group.objects.get(name=Role.READ_ONLY)
    before = set(shipped.permissions.all())
    own = Group.objects.create(name="Night shift")
    right = Permission.objects.get(codename="change_option")
    for group in (shipped, own):
        group.permissions.set([right])

    call_command("migrate", verbosity=0)

    assert set(shipped.permissions.all()) == before
    assert list(own.permissions.all()) == [right]
    owner = person("O")
    assert owner.post(page_of(shipped), {"name": "Mine"}).status_code == 403
    assert owner.get(page_of(own)).status_code == 200
