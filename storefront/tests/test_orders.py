"""Order status, live progress, cancel, order again, link and look-up."""

from __future__ import annotations

import copy
import html
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from storefront.cart.models import Cart, CartLine
from storefront.checkout.models import Checkout
from storefront.tests.shopper import EMAIL, Page, Shopper
from storefront.tests.stubs.orders import Orders, link_token
from storefront.tests.stubs.server import Stub, problem

NUMBER = "TC-00000001"
STATUS = f"/orders/{NUMBER}/"
PROGRESS = f"/orders/{NUMBER}/progress/"


@pytest.fixture(scope="module")
def bought() -> dict[str, Any]:
    """What a purchase leaves behind, once there was one."""
    return {}


@pytest.fixture
def ordered(shopper: Shopper, orders: Orders, bought: dict[str, Any]) -> Shopper:
    """A shopper with one order, just placed. The first one buys it, the others take over from it:
    a purchase is ten requests."""
    if bought:
        vars(orders).update(copy.deepcopy(bought["orders"]))
        shopper.client.cookies = copy.deepcopy(bought["cookies"])
        for row in bought["rows"]:
            type(row)._default_manager.bulk_create([copy.copy(row)])
        return shopper
    assert shopper.buy().path == STATUS
    models = (Session, Cart, CartLine, Checkout)
    rows = [row for model in models for row in model._default_manager.all()]
    names = ("by_number", "subjects", "keys", "_numbers")
    bought["orders"] = {name: copy.deepcopy(vars(orders)[name]) for name in names}
    bought |= {"cookies": copy.deepcopy(shopper.client.cookies), "rows": rows}
    return shopper


def test_new_order_shows_its_place_in_line(ordered: Shopper) -> None:
    page = ordered.open(STATUS)
    assert "We have your order" in page
    assert "Place in line: <strong>3</strong> · about 4 s" in page
    assert "Your card has not been charged." in page
    assert f"We'll e-mail {EMAIL} as soon as your order is confirmed or cancelled." in text(page)
    assert "Germany" in page


def test_a_long_line_is_not_counted_to_its_end(ordered: Shopper, orders: Orders) -> None:
    orders.by_number[NUMBER]["queue"] = {"position": 500, "expected_wait_seconds": 90}
    assert "Place in line: <strong>500 or more</strong> · about 90 s" in ordered.open(STATUS)


def test_each_state_has_its_words(ordered: Shopper, orders: Orders) -> None:
    for state, headline, done in (
        ("reserved", "Your items are reserved", 2),
        ("authorized", "Your bank has approved the payment", 2),
        ("committed", "Almost done", 2),
        ("confirmed", "Thank you, your order is confirmed", 3),
    ):
        orders.move(NUMBER, state)
        page = ordered.open(STATUS)
        assert headline in page
        assert page.html.count("stop--done") == done, state


def test_a_paid_orders_page_ends_at_what_is_true(ordered: Shopper, orders: Orders) -> None:
    orders.by_number[NUMBER]["total"] = {"amount": "1293.90", "currency": "EUR"}
    orders.move(NUMBER, "confirmed")
    page = text(ordered.open(STATUS))
    assert re.findall(r'stop__label">(.*?)<', page) == ["Received", "Reserved", "Paid"]
    assert "We'll pack your order next." in page
    assert "Your card was charged €1,293.90." in page
    assert f"Your confirmation goes to {EMAIL}." in page
    for promise in ("Packed", "Shipped", "Delivered", "Tracking", "still to come", "charged once"):
        assert promise not in page


@pytest.mark.parametrize("state", ["cancelling", "cancelled"])
def test_no_confirmation_is_promised_for_an_order_that_ends_badly(
    ordered: Shopper, orders: Orders, state: str
) -> None:
    orders.move(NUMBER, state, reason="out_of_stock")
    page = text(ordered.open(STATUS))
    assert "onfirmation goes to" not in page
    assert "We'll pack" not in page
    assert ("We'll e-mail" in page) == (state == "cancelling")


@pytest.mark.parametrize(
    ("state", "payment_status", "said"),
    [
        ("placed", "pending", "Your card has not been charged."),
        ("authorized", "authorized", "Your bank has reserved €153.90. Your card has not been"),
        ("confirmed", "paid", "Your card was charged €153.90."),
        ("cancelling", "authorized", "Your card will not be charged. We release any amount"),
        ("cancelled", "pending", "Your card was not charged."),
        ("cancelled", "declined", "Your card was not charged."),
        ("cancelled", "voided", "Your card was not charged. Any amount your bank had reserved"),
        ("cancelled", "paid", "Your card was charged €153.90."),
    ],
)
def test_each_page_says_what_happened_to_the_money(
    ordered: Shopper, orders: Orders, state: str, payment_status: str, said: str
) -> None:
    orders.by_number[NUMBER]["total"] = {"amount": "153.90", "currency": "EUR"}
    orders.move(NUMBER, state, reason="staff" if state.startswith("cancel") else None)
    orders.by_number[NUMBER]["payment_status"] = payment_status
    assert said in text(ordered.open(STATUS))


