"""What a mail says, and that it runs nothing."""

from __future__ import annotations

import html
from email.message import EmailMessage

import pytest
from pytest_django.fixtures import Settings

from order_service.notifications import actions
from order_service.orders.actions import revoke_links
from order_service.orders.links import link_token
from order_service.orders.models import Delivery, Order
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mailbox import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


def test_the_mail_tells_the_order_in_text_and_html(mailbox: Mailbox, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    order = make_order(State.CONFIRMED, number="TC-7Q2M9X4B")

    assert actions.deliver(confirmation_of(order).pk)

    (mail,) = mailbox.mails
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == "Your order TC-7Q2M9X4B is confirmed"
    assert mail["Auto-Submitted"] == "auto-generated"
    link = f"https://shop.example/orders/TC-7Q2M9X4B/?token={link_token(order.id, 1)}"
    for kind in ("plain", "html"):
        content = part(mail, kind)
        for wanted in ("TC-7Q2M9X4B", "Kettle", "Steel", "€19.90", "€4.90", "€24.80", "€3.96"):
            assert wanted in content, (kind, wanted)
        for wanted in ("Ada Lovelace", "12 Analytical Street", "10115 Berlin", "Germany"):
            assert wanted in content, (kind, wanted)
        assert link in content
        assert "confirmed. Your card was charged €24.80." in html.unescape(content)
        assert "We'll pack your order next." in html.unescape(content)
        for promise in ("We pack it next", "Goes to", "where it is now", "shipped"):
            assert promise not in content
    assert "{" not in part(mail, "plain")


def test_a_new_link_is_mailed_as_it_works_then(mailbox: Mailbox, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    order = make_order(number="TC-7Q2M9X4B")
    revoke_links(order_id=order.id, actor="staff:1")
    revoke_links(order_id=order.id, actor="staff:1")
    first, second = Delivery.objects.link_mails_of(order.id).order_by("id")

    assert actions.deliver(first.pk)
    assert actions.deliver(second.pk)
    assert actions.deliver(second.pk)

    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2
    link = f"https://shop.example/orders/TC-7Q2M9X4B/?token={link_token(order.id, 3)}"
    for mail in mailbox.mails:
        assert mail["To"] == "ada@example.org"
        assert mail["Subject"] == "Your new link to order TC-7Q2M9X4B"
        assert link in part(mail, "plain")
        assert link in part(mail, "html")
        assert "Kettle" not in part(mail, "plain")


def test_the_mail_wears_the_shops_tokens_and_runs_nothing(mailbox: Mailbox) -> None:
    actions.deliver(confirmation_of(make_order(State.CONFIRMED)).pk)

    html = part(mailbox.mails[0], "html")
    for token in ("#2B4BD8", "#FBFBFC", "#14161C", "prefers-color-scheme: dark"):
        assert token in html
    for active in ("<script", "javascript:", "<img", "http-equiv", "@import", "url("):
        assert active not in html


def test_names_and_addresses_are_text_not_markup(mailbox: Mailbox) -> None:
    wicked = '<img src="x"> & "co"'
    order = make_order(State.CONFIRMED)
    order.lines.update(name=wicked)
    Order.objects.filter(pk=order.pk).update(
        shipping_address={**order.shipping_address, "name": wicked}
    )

    actions.deliver(confirmation_of(order).pk)

    assert wicked in part(mailbox.mails[0], "plain")
    assert "<img" not in part(mailbox.mails[0], "html")
