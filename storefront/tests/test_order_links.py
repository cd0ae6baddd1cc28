"""Whose order it is: mailed links, other browsers, and links that have ended."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from storefront.tests.order_page import NUMBER, PROGRESS, STATUS
from storefront.tests.shopper import EMAIL, Shopper
from storefront.tests.stubs.orders import Orders, link_token
from storefront.tests.stubs.server import Stub


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


def test_token_of_another_shape_is_ignored(ordered: Shopper, order_service: Stub) -> None:
    for token in (
        *("x", "a%0Ab", "%20" + "x" * 43, "%C3%A9" * 43),
        *("x" * 43 + "%0A", "x" * 42 + "%2B", "x" * 44),
    ):
        page = ordered.open(f"{STATUS}?token={token}")
        assert page.status == 200, token
        assert page.response.redirect_chain == [(STATUS, 302)], token
    assert all("Order-Token" not in one.headers for one in order_service.requests)


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
