"""Finding an order: by number and e-mail, by its address, in the list of a browser."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from storefront.tests.order_page import NUMBER, STATUS
from storefront.tests.shopper import EMAIL, Shopper
from storefront.tests.stubs.orders import Orders, link_token
from storefront.tests.stubs.server import Stub, problem


def test_look_up_of_an_order_whose_link_ended_mails_a_new_one(
    ordered: Shopper, orders: Orders
) -> None:
    orders.ended.add(link_token(NUMBER))
    elsewhere = Shopper(Client())

    page = elsewhere.send("/orders/", number=NUMBER, email=EMAIL)

    assert page.status == 200
    assert "We have sent a new link to that address." in page
    assert orders.mailed == [NUMBER]
    assert elsewhere.open(STATUS).status == 404


def test_look_up_tells_the_address_and_what_the_browser_holds(
    ordered: Shopper, order_service: Stub, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    elsewhere = Shopper(Client(headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}))
    elsewhere.open(f"{STATUS}?token={link_token(NUMBER)}")
    elsewhere.send("/orders/", number=NUMBER, email="eve@example.org")
    Shopper(Client(headers={"X-Forwarded-For": "6.6.6.6"})).send(
        "/orders/", number=NUMBER, email=EMAIL
    )

    first, second = [one for one in order_service.requests if one.path.endswith("lookup")]
    assert first.headers["Client-Address"] == "203.0.113.9"
    assert first.headers["Order-Token"] == link_token(NUMBER)
    assert second.headers["Client-Address"] == "6.6.6.6"
    assert "Order-Token" not in second.headers


def test_look_up_by_number_and_email(ordered: Shopper) -> None:
    elsewhere = Shopper(Client())
    page = elsewhere.open("/orders/")
    page = elsewhere.submit(page, "/orders/", number=NUMBER.lower(), email=EMAIL)
    assert page.path == STATUS
    assert "Takt Keys" in page


PASTED = (
    *("#TC-00000001", "tc00000001", "TC 0000 0001", "00000001", "TC\u201300000001."),
    *("\u2066TC-00000001\u2069", "TC-\u200b00000001\n", "Your order TC-OOOOOOOI is confirmed"),
    "https://shop.example/orders/TC-00000001/?token=" + "x" * 43,
)


def test_an_order_number_is_found_however_it_is_pasted(ordered: Shopper) -> None:
    for typed in PASTED:
        page = Shopper(Client()).send("/orders/", number=typed, email=EMAIL)
        assert (page.status, page.path) == (200, STATUS), typed


def test_the_address_of_an_order_may_be_typed(ordered: Shopper) -> None:
    for typed in ("tc-00000001", "00000001", "TC00000001", "tc-oooooooi"):
        assert "Takt Keys" in ordered.open(f"/orders/{typed}/"), typed


def test_what_is_no_order_number_is_told_what_one_looks_like(shopper: Shopper) -> None:
    page = shopper.send("/orders/", number="yesterday's", email=EMAIL)
    assert page.status == 422
    assert "Enter the number from your e-mail, such as TC-7Q2M9X4B." in page
    assert 'value="yesterday&#x27;s"' in page


def test_both_misses_look_the_same(ordered: Shopper) -> None:
    elsewhere = Shopper(Client())
    wrong_email = elsewhere.send("/orders/", number=NUMBER, email="eve@example.org")
    wrong_number = elsewhere.send("/orders/", number="TC-99999999", email=EMAIL)
    for page in (wrong_email, wrong_number):
        assert page.status == 404
        assert "We found no order with this number and e-mail address." in page


@pytest.mark.parametrize(
    ("number", "email"),
    [
        ("", EMAIL),
        ("x" * 21, EMAIL),
        ("TC-\x00", EMAIL),
        ("TC 1", EMAIL),
        (NUMBER, "ada"),
        ("\u200b", EMAIL),
        ("x" * 60_000, EMAIL),
    ],
)
def test_wrong_look_up_is_a_form_error(shopper: Shopper, number: str, email: str) -> None:
    page = shopper.send("/orders/", number=number, email=email)
    assert page.status == 422
    assert 'class="errors"' in page


def test_guessing_is_slowed_down(
    shopper: Shopper, order_service: Stub, monkeypatch: pytest.MonkeyPatch, orders: Orders
) -> None:
    monkeypatch.setattr(orders, "_look_up", lambda body: problem(429, "too_many_requests"))
    page = shopper.send("/orders/", number=NUMBER, email=EMAIL)
    assert page.status == 429
    assert "Too many attempts." in page


def test_orders_of_this_browser_are_listed(ordered: Shopper) -> None:
    page = ordered.open("/orders/")
    assert f'href="{STATUS}"' in page
    assert "In progress" in page


def test_every_order_of_a_browser_is_reached_however_many_there_are(
    ordered: Shopper, orders: Orders
) -> None:
    subject, first = orders.subjects[NUMBER], orders.by_number[NUMBER]
    for count in range(2, 46):
        number = f"TC-{count:08}"
        orders.subjects[number] = subject
        orders.by_number[number] = {**first, "number": number}

    page = ordered.open("/orders/")
    assert "Newest orders" not in page
    seen = [re.findall(r'mine__number">(.*?)<', page.html)]
    for _ in range(2):
        (older,) = re.findall(r'rel="next" href="([^"#]*)#mine">Older orders', page.html)
        page = ordered.open(f"/orders/{older}")
        assert 'href="/orders/#mine">Newest orders</a>' in page
        seen.append(re.findall(r'mine__number">(.*?)<', page.html))

    assert "Older orders" not in page
    assert [len(numbers) for numbers in seen] == [20, 20, 5]
    shown = [number for numbers in seen for number in numbers]
    assert shown == [f"TC-{count:08}" for count in range(45, 0, -1)]


def test_a_page_of_orders_that_does_not_exist_shows_the_newest(ordered: Shopper) -> None:
    for cursor in ("nonsense", "x" * 500, "%F0%9F%A6%8A"):
        page = ordered.open(f"/orders/?older={cursor}")
        assert page.status == 200, cursor
        assert "That page of your orders does not exist." in page
        assert f'href="{STATUS}"' in page
