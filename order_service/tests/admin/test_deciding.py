"""Staff cancel, retry and revoke by the rules, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from order_service.orders.models import Delivery, Order, OrderEvent
from order_service.orders.states import State
from order_service.tests.admin.pages import PASTED, page, parked, staff, text_of
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db


def cancel(client: Client, order: Order, number: str) -> Any:
    address = reverse("admin:orders_order_cancel", args=[order.pk])
    return client.post(address, {"number": number}, follow=True)


def test_staff_cancel_an_order_by_typing_its_number(owner: Client) -> None:
    order = make_order(State.AUTHORIZED)
    assert "Cancel order" in text_of(owner.get(page(order)))

    content = text_of(cancel(owner, order, order.number))

    assert f"{order.number} is being cancelled." in content
    order.refresh_from_db()
    assert (order.state, order.reason) == ("cancelling", "staff")
    event = OrderEvent.objects.filter(order=order).last()
    assert event is not None
    assert event.actor == f"staff:{User.objects.get().pk}"
    assert LogEntry.objects.get().object_id == str(order.pk)


@pytest.mark.parametrize("typed", PASTED)
def test_staff_may_paste_the_number_of_the_order_to_cancel(owner: Client, typed: str) -> None:
    order = make_order(number="TC-7Q2M9X4B")
    assert "TC-7Q2M9X4B is being cancelled." in text_of(cancel(owner, order, typed))


def test_another_number_cancels_nothing(owner: Client) -> None:
    order = make_order()

    content = text_of(cancel(owner, order, "TC-00000000"))

    assert "This is not the number of this order." in content
    order.refresh_from_db()
    assert order.state == "placed"


@pytest.mark.parametrize("state", [State.COMMITTED, State.CONFIRMED])
def test_staff_cannot_cancel_once_money_moves(owner: Client, state: State) -> None:
    order = make_order(state)
    assert "Cancel order" not in text_of(owner.get(page(order)))

    content = text_of(cancel(owner, order, order.number))

    assert "errornote" in content or "error" in content
    order.refresh_from_db()
    assert order.state == state
    assert not LogEntry.objects.exists()


def test_a_parked_order_says_why_and_is_tried_again(owner: Client) -> None:
    order = parked()
    assert "the bank is odd" in text_of(owner.get(page(order)))

    content = text_of(owner.post(reverse("admin:orders_order_retry", args=[order.pk]), follow=True))

    assert "is being tried again now." in content
    order.refresh_from_db()
    assert (order.attention_at, order.failures, order.state) == (None, 0, "reserved")


def test_parked_orders_are_tried_again_from_the_list(owner: Client) -> None:
    first, second, healthy = parked(), parked(), make_order()

    owner.post(
        reverse("admin:orders_order_changelist"),
        {"action": "retry", "_selected_action": [first.pk, second.pk, healthy.pk]},
    )

    assert not Order.objects.in_attention().exists()
    assert LogEntry.objects.count() == 2


def test_revoking_links_says_so_and_stands_in_the_history(owner: Client) -> None:
    order = make_order(number="TC-7Q2M9X4B")
    revoke = reverse("admin:orders_order_revoke", args=[order.pk])
    assert "works as long as the order is open" in text_of(owner.get(page(order)))
    owner.get(revoke)
    assert Order.objects.get().link_version == 1

    content = text_of(owner.post(revoke, follow=True))

    assert "The links of TC-7Q2M9X4B no longer work. ada@example.org gets a new one." in content
    assert "Order Link: not sent yet" in content
    assert Order.objects.get().link_version == 2
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.get_change_message()) == ("olga", "Links revoked.")
    history = reverse("admin:orders_order_history", args=[order.pk])
    assert "Links revoked." in text_of(owner.get(history))


def test_a_link_alone_retries_nothing(owner: Client) -> None:
    order = parked()
    owner.get(reverse("admin:orders_order_retry", args=[order.pk]))
    owner.get(reverse("admin:orders_order_cancel", args=[order.pk]))

    order.refresh_from_db()
    assert (order.attention_at is not None, order.state) == (True, "reserved")


def test_staff_who_may_only_view_cannot_act() -> None:
    viewer = staff("view_order")
    order = parked()

    content = text_of(viewer.get(page(order)))
    assert "Try again now" not in content
    assert "Cancel order" not in content
    assert cancel(viewer, order, order.number).status_code == 403
    assert viewer.post(reverse("admin:orders_order_retry", args=[order.pk])).status_code == 403
    assert "Revoke" not in content
    assert viewer.post(reverse("admin:orders_order_revoke", args=[order.pk])).status_code == 403
    assert Order.objects.get().link_version == 1
    viewer.post(
        reverse("admin:orders_order_changelist"),
        {"action": "retry", "_selected_action": [order.pk]},
    )
    order.refresh_from_db()
    assert (order.state, order.attention_at is not None) == ("reserved", True)


def test_staff_who_may_change_can_act_and_others_see_nothing() -> None:
    order = make_order()
    changer = staff("view_order", "change_order")
    assert "Cancel order" in text_of(changer.get(page(order)))
    User.objects.all().delete()

    stranger = staff()
    for name, arguments in (
        ("change", [order.pk]), ("changelist", []), ("cancel", [order.pk]), ("retry", [order.pk]),
        ("revoke", [order.pk]),
    ):  # fmt: skip
        address = reverse(f"admin:orders_order_{name}", args=arguments)
        assert stranger.post(address).status_code == 403, name
        signed_out = Client().post(address)
        assert signed_out.status_code == 403, name
        assert "You are signed out" in signed_out.content.decode(), name


def test_a_mail_that_was_given_up_is_tried_again(owner: Client) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    sent = confirmation_of(make_order(State.CONFIRMED))
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(attention_at=now, attempts=12)
    Delivery.objects.filter(pk=sent.pk).update(sent_at=now, next_attempt_at=None)

    response = owner.post(
        reverse("admin:orders_delivery_changelist"),
        {"action": "try_again", "_selected_action": [delivery.pk, sent.pk]},
        follow=True,
    )

    assert "Unsent e-mails being tried again now: 1." in text_of(response)
    delivery.refresh_from_db()
    sent.refresh_from_db()
    assert (delivery.attention_at, delivery.attempts) == (None, 0)
    assert delivery.next_attempt_at is not None
    assert (sent.sent_at, sent.next_attempt_at) == (now, None)
