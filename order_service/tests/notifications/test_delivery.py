"""A confirmation mail: sent once, again only if it may not have arrived, always under one id."""

from __future__ import annotations

import smtplib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django.fixtures import Settings

from order_service.dispatch.due import NOTIFICATIONS, take
from order_service.notifications import actions
from order_service.notifications.channels import ShopperMail
from order_service.notifications.mail import Letter, message_id
from order_service.notifications.tasks import deliver as deliver_task
from order_service.orders.models import Delivery, Order, OrderEvent, Topic
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mailbox import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_mail_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


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
    [(_, taken_at)] = take(NOTIFICATIONS, limit=1, oldest=None, again=timedelta(0))
    assert not actions.deliver(delivery.pk)
    Delivery.objects.update(next_attempt_at=Now())
    [(again, _)] = take(NOTIFICATIONS, limit=1, oldest=taken_at, again=timedelta(0))
    assert again == delivery.pk
