"""Headers are written quickly, and as Python's own policy writes them."""

from __future__ import annotations

from email.policy import compat32

import pytest
from pytest_django.fixtures import Settings

from order_service.notifications.channels import ShopperMail
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("shop", ["Shop", "Läden", "shop " * 14, "shop " * 40, "s" * 60, "s" * 200])
@pytest.mark.parametrize("number", ["TC-1", "TC-" + "9" * 9])
def test_a_header_is_what_python_writes(shop: str, number: str, settings: Settings) -> None:
    """Short, long, and with letters that must be encoded."""
    settings.DEFAULT_FROM_EMAIL = f'"{shop}" <shop@example.org>'
    delivery = confirmation_of(make_order(State.CONFIRMED, number=number))
    mail = ShopperMail().message(delivery).message()
    quick = mail.as_bytes()
    mail.policy = compat32
    assert quick == mail.as_bytes()
