"""From a session here to the back office of the orders: by a code that is good once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings

from chassis.back_office.roles import Role
from product_service.staff.models import HandOver
from product_service.tests.staff.calls import CHALLENGE, code_of, end, look_up, redeem

pytestmark = pytest.mark.django_db

LEAVING = f"/admin/to-orders/?challenge={CHALLENGE}"
ORDERS = "https://orders.shop.example"


@pytest.fixture(autouse=True)
def _orders_can_be_reached(settings: Settings) -> None:
    settings.ORDERS_ADMIN_URL = ORDERS


@pytest.fixture
def sam() -> User:
    user = User.objects.create_user("sam", "sam@example.org", "pass word here", is_staff=True)
    user.groups.add(Group.objects.get(name=Role.SUPPORT))
    return user


@pytest.fixture
def browser(sam: User) -> Client:
    client = Client()
    client.force_login(sam)
    return client


def test_the_code_says_who_it_is_and_both_sessions_are_tied(browser: Client, sam: User) -> None:
    page = browser.get(LEAVING)
    assert f'content="0; url={ORDERS}/admin/arrive/?challenge={CHALLENGE}' in page.content.decode()

    answer = redeem(code_of(page))

    assert answer.status == 200
    assert answer.body["person"] == {
        "number": sam.pk,
        "username": "sam",
        "first_name": "",
        "last_name": "",
        "email": "sam@example.org",
        "is_superuser": False,
        "roles": [Role.SUPPORT],
    }
    assert look_up(answer.body["session"]) == answer


def test_a_code_is_good_once_for_its_browser_and_for_a_minute(browser: Client) -> None:
    code = code_of(browser.get(LEAVING))
    assert redeem(code, "another secret").body["code"] == "code_refused"
    assert redeem("another code").body["code"] == "code_refused"
    assert redeem(code).status == 200
    assert (redeem(code).status, redeem(code).body["code"]) == (422, "code_refused")

    late = code_of(browser.get(LEAVING))
    HandOver.objects.update(opened_at=Now() - timedelta(seconds=61))
    assert redeem(late).body["code"] == "code_refused"


def test_no_code_or_secret_is_kept(browser: Client) -> None:
    code = code_of(browser.get(LEAVING))
    kept = str(HandOver.objects.values().get())
    assert code not in kept


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_in(browser: Client) -> None:
    code = code_of(browser.get(LEAVING))

    def use(_: int) -> int:
        try:
            return redeem(code).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(use, range(8))) == [200] + [422] * 7


def _sign_out(browser: Client, sam: User) -> None:
    browser.post("/admin/logout/")


def _deactivate(browser: Client, sam: User) -> None:
    User.objects.filter(pk=sam.pk).update(is_active=False)


def _change_password(browser: Client, sam: User) -> None:
    sam.set_password("another one")
    sam.save()


def _end_from_there(browser: Client, sam: User) -> None:
    (tie,) = HandOver.objects.all()
    assert end(str(tie.handle)).status == 200
    assert end(str(tie.handle)).status == 200  # safe to repeat
    assert browser.get("/admin/").status_code == 302  # signed out here as well


@pytest.mark.parametrize("ending", [_sign_out, _deactivate, _change_password, _end_from_there])
def test_the_tie_ends_with_the_session(browser: Client, sam: User, ending: Any) -> None:
    session = redeem(code_of(browser.get(LEAVING))).body["session"]

    ending(browser, sam)

    assert (look_up(session).status, look_up(session).body["code"]) == (404, "not_found")


def test_a_new_role_is_told(browser: Client, sam: User) -> None:
    session = redeem(code_of(browser.get(LEAVING))).body["session"]
    sam.groups.set(Group.objects.filter(name=Role.OWNER))
    assert look_up(session).body["person"]["roles"] == [Role.OWNER]


def test_nobody_gets_a_code_without_a_session_or_a_part_in_the_orders(sam: User) -> None:
    stranger = Client().get(LEAVING)
    assert stranger.status_code == 302
    assert stranger["Location"].startswith("/admin/login/?next=/admin/to-orders/")

    sam.groups.set(Group.objects.filter(name=Role.CATALOGUE))
    browser = Client()
    browser.force_login(sam)
    assert browser.get(LEAVING).status_code == 403
    assert "orders.shop.example" not in browser.get("/admin/").content.decode()
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("asked", ["", "?challenge=x", f"?challenge={CHALLENGE}0&next=//evil"])
def test_no_address_leads_anywhere_else(browser: Client, asked: str) -> None:
    answer = browser.get(f"/admin/to-orders/{asked}")
    assert (answer.status_code, answer["Location"]) == (302, f"{ORDERS}/admin/")