def test_progress_is_asked_for_until_the_order_is_done(ordered: Shopper, orders: Orders) -> None:
    page = ordered.open(STATUS)
    assert f'data-live hx-get="{PROGRESS}"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert f'href="{STATUS}">Refresh</a>' in page
    orders.move(NUMBER, "confirmed")
    page = ordered.open(STATUS)
    assert "data-live" not in page
    assert "http-equiv" not in page
    assert "htmx" not in page
    assert "data-live" not in ordered.open(PROGRESS)


def test_unchanged_progress_is_304(ordered: Shopper, orders: Orders) -> None:
    first = ordered.open(PROGRESS)
    etag = first.response["ETag"]
    unchanged = ordered.open(PROGRESS, If_None_Match=etag.strip('"'))
    assert unchanged.status == 304
    assert unchanged.html == ""
    orders.move(NUMBER, "reserved")
    changed = ordered.open(PROGRESS, If_None_Match=etag)
    assert changed.status == 200
    assert "Your items are reserved" in changed
    assert "<html" not in changed


def test_bank_confirmation_is_a_link(ordered: Shopper, orders: Orders) -> None:
    orders.move(NUMBER, "awaiting_shopper", confirm_url="http://127.0.0.1:9/confirm/1")
    page = ordered.open(STATUS)
    assert "Please confirm with your bank" in page
    assert 'href="http://127.0.0.1:9/confirm/1">Confirm with your bank</a>' in page


@pytest.mark.parametrize(
    ("reason", "payment", "said"),
    [
        (
            "out_of_stock",
            "pending",
            [
                "Sold out before we could reserve it",
                "you ordered 1, but none was left.",
                "Your card was not charged.",
            ],
        ),
        (
            "payment_declined",
            "declined",
            ["Your payment was declined", "Your card was not charged."],
        ),
        (
            "shopper",
            "voided",
            ["You cancelled this order.", "Any amount your bank had reserved has been"],
        ),
        ("staff", "pending", ["Our team cancelled this order."]),
        ("expired", "pending", ["no confirmation arrived in time"]),
        (None, "pending", ["We could not complete it.", "Your card was not charged."]),
    ],
)
def test_failure_says_what_happened_and_whether_money_moved(
    ordered: Shopper, orders: Orders, reason: str | None, payment: str, said: list[str]
) -> None:
    short = [{"sku": "TK-1", "name": "Takt Keys", "wanted": 1, "available": 0}]
    changes = {"short": short} if reason == "out_of_stock" else {}
    orders.move(NUMBER, "cancelled", reason=reason, payment_status=payment, **changes)
    page = ordered.open(STATUS)
    for sentence in said:
        assert sentence in page
    assert "stop--failed" in page
    assert "Put the products back into the cart" in page


def test_order_can_be_cancelled_while_allowed(ordered: Shopper, orders: Orders) -> None:
    page = ordered.submit(ordered.open(STATUS), f"{STATUS}cancel/")
    assert "Your order is being cancelled" in page
    assert orders.by_number[NUMBER]["state"] == "cancelling"


def test_too_late_cancel_says_why(ordered: Shopper, orders: Orders) -> None:
    page = ordered.open(STATUS)
    orders.move(NUMBER, "committed")
    page = ordered.submit(page, f"{STATUS}cancel/")
    assert "It is too late to cancel." in page
    assert "Cancel this order" not in page


def test_products_of_a_cancelled_order_go_back_into_the_cart(
    ordered: Shopper, orders: Orders
) -> None:
    orders.move(NUMBER, "cancelled", reason="payment_declined")
    page = ordered.submit(ordered.open(STATUS), f"{STATUS}again/")
    assert page.path == "/cart/"
    assert list(CartLine.objects.values_list("sku", "quantity")) == [("TK-1", 1)]


def test_reload_never_orders_again(ordered: Shopper, orders: Orders) -> None:
    ordered.open(STATUS)
    ordered.open(STATUS)
    assert list(orders.by_number) == [NUMBER]


def test_order_of_another_browser_is_not_shown(ordered: Shopper) -> None:
    stranger = Shopper(Client())
    foreign, absent = stranger.open(STATUS), stranger.open("/orders/TC-99999999/")
    assert foreign.status == absent.status == 404
    assert "Takt Keys" not in foreign
    assert EMAIL not in foreign
    assert "This browser has no order with that number." in foreign
    assert stranger.open(PROGRESS).status == 404
    assert stranger.send(f"{STATUS}cancel/").status == 404
    assert stranger.send(f"{STATUS}again/").status == 404


def test_mailed_link_is_exchanged_so_that_the_token_leaves_the_address(ordered: Shopper) -> None:
    elsewhere = Shopper(Client())
    page = elsewhere.open(f"{STATUS}?token={link_token(NUMBER)}")
    assert page.status == 200
    assert page.response.redirect_chain == [(STATUS, 302)]
    assert link_token(NUMBER) not in page
    assert elsewhere.open(STATUS).status == 200


