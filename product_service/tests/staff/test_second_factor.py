"""A password alone opens nothing where a second factor is needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.db.models.functions import Now
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from chassis.tests.back_office import page_of
from chassis.tests.role_matrix import undone, views
from product_service.staff.models import RecoveryCode
from product_service.tests.backoffice.samples import rows
from product_service.tests.staff.app import FACTOR, PASSWORD, codes_on, enrolled, signed_in
from product_service.tests.staff.calls import CHALLENGE, code_of, look_up, redeem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _second_factor(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    settings.ORDERS_ADMIN_URL = "https://orders.shop.example"


@pytest.fixture(autouse=True)
def olga() -> User:
    return User.objects.create_superuser("olga", password=PASSWORD)


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def pass_wait() -> None:
    """As if the last wrong code had been long ago."""
    long_ago = Now() - timedelta(days=1)
    TOTPDevice.objects.update(throttling_failure_timestamp=long_ago)


def test_a_password_alone_opens_no_page() -> None:
    samples = rows()
    client = signed_in()
    for name, address in views(samples):
        if name == "second_factor":
            continue
        for answer in (client.get(address), undone(client, address, {})):
            shown = answer.content.decode()
            asks = answer.status_code == 302 and "Location" in answer
            assert asks or "signed out" in shown or "to sign in" in shown, (name, shown[:200])
    assert client.get("/admin/login/?next=/admin/auth/")["Location"] == (
        f"{FACTOR}?next=%2Fadmin%2Fauth%2F"
    )


def test_a_device_is_enrolled_and_recovery_codes_are_shown_once() -> None:
    client = signed_in()
    page = client.get(FACTOR)
    assert "QR code for your app" in page.content.decode()
    assert client.get(FACTOR).content.count(b"QR code for your app") == 1

    app, codes = enrolled(client)

    assert len(set(codes)) == 10
    assert is_in(client)
    assert "QR code for your app" not in client.get(FACTOR, follow=True).content.decode()
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    again = signed_in()
    assert not is_in(again)
    answer = again.post(f"{FACTOR}?next=/admin/auth/user/", {"code": app.code(steps=1)})
    assert answer["Location"] == "/admin/auth/user/"
    assert is_in(again)


def test_a_code_is_good_once_and_wrong_ones_make_it_wait() -> None:
    app, _ = enrolled(signed_in())
    client = signed_in()
    replayed = client.post(FACTOR, {"code": app.code()})
    assert "This code is not right" in replayed.content.decode()

    at_once = client.post(FACTOR, {"code": app.code(steps=1)})

    assert at_once.status_code == 429
    assert "Too many wrong codes. Wait" in at_once.content.decode()
    assert not is_in(client)
    pass_wait()
    assert client.post(FACTOR, {"code": app.code(steps=1)}).status_code == 302


def test_a_recovery_code_is_good_once_and_new_ones_end_the_old() -> None:
    first = signed_in()
    _, codes = enrolled(first)
    used, kept = codes[0], codes[1]
    client = signed_in()
    assert client.post(FACTOR, {"code": used.lower()}).status_code == 302
    assert "You have 9 recovery codes left" in client.get("/admin/recovery-codes/").content.decode()
    assert signed_in().post(FACTOR, {"code": used}).status_code == 200
    pass_wait()

    renewed = codes_on(client.post("/admin/recovery-codes/"))

    assert len(set(renewed) - set(codes)) == 10
    assert signed_in().post(FACTOR, {"code": kept}).status_code == 200
    pass_wait()
    assert signed_in().post(FACTOR, {"code": renewed[0]}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_count_one_after_the_other() -> None:
    enrolled(signed_in())
    clients = [signed_in() for _ in range(8)]

    def guess(client: Client) -> int:
        try:
            return client.post(FACTOR, {"code": "000000"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(guess, clients))

    assert statuses == [200] + [429] * 7


def test_an_owner_removes_the_factor_of_a_lost_device() -> None:
    owner = signed_in()
    enrolled(owner)
    sam = User.objects.create_user("sam", password=PASSWORD, is_staff=True)
    lost = signed_in("sam")
    enrolled(lost)
    tie = redeem(code_of(lost.get(f"/admin/to-orders/?challenge={CHALLENGE}"))).body["session"]
    assert f"/admin/auth/user/{sam.pk}/second-factor/" in owner.get(page_of(sam)).content.decode()

    answer = owner.post(f"/admin/auth/user/{sam.pk}/second-factor/")

    assert answer["Location"] == page_of(sam)
    assert LogEntry.objects.get(object_id=sam.pk).change_message == "Second factor removed."
    assert not is_in(lost)
    assert look_up(tie).status == 404
    assert "QR code for your app" in signed_in("sam").get(FACTOR).content.decode()


def test_the_only_owner_is_helped_on_the_command_line(capsys: Any) -> None:
    enrolled(signed_in())
    call_command("forget_second_factor", "olga")
    assert "QR code for your app" in signed_in().get(FACTOR).content.decode()


def test_whoever_has_no_code_can_still_sign_out() -> None:
    client = signed_in()
    assert client.post("/admin/logout/").status_code == 200
    assert client.get(FACTOR)["Location"] == "/admin/"
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_nobody_is_asked_where_it_is_off(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in()
    assert "STAFF_SECOND_FACTOR=1 asks for the code" in client.get("/admin/").content.decode()
    assert client.get(FACTOR)["Location"] == "/admin/"
