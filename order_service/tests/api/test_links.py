"""How long the link of an order opens it, and what brings a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as live_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from order_service.orders.actions import revoke_links
from order_service.orders.links import link_token
from order_service.orders.models import Delivery, Order
from order_service.orders.states import State
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=91)
LATELY = timedelta(days=89)


@pytest.fixture(autouse=True)
def full_buckets() -> None:
    redis.Redis.from_url(live_settings.CACHE_URL).flushdb()


def decided(state: State, ago: timedelta) -> Order:
    return make_order(state, moved_at=timezone.now() - ago)


def calls(shopper: Shopper, order: Order, version: int = 1) -> list[tuple[int, str]]:
    """What showing and cancelling the order by its link give."""
    token, path = link_token(order.id, version), f"/v1/orders/{order.number}"
    answers = [
        shopper.get(path, Order_Token=token),
        shopper.post(f"{path}/cancel", Order_Token=token),
    ]
    return [
        problem_of(each) if each.status_code >= 400 else (each.status_code, "") for each in answers
    ]


def look_up(shopper: Shopper, order: Order, **headers: str) -> Any:
    return shopper.post(
        "/v1/orders/lookup", {"number": order.number, "email": order.email}, **headers
    )


def mails(order: Order) -> list[Delivery]:
    return list(Delivery.objects.link_mails_of(order.id).order_by("id"))


@pytest.mark.parametrize("state", [State.CONFIRMED, State.CANCELLED])
def test_a_link_ends_ninety_days_after_the_order_was_decided(bob: Shopper, state: State) -> None:
    assert calls(bob, decided(state, LATELY))[0] == (200, "")
    assert calls(bob, decided(state, LONG_AGO)) == [(410, "link_ended")] * 2


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONFIRMED, State.CANCELLED}))
def test_the_link_of_an_open_order_never_ends(bob: Shopper, state: State) -> None:
    assert calls(bob, decided(state, LONG_AGO))[0] == (200, "")


def test_the_days_are_a_setting(bob: Shopper, settings: Settings) -> None:
    settings.ORDER_LINK_LIFETIME = timedelta(days=7)
    assert calls(bob, decided(State.CONFIRMED, timedelta(days=6)))[0] == (200, "")
    assert calls(bob, decided(State.CONFIRMED, timedelta(days=8)))[0] == (410, "link_ended")


def test_the_browser_that_ordered_keeps_its_order(ada: Shopper) -> None:
    order = decided(State.CONFIRMED, LONG_AGO)

    assert ada.get(f"/v1/orders/{order.number}", Order_Token="A" * 43).status_code == 200
    assert look_up(ada, order).status_code == 200
    assert mails(order) == []


def test_an_ended_link_is_told_only_to_who_held_it(bob: Shopper) -> None:
    order = decided(State.CONFIRMED, LONG_AGO)
    path = f"/v1/orders/{order.number}"

    for token in ("", "A" * 43, link_token(order.id, 2), link_token(make_order().id, 1)):
        assert problem_of(bob.get(path, Order_Token=token)) == (404, "not_found")


def test_a_look_up_after_the_end_mails_a_link_that_works(bob: Shopper) -> None:
    order = decided(State.CONFIRMED, LONG_AGO)

    response = look_up(bob, order)

    assert response.status_code == 202
    assert response.json() == {"number": order.number, "token": None}
    assert len(mails(order)) == 1
    assert calls(bob, order, version=1)[0] == (410, "link_ended")
    assert calls(bob, order, version=2)[0] == (200, "")


def test_asking_again_neither_floods_the_mailbox_nor_ends_the_link(bob: Shopper) -> None:
    order = decided(State.CONFIRMED, LONG_AGO)
    for _ in range(3):
        assert look_up(bob, order).status_code == 202
    assert len(mails(order)) == 1

    Delivery.objects.link_mails_of(order.id).update(sent_at=timezone.now() - timedelta(minutes=61))
    assert look_up(bob, order).status_code == 202

    assert [mail.key.split(".", 1)[1] for mail in mails(order)] == [
        "2.order_link.1",
        "2.order_link.2",
    ]
    assert calls(bob, order, version=2)[0] == (200, "")


def test_a_revoked_link_opens_nothing_and_a_new_one_is_mailed(bob: Shopper, ada: Shopper) -> None:
    order = make_order()
    revoke_links(order_id=order.id, actor="staff:1")

    assert calls(bob, order, version=1) == [(410, "link_ended")] * 2
    assert len(mails(order)) == 1
    assert calls(bob, order, version=2) == [(200, ""), (202, "")]
    assert ada.get(f"/v1/orders/{order.number}").status_code == 200


def test_who_had_a_revoked_link_cannot_look_the_order_up(bob: Shopper) -> None:
    """The page that it opened shows number and e-mail address."""
    order = make_order()
    revoke_links(order_id=order.id, actor="staff:1")

    response = look_up(bob, order, Order_Token=link_token(order.id, 1))

    assert (response.status_code, response.json()["token"]) == (202, None)
    assert len(mails(order)) == 1  # the one of the revocation is on its way
    assert look_up(bob, order, Order_Token=link_token(order.id, 2)).status_code == 200


def test_a_link_that_was_made_anew_ends_as_well(bob: Shopper) -> None:
    order = decided(State.CONFIRMED, 2 * LONG_AGO)
    look_up(bob, order)
    Order.objects.filter(pk=order.pk).update(link_renewed_at=timezone.now() - LONG_AGO)

    assert calls(bob, order, version=2)[0] == (410, "link_ended")
    Delivery.objects.update(sent_at=timezone.now())
    assert look_up(bob, order).status_code == 202
    assert len(mails(order)) == 2
    assert calls(bob, order, version=3)[0] == (200, "")
