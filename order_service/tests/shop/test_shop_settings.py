"""Name, company and sender of the shop: one row, edited in the back office, said by every mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError
from django.test import Client
from pytest_django.fixtures import Settings

from chassis.tests.back_office import Opened, errors_of, signed_in
from order_service.notifications.channels import ShopperMail
from order_service.orders.states import State
from order_service.shop.models import ShopSettings, shop_settings
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db

COMPANY = {
    "company": "Tech & Commerce Ltd",
    "address": "1 Market Street\n\n  10115 Berlin",
    "registration": "HRB 12345, Berlin",
    "vat_id": "DE123456789",
    "email": "ask@example.org",
    "phone": "+49 30 123456",
}


@pytest.fixture
def owner() -> Client:
    return signed_in("olga")


def mail() -> EmailMultiAlternatives:
    return ShopperMail().message(confirmation_of(make_order(State.CONFIRMED)))


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def change(owner: Client, **changes: Any) -> Any:
    """What the form answers; the change is in force, as it is when the transaction ends."""
    response = Opened(owner, ShopSettings.objects.get()).save(**changes)
    shop_settings.forget()
    return response


def test_mails_begin_as_they_were(settings: Settings) -> None:
    message = mail()
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    assert str(message.body).endswith("can see your order.\n\nTechCommerce\n\n")
    assert '<p class="shop">TechCommerce</p>' in html_of(message)
    assert html_of(message).count('<p class="quiet">') == 1


def test_what_staff_write_is_in_the_next_mail(owner: Client) -> None:
    sender = "Tea Shop  <Orders@Example.org>"
    assert change(owner, name="Tea & Co", sender=sender, **COMPANY).status_code == 302

    message = mail()

    assert message.from_email == "Tea Shop <Orders@Example.org>"
    assert str(message.body).endswith(
        "\nTea & Co\nTech & Commerce Ltd\n1 Market Street\n10115 Berlin\nHRB 12345, Berlin\n"
        "VAT ID DE123456789\nask@example.org\n+49 30 123456\n\n"
    )
    assert '<p class="shop">Tea &amp; Co</p>' in html_of(message)
    assert "Tech &amp; Commerce Ltd<br>1 Market Street<br>10115 Berlin<br>" in html_of(message)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("sender", "shop", "Write shop@example.org or TechCommerce"),
        ("sender", "a@example.org, b@example.org", "Write shop@example.org or TechCommerce"),
        ("email", "nobody", "Enter an e-mail address like name@example.org."),
        ("name", "", "This field is required."),
        ("address", "x" * 401, "Enter at most 400 characters."),
        ("address", "a\u202eb", "Leave out the invisible characters"),
    ],
)
def test_wrong_values_are_told(owner: Client, field: str, typed: str, told: str) -> None:
    (error,) = errors_of(change(owner, **{field: typed}))
    assert error.startswith(told)
    assert ShopSettings.objects.get().name == "TechCommerce"


def test_there_is_one_row(owner: Client) -> None:
    listed = owner.get("/admin/shop/shopsettings/")
    assert (listed.status_code, listed["Location"]) == (302, "/admin/shop/shopsettings/1/change/")
    assert owner.get("/admin/shop/shopsettings/add/").status_code == 403
    assert owner.post("/admin/shop/shopsettings/1/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(IntegrityError, match="shop_settings_are_one"):
        ShopSettings.objects.create(id=2)


@pytest.mark.parametrize(
    ("sender", "variable", "told"),
    [
        ("", "shop@example.org", 0),
        ("shop@example.org", "shop@example.org", 0),
        ("tea@example.org", "shop@localhost", 0),  # it is not set
        ("tea@example.org", "shop@example.org", 1),
    ],
)
def test_a_deploy_that_sets_another_sender_is_told(
    settings: Settings, sender: str, variable: str, told: int
) -> None:
    ShopSettings.objects.update(sender=sender)
    settings.DEFAULT_FROM_EMAIL = variable

    found = [each for each in run_checks(databases=["default"]) if each.id == "shop.W001"]

    assert [each.msg for each in found] == [
        "EMAIL_FROM=shop@example.org is not in force: mails come from tea@example.org."
    ] * told
