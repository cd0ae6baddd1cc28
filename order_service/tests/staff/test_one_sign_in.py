"""Staff sign in at the catalogue; a code brings them here, and both sessions end together."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django.fixtures import Settings

from chassis.back_office.roles import Role
from chassis.tests.back_office import fields_of
from order_service.tests.product_stub import State, problem
from order_service.tests.staff.arriving import (
    CATALOGUE,
    SESSION,
    SESSIONS,
    SIGNED_OUT,
    arrive,
    knows_sam,
    pass_time,
    sent_off,
    signed_in,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/orders/order/"


@pytest.fixture(autouse=True)
def _one_sign_in(settings: Settings) -> None:
    settings.CATALOGUE_ADMIN_URL = CATALOGUE


@pytest.fixture
def browser(shop: State) -> Client:
    """Of Sam, who has signed in."""
    knows_sam(shop)
    client = Client()
    assert arrive(client, sent_off(client))["Location"] == PAGE
    shop.calls.clear()
    return client


def test_a_person_arrives_with_name_and_roles(browser: Client) -> None:
    sam = User.objects.get(username="sam")
    assert (sam.get_full_name(), sam.email) == ("Sam Smith", "sam@example.org")
    assert [str(group) for group in sam.groups.all()] == [Role.SUPPORT]
    assert not sam.has_usable_password()
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert f'href="{CATALOGUE}/admin/"' in page.content.decode()


def test_the_code_is_redeemed_with_the_secret_behind_the_challenge(shop: State) -> None:
    knows_sam(shop)
    client = Client()
    challenge = sent_off(client)
    arrive(client, challenge, "from the address")

    method, path, sent = shop.calls[-1]
    assert (method, path, sent["code"]) == ("POST", SESSIONS, "from the address")
    assert hashlib.sha256(sent["secret"].encode()).hexdigest() == challenge
    assert shop.headers[-1]["Authorization"].startswith("Bearer ey")


def test_a_code_opens_nothing_in_another_browser_or_twice(shop: State) -> None:
    knows_sam(shop)
    attacker, victim = Client(), Client()
    challenge = sent_off(attacker)
    sent_off(victim)
    shop.calls.clear()

    assert arrive(victim, challenge).status_code == 400
    assert shop.calls == []  # not even asked for
    assert arrive(attacker, challenge).status_code == 302
    assert arrive(attacker, challenge).status_code == 400


def test_a_refused_code_signs_nobody_in(shop: State) -> None:
    knows_sam(shop)
    client = Client()
    challenge = sent_off(client)
    shop.answers[SESSIONS] = (422, problem(422, "code_refused"))

    answer = arrive(client, challenge)

    assert answer.status_code == 400
    assert "You are not signed in yet" in answer.content.decode()
    assert client.get(PAGE).status_code == 302
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "page", ["//evil.example/", "https://evil.example/admin/", "/admin/\\evil", "/v1/docs", ""]
)
def test_nobody_is_led_elsewhere(shop: State, page: str) -> None:
    knows_sam(shop)
    client = Client()
    found = arrive(client, sent_off(client, page))["Location"]
    assert found.startswith("/admin/")
    assert "//" not in found
    assert "\\" not in found


def test_two_tabs_arrive_each_at_its_page(shop: State) -> None:
    knows_sam(shop)
    client = Client()
    first, second = sent_off(client, PAGE), sent_off(client, "/admin/orders/delivery/")
    assert arrive(client, second)["Location"] == "/admin/orders/delivery/"
    assert arrive(client, first)["Location"] == PAGE


def test_whoever_signs_out_there_is_out_within_a_minute(browser: Client, shop: State) -> None:
    shop.answers[SESSIONS] = SIGNED_OUT
    assert browser.get(PAGE).status_code == 200
    assert shop.calls == []  # it was looked at a moment ago

    pass_time(browser, 60)

    assert browser.get(PAGE)["Location"].startswith("/admin/login/")
    assert shop.calls == [("GET", f"{SESSIONS}/{SESSION}", None)]


def test_new_roles_are_there_within_a_minute(browser: Client, shop: State) -> None:
    shop.answers[SESSIONS] = signed_in(roles=[Role.CATALOGUE.value], email="new@example.org")
    pass_time(browser, 60)

    assert browser.get(PAGE).status_code == 403
    assert User.objects.get(username="sam").email == "new@example.org"


def test_signing_out_here_signs_out_there(browser: Client, shop: State) -> None:
    shop.answers[SESSIONS] = (200, {"session": SESSION})
    page = browser.post("/admin/logout/").content.decode()

    assert "signed out of both back offices" in page
    assert shop.calls == [("DELETE", f"{SESSIONS}/{SESSION}", None)]
    assert browser.get(PAGE).status_code == 302


def test_while_the_catalogue_is_away_people_work_on(
    browser: Client, shop_is_away: None, settings: Settings
) -> None:
    pass_time(browser, 60)
    assert browser.get(PAGE).status_code == 200
    stranger = Client().get("/admin/login/", {"next": PAGE})
    assert (stranger.status_code, stranger["Retry-After"]) == (503, "15")
    assert "Nobody can sign in right now" in stranger.content.decode()
    assert "sign out there as well" in browser.post("/admin/logout/").content.decode()
    assert browser.get(PAGE).status_code == 302


def test_a_session_of_its_own_sign_in_does_not_count(shop: State) -> None:
    knows_sam(shop)
    client = Client()
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    assert client.post("/admin/login/", {"username": "olga"})["Location"].startswith(CATALOGUE)


def test_who_was_here_before_keeps_history_and_single_rights(shop: State) -> None:
    sam = User.objects.create_user("sam", password="of before", is_staff=True)
    sam.user_permissions.add(Permission.objects.get(codename="change_country"))
    night_shift = Group.objects.create(name="Night shift of orders")
    sam.groups.set([night_shift, Group.objects.get(name=Role.OWNER)])
    knows_sam(shop)
    client = Client()
    arrive(client, sent_off(client))

    (found,) = User.objects.all()
    assert found.pk == sam.pk
    assert found.has_perm("pricing.change_country")
    assert {str(each) for each in found.groups.all()} == {str(night_shift), Role.SUPPORT}


def test_a_name_given_to_somebody_else_takes_no_account_over(shop: State) -> None:
    knows_sam(shop)
    client = Client()
    arrive(client, sent_off(client))
    knows_sam(shop, number=8, email="the-new-sam@example.org")
    newcomer = Client()
    arrive(newcomer, sent_off(newcomer))

    before, now = User.objects.order_by("pk")
    assert (before.email, now.email) == ("sam@example.org", "the-new-sam@example.org")
    assert (before.username, now.username) == (f"sam (before, {before.pk})", "sam")


def _shape(**changed: Any) -> tuple[int, dict[str, Any]]:
    return signed_in(**changed)


@pytest.mark.parametrize("answer", [(200, {}), _shape(roles=None), (401, problem(401, "x"))])
def test_an_answer_of_another_shape_counts_as_away(shop: State, answer: Any) -> None:
    knows_sam(shop)
    client = Client()
    challenge = sent_off(client)
    shop.answers[SESSIONS] = answer
    assert arrive(client, challenge).status_code == 503


def test_accounts_are_changed_at_the_catalogue(shop: State) -> None:
    knows_sam(shop, is_superuser=True)
    boss = Client()
    arrive(boss, sent_off(boss))
    sam = User.objects.get()
    address = f"/admin/auth/user/{sam.pk}/change/"

    page = boss.get(address)

    assert f'href="{CATALOGUE}/admin/auth/user/"' in page.content.decode()
    assert "/password/" not in page.content.decode()
    assert boss.get("/admin/auth/user/add/").status_code == 403
    assert boss.get("/admin/password_change/")["Location"].startswith(CATALOGUE)
    right = Permission.objects.get(codename="change_country")
    sent = {**fields_of(page), "username": "mine", "user_permissions": [right.pk]}
    assert boss.post(address, sent).status_code == 302
    sam.refresh_from_db()
    assert (sam.username, list(sam.user_permissions.all())) == ("sam", [right])
