"""A confirmation mail: sent once, again only if it may not have arrived, always under one id."""

from __future__ import annotations

import email
import email.policy
import html
import smtplib
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection, connections
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django.fixtures import Settings

from deploy.local.ports import any_free
from order_service.dispatch.due import NOTIFICATIONS, take
from order_service.notifications import actions
from order_service.notifications.mail import Letter, message_id
from order_service.notifications.shopper_mail import ShopperMail
from order_service.notifications.tasks import deliver as deliver_task
from order_service.orders.actions import revoke_links
from order_service.orders.links import link_token
from order_service.orders.models import Delivery, Order, OrderEvent, Topic
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db(transaction=True)


class Mailbox:
    """A mail server that keeps what it gets; `reply` other than 250 refuses."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.reply = "250 OK"
        self.recipient_reply = "250 OK"
        self.slow = threading.Event()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.recipient_reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.reply.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            parsed = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
        return self.reply


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()
    [port] = any_free(1)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


@pytest.fixture
def no_mail_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


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


def test_a_delivered_mail_is_never_sent_again(mailbox: Mailbox) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))

    for _ in range(3):
        assert actions.deliver(delivery.pk)
    deliver_task(delivery.pk)

    delivery.refresh_from_db()
    assert len(mailbox.mails) == 1
    assert delivery.sent_at is not None
    assert (delivery.next_attempt_at, delivery.attempts, delivery.last_error) == (None, 1, "")


def test_a_mail_that_had_to_be_sent_twice_has_one_id(mailbox: Mailbox) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    actions.deliver(delivery.pk)
    # The worker died after the mail server said yes and before the row was written.
    Delivery.objects.update(sent_at=None, next_attempt_at=timezone.now())
    actions.deliver(delivery.pk)

    first, second = (mail["Message-ID"].strip() for mail in mailbox.mails)
    assert first == second == message_id(delivery)
    assert first.endswith("@example.org>")
    other = confirmation_of(make_order(State.CONFIRMED))
    assert message_id(other) != message_id(delivery)


def test_two_workers_at_once_send_one_mail(mailbox: Mailbox) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        actions.deliver(delivery.pk)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(mailbox.mails) == 1
    delivery.refresh_from_db()
    assert delivery.sent_at is not None


def test_no_transaction_is_open_while_the_mail_server_is_asked(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_open = []

    sendmail = smtplib.SMTP.sendmail

    def spy(*args: Any, **kwargs: Any) -> Any:
        was_open.append(connection.in_atomic_block)
        return sendmail(*args, **kwargs)

    monkeypatch.setattr(smtplib.SMTP, "sendmail", spy)
    actions.deliver(confirmation_of(make_order(State.CONFIRMED)).pk)

    assert was_open == [False]


def test_a_mail_server_that_is_down_leaves_the_order_alone_and_is_tried_later(
    no_mail_server: None,
) -> None:
    order = make_order(State.CONFIRMED)
    delivery = confirmation_of(order)
    before = Order.objects.values().get()
    events = OrderEvent.objects.count()

    pauses = []
    for _ in range(9):
        started = timezone.now()
        assert not actions.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.next_attempt_at is not None
        pauses.append(round((delivery.next_attempt_at - started) / timedelta(seconds=1)))

    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert (delivery.attempts, delivery.sent_at, delivery.attention_at) == (9, None, None)
    assert delivery.last_error == "ConnectionRefusedError 111"
    assert Order.objects.values().get() == before
    assert OrderEvent.objects.count() == events


def test_it_is_sent_once_the_mail_server_is_back(
    no_mail_server: None, request: pytest.FixtureRequest
) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    assert not actions.deliver(delivery.pk)

    mailbox: Mailbox = request.getfixturevalue("mailbox")
    assert actions.deliver(delivery.pk)
    assert len(mailbox.mails) == 1


def test_a_refused_address_needs_a_person_after_twelve_tries(mailbox: Mailbox) -> None:
    mailbox.recipient_reply = "550 no such user ada@example.org"
    delivery = confirmation_of(make_order(State.CONFIRMED))

    for attempt in range(1, 13):
        delivery.refresh_from_db()
        assert (delivery.attempts, delivery.attention_at) == (attempt - 1, None)
        actions.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.attention_at is not None
    assert delivery.last_error == "SMTPRecipientsRefused"  # not the address
    assert mailbox.mails == []


def test_a_busy_mail_server_never_needs_a_person(mailbox: Mailbox) -> None:
    mailbox.reply = "451 try later"
    delivery = confirmation_of(make_order(State.CONFIRMED))

    for _ in range(13):
        actions.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.attention_at) == (13, None)
    assert delivery.last_error == "SMTPDataError 451"
    mailbox.reply = "250 OK"
    assert actions.deliver(delivery.pk)


def test_a_mail_that_cannot_be_written_needs_a_person_after_twelve_tries(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(order: Order) -> Letter:
        raise ZeroDivisionError

    monkeypatch.setitem(ShopperMail.writers, Topic.ORDER_CONFIRMATION, broken)
    delivery = confirmation_of(make_order(State.CONFIRMED))

    for attempt in range(1, 13):
        delivery.refresh_from_db()
        assert (delivery.attempts, delivery.attention_at) == (attempt - 1, None)
        assert not actions.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.attention_at is not None
    assert delivery.last_error == "ZeroDivisionError"


def test_the_task_goes_to_the_queue_of_notifications() -> None:
    from order_service.celery import app  # noqa: PLC0415  (the app reads Django's settings)

    route = app.amqp.router.route({}, deliver_task.name, (1,), {})
    assert route["queue"].name == "notifications"


def test_a_postponed_mail_waits_for_no_message_of_its_past(no_mail_server: None) -> None:
    """Its message was taken; others that were published with it still wait in the queue."""
    delivery = confirmation_of(make_order(State.CONFIRMED))
    taken = take(NOTIFICATIONS, limit=1, oldest=None, again=timedelta(0))
    assert taken is not None
    assert not actions.deliver(delivery.pk)
    Delivery.objects.update(next_attempt_at=Now())
    again = take(NOTIFICATIONS, limit=1, oldest=taken.at, again=timedelta(0))
    assert again is not None
    assert again.ids == [delivery.pk]