@pytest.mark.parametrize("token", ["A" * 43, link_token("TC-99999999"), "x", ""])
def test_a_wrong_link_takes_nothing_from_a_right_one(ordered: Shopper, token: str) -> None:
    elsewhere = Shopper(Client())
    elsewhere.open(f"{STATUS}?token={link_token(NUMBER)}")

    page = elsewhere.open(f"{STATUS}?token={token}")

    assert page.status == 200
    assert "Takt Keys" in page
    assert page.response.redirect_chain == [(STATUS, 302)]
    assert elsewhere.open(STATUS).status == 200


def test_a_right_link_opens_after_a_wrong_one(ordered: Shopper) -> None:
    elsewhere = Shopper(Client())
    assert elsewhere.open(f"{STATUS}?token={'A' * 43}").status == 404
    assert elsewhere.open(f"{STATUS}?token={link_token(NUMBER)}").status == 200


def test_links_of_two_orders_stay_beside_each_other(ordered: Shopper) -> None:
    ordered.buy()
    elsewhere = Shopper(Client())
    other = "TC-00000002"
    for number in (NUMBER, other, NUMBER):
        assert elsewhere.open(f"/orders/{number}/?token={link_token(number)}").status == 200
        wrong = elsewhere.open(f"/orders/{number}/?token={link_token('TC-00000003')}")
        assert wrong.status == 200
    assert elsewhere.open(f"/orders/{other}/").status == 200


@pytest.mark.parametrize("method", ["get", "head"])
def test_nothing_is_kept_for_a_link_that_proves_nothing(ordered: Shopper, method: str) -> None:
    ended_or_wrong = [link_token("TC-1"), "A" * 43, "nonsense"]
    before = Session.objects.count()
    for token in ended_or_wrong:
        response = getattr(Client(), method)(f"{STATUS}?token={token}")
        assert response.status_code == 302
        assert not response.cookies
    scanner = Client()
    assert not scanner.head(f"{STATUS}?token={link_token(NUMBER)}").cookies
    assert not scanner.get("/orders/TC-99999999/?token=" + "A" * 43).cookies
    assert Session.objects.count() == before


def test_a_link_waits_while_orders_are_away(ordered: Shopper, order_service: Stub) -> None:
    address = f"{STATUS}?token={link_token(NUMBER)}"
    elsewhere = Shopper(Client())
    order_service.fault = "broken"
    page = elsewhere.open(address)
    assert page.status == 503
    assert f'href="{address}"' in page
    assert not {"storefront_guest", "storefront_session"} & set(elsewhere.client.cookies)


def test_an_ended_link_says_so_and_how_to_go_on(ordered: Shopper, orders: Orders) -> None:
    elsewhere = Shopper(Client())
    token = link_token(NUMBER)
    kept = Shopper(Client())
    kept.open(f"{STATUS}?token={token}")
    orders.ended.add(token)

    fresh = elsewhere.open(f"{STATUS}?token={token}")
    again = kept.open(STATUS)

    for page in (fresh, again):
        assert page.status == 410
        assert "This link no longer works." in page
        assert f'value="{NUMBER}"' in page
        assert "Takt Keys" not in page
    assert token not in fresh.response.redirect_chain[-1][0]
    assert kept.open(PROGRESS).status == 410
    for action in ("cancel", "again"):
        assert kept.send(f"{STATUS}{action}/").status == 410
    assert ordered.open(f"{STATUS}?token={token}").status == 200  # the browser that ordered


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


def test_token_of_another_shape_is_ignored(ordered: Shopper, order_service: Stub) -> None:
    for token in (
        *("x", "a%0Ab", "%20" + "x" * 43, "%C3%A9" * 43),
        *("x" * 43 + "%0A", "x" * 42 + "%2B", "x" * 44),
    ):
        page = ordered.open(f"{STATUS}?token={token}")
        assert page.status == 200, token
        assert page.response.redirect_chain == [(STATUS, 302)], token
    assert all("Order-Token" not in one.headers for one in order_service.requests)


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
    monkeypatch.setattr(orders, "_look_up", lambda wish: problem(429, "too_many_requests"))
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


def test_a_browser_that_opens_many_links_keeps_them_all(ordered: Shopper, orders: Orders) -> None:
    elsewhere = Shopper(Client())
    numbers = [f"TC-{count:08}" for count in range(100, 130)]
    for number in numbers:
        orders.by_number[number] = {
            **orders.by_number[NUMBER],
            "number": number,
            "token": link_token(number),
        }
        elsewhere.client.get(f"/orders/{number}/?token={link_token(number)}")
    assert elsewhere.open(f"/orders/{numbers[0]}/").status == 200


def text(page: Page) -> str:
    """The page as a reader sees its letters."""
    return html.unescape(page.html)
