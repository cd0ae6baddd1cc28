"""Other people's mail servers: slow ones, TLS ones, and how long a mail may take altogether."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connections
from pytest_django.fixtures import Settings

from order_service.dispatch.due import NOTIFICATIONS, take
from order_service.notifications import actions, tasks
from order_service.notifications.channels import ShopperMail
from order_service.notifications.mail import Letter
from order_service.orders.models import Delivery, Order, Topic
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mail_servers import Post, Silent, serving
from order_service.tests.processes import fork, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
GREETS_AFTER = 3.3  # seconds, as slow servers do


def test_a_server_that_greets_late_gets_its_mail(port: int, delivery: Delivery) -> None:
    post = Post()
    with serving(post, port, greets_after=GREETS_AFTER):
        assert actions.deliver(delivery.pk)
    assert len(post.mails) == 1


def test_a_mail_that_was_taken_is_stored_before_the_goodbye(port: int, delivery: Delivery) -> None:
    """A server that never says goodbye would get it a second time."""
    post = Post()
    post.may_leave.clear()

    def work() -> None:
        actions.deliver(delivery.pk)
        connections.close_all()

    with serving(post, port):
        sender = threading.Thread(target=work)
        sender.start()
        wait_for(Delivery.objects.filter(pk=delivery.pk, sent_at__isnull=False).exists)
        post.may_leave.set()
        sender.join()
    assert len(post.mails) == 1


def test_a_mail_that_may_have_arrived_is_sent_three_times_at_most(
    port: int, delivery: Delivery, settings: Settings
) -> None:
    """However often it could not be handed over before."""
    Delivery.objects.filter(pk=delivery.pk).update(attempts=20)
    settings.EMAIL_TIMEOUT = 0.2
    post = Silent()
    with serving(post, port):
        for copies in (1, 2, 3):
            assert not actions.deliver(delivery.pk)
            delivery.refresh_from_db()
            assert (delivery.unanswered, delivery.last_error) == (copies, "MailUnanswered")
            assert (delivery.attention_at is None) == (copies < 3)
        assert actions.try_again([delivery.pk]) == 1
        settings.EMAIL_TIMEOUT = 30
        post.may_answer.set()
        assert actions.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.unanswered, len(post.mails)) == (0, 4)


def test_a_mail_that_is_interrupted_after_its_last_dot_may_have_arrived(
    port: int, delivery: Delivery, settings: Settings
) -> None:
    """And there is no time for a goodbye: the worker would be killed before this is stored."""

    def interrupt(*_: Any) -> None:
        raise SoftTimeLimitExceeded

    settings.EMAIL_TIMEOUT = 20
    before = signal.signal(signal.SIGUSR1, interrupt)
    post = Silent()

    def strike() -> None:
        post.is_taking.wait(10)
        os.kill(os.getpid(), signal.SIGUSR1)

    try:
        with serving(post, port):
            threading.Thread(target=strike).start()
            began = time.monotonic()
            assert not actions.deliver(delivery.pk)
            assert time.monotonic() - began < 5
            post.may_answer.set()
    finally:
        signal.signal(signal.SIGUSR1, before)
    delivery.refresh_from_db()
    assert (delivery.unanswered, delivery.last_error) == (1, "MailUnanswered")


def test_a_server_that_hangs_up_before_it_has_the_mail_needs_no_person(
    port: int, delivery: Delivery
) -> None:
    class Gone(Post):
        async def handle_RCPT(self, server: SMTP, *_: Any) -> str:
            assert server.transport
            server.transport.close()
            return "250 OK"

    with serving(Gone(), port):
        for _ in range(4):
            assert not actions.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.unanswered, delivery.attention_at) == (0, None)
    assert delivery.last_error == "SMTPServerDisconnected"


def test_an_interrupted_mail_is_tried_again_and_needs_no_person(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(order: Order) -> Letter:
        raise SoftTimeLimitExceeded

    monkeypatch.setitem(ShopperMail.writers, Topic.ORDER_CONFIRMATION, interrupted)
    for _ in range(13):
        assert not actions.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.attention_at, delivery.last_error) == (None, "SoftTimeLimitExceeded")
    assert delivery.next_attempt_at is not None


def test_a_slow_mail_holds_one_process_of_a_worker_and_no_other(
    port: int, delivery: Delivery
) -> None:
    """Or orders would wait for somebody else's mail server."""
    other = confirmation_of(make_order(State.CONFIRMED))
    post = Post()
    with serving(post, port):
        slow = fork(lambda: tasks.deliver(delivery.pk), at="mail_not_sent", how="SIGSTOP")
        assert slow.has_stopped()
        tasks.deliver(other.pk)
        assert post.mails == []
        slow.go_on()
        assert slow.ended_well()
        tasks.deliver(other.pk)
    assert len(post.mails) == 2


def test_many_waiting_mails_hold_no_process_for_long(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or orders would wait for them. Whoever is at it sends them in the end, without a message."""
    monkeypatch.setattr(tasks, "BEGIN_WITHIN", 60.0)
    first, *others = (confirmation_of(make_order(State.CONFIRMED)) for _ in range(9))
    post = Post()
    with serving(post, port):
        once = tmp_path / "once"
        slow = fork(lambda: tasks.deliver(first.pk), at="mail_not_sent", how="SIGSTOP", once=once)
        assert slow.has_stopped()
        take(NOTIFICATIONS, limit=9, oldest=None, again=timedelta(seconds=12))
        began = time.monotonic()
        for other in others:
            tasks.deliver(other.pk)
        took = time.monotonic() - began
        slow.go_on()
        assert slow.ended_well()
    assert took < 1.0
    assert len(post.mails) == 9
