"""Mails that go over one connection: what becomes of one of them is no other's business."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, connections
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from order_service.dispatch.due import NOTIFICATIONS, OWNER, take
from order_service.notifications import sent, tasks
from order_service.notifications.actions import deliver, deliver_together
from order_service.notifications.channels import ShopperMail
from order_service.notifications.mail import Letter
from order_service.orders.models import DUE_COLUMNS, Delivery, Order, Topic
from order_service.shop import cached
from order_service.tests.notifications.due_mails import ODD, mails, odd_mail, unsent
from order_service.tests.notifications.mail_servers import (
    Brief,
    Forgetful,
    Post,
    Refusing,
    serving,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_mails_need_one_connection_and_few_statements(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "LONGEST_WAIT_SECONDS", 60.0)
    monkeypatch.setattr(cached, "LIFE_SECONDS", 60.0)
    [one], few, many = mails(1), mails(4), mails(20)
    post = Post()
    with serving(post, port):
        assert deliver(one)
        with CaptureQueriesContext(connection) as first:
            assert deliver_together(few)
        with CaptureQueriesContext(connection) as second:
            assert deliver_together(many)
    assert len(post.mails) == 25
    assert len(post.connections) == 3
    assert unsent() == set()
    groups = [-(-len(each) // sent.GROUP) for each in (few, many)]
    assert [len(first) - groups[0], len(second) - groups[1]] == [5, 5]
    assert set(Delivery.objects.values_list("attempts", "last_error")) == {(1, "")}


def test_a_refused_recipient_stops_no_other(port: int) -> None:
    odd = odd_mail()
    others = mails(9)
    with serving(Refusing({ODD: "550 nobody"}), port):
        assert deliver_together([others[0], odd, *others[1:]])
    delivery = Delivery.objects.get(pk=odd)
    assert unsent() == {odd}
    assert (delivery.attempts, delivery.last_error) == (1, "SMTPRecipientsRefused")
    assert delivery.next_attempt_at is not None


def test_a_mail_with_a_bug_stops_no_other(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    write = ShopperMail.writers[Topic.ORDER_CONFIRMATION]

    def broken_for_one(order: Order) -> Letter:
        if order.email == ODD:
            raise ZeroDivisionError
        return write(order)

    monkeypatch.setitem(ShopperMail.writers, Topic.ORDER_CONFIRMATION, broken_for_one)
    odd = odd_mail()
    with serving(Post(), port):
        assert deliver_together([odd, *mails(9)])
    assert unsent() == {odd}
    assert Delivery.objects.get(pk=odd).last_error == "ZeroDivisionError"


def test_a_mail_without_an_answer_stops_no_other(port: int, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 1.5
    odd = odd_mail()
    post = Forgetful(ODD)
    with serving(post, port):
        assert deliver_together([odd, *mails(9)])
        post.may_answer.set()
    assert unsent() == {odd}
    assert set(Delivery.objects.values_list("pk", "unanswered").exclude(unanswered=0)) == {(odd, 1)}
    assert max(Counter(post.recipients).values()) == 1


def test_without_a_mail_server_all_are_postponed_and_one_has_tried(
    port: int, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    ids = mails(5)
    Delivery.objects.filter(pk=ids[0]).update(attempts=3)
    post = Post()
    with serving(post, port, greets_after=1.0):
        assert not deliver_together(ids)
        assert post.calls <= 2  # one, and that of whoever started the server
    assert not deliver_together(ids)  # nobody listens
    rows = Delivery.objects.order_by("pk")
    assert {row.last_error for row in rows} == {"ConnectionRefusedError 111"}
    assert [row.attempts for row in rows] == [5, 2, 2, 2, 2]
    pauses = [(row.next_attempt_at - rows[1].next_attempt_at).total_seconds() for row in rows]  # type: ignore[operator]
    assert [round(each) for each in pauses] == [70, 0, 0, 0, 0]  # 80 s and 10 s
    assert not any(row.attention_at or row.published_at for row in rows)


@pytest.mark.parametrize("reply", ["421 enough", ""], ids=["says_so", "says_nothing"])
def test_a_server_that_hangs_up_between_two_mails_fails_none(port: int, reply: str) -> None:
    post = Brief(3, reply)
    with serving(post, port):
        assert deliver_together(mails(8))
    assert len(post.connections) == 3
    assert set(Counter(post.recipients).values()) == {1}
    assert set(Delivery.objects.values_list("attempts", "last_error")) == {(1, "")}


def test_a_server_that_hangs_up_on_each_mail_is_not_asked_for_ever(port: int) -> None:
    post = Brief(0, "421 not now")
    with serving(post, port):
        deliver_together(mails(3))
    assert len(post.connections) == 3
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_what_no_time_is_left_for_is_due_at_once(
    port: int, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """A mail that the server thinks about does not hold up those behind it, nor the worker."""
    monkeypatch.setattr(tasks, "BEGIN_WITHIN", 0.1)
    settings.EMAIL_TIMEOUT = 1.5
    odd = odd_mail()
    tried = mails(4)
    Delivery.objects.filter(pk__in=tried).update(attempts=1, last_error="421")  # after it
    later = mails(3)
    [*announced] = take(NOTIFICATIONS, limit=8, oldest=None, again=timedelta(seconds=12))
    assert len(announced) == 8
    with serving(Forgetful(ODD), port):
        tasks.deliver([odd, *tried])
    assert Delivery.objects.get(pk=odd).unanswered == 1
    waiting = Delivery.objects.filter(pk__in=[*tried, *later], next_attempt_at__lte=Now())
    assert set(waiting.values_list("attempts", "published_at", "last_error")) == {
        (1, None, "421"),
        (0, None, ""),
    }
    assert waiting.count() == 7


def test_a_mail_that_is_interrupted_stops_no_other(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = ShopperMail.writers[Topic.ORDER_CONFIRMATION]

    def interrupted(order: Order) -> Letter:
        if order.email == ODD:
            raise SoftTimeLimitExceeded
        return write(order)

    monkeypatch.setitem(ShopperMail.writers, Topic.ORDER_CONFIRMATION, interrupted)
    odd = odd_mail()
    with serving(Post(), port):
        assert deliver_together([odd, *mails(4)])
    assert unsent() == {odd}
    assert Delivery.objects.get(pk=odd).last_error == "SoftTimeLimitExceeded"


def test_many_workers_send_each_mail_once(port: int) -> None:
    """Of several machines, whose sets overlap."""
    ids = mails(24)
    post = Post()
    barrier = threading.Barrier(4)

    def work(start: int) -> None:
        barrier.wait()
        deliver_together(ids[start : start + 12])
        connections.close_all()

    with serving(post, port):
        workers = [threading.Thread(target=work, args=(start,)) for start in (0, 4, 8, 12)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
    assert unsent() == set()
    assert sorted(Counter(post.recipients).values()) == [1] * 24


def test_a_message_of_the_version_before_is_read(port: int) -> None:
    [delivery_id] = mails(1)
    with serving(Post(), port):
        tasks.deliver(delivery_id)
    assert unsent() == set()


def test_who_has_sent_goes_on_with_what_was_announced_and_nothing_else(
    port: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BEGIN_WITHIN", 60.0)
    settings.OWNER_EMAIL = "owner@example.org"
    first, other, sleeping, gone = mails(4)
    not_due = timedelta(seconds=5)
    take(NOTIFICATIONS, limit=4, oldest=None, again=timedelta(seconds=12))
    assert len(take(OWNER, limit=2, oldest=None, again=timedelta(seconds=12))) == 2
    Delivery.objects.filter(pk=sleeping).update(
        published_at=None, next_attempt_at=Now() + not_due, attempts=1
    )
    Delivery.objects.filter(pk=gone).update(attention_at=Now())
    post = Post()
    with serving(post, port):
        tasks.deliver([first])
    assert Counter(post.recipients) == {
        "a0@example.org": 1,
        "a1@example.org": 1,
        settings.OWNER_EMAIL: 2,
    }
    assert {sleeping, gone} < unsent()
    assert len(unsent()) == 4  # two mails to the owner that nobody announced
    assert Delivery.objects.get(pk=other).sent_at is not None


def test_a_look_at_what_was_announced_reads_no_sent_mail() -> None:
    told = Delivery.objects.unsent().filter(attention_at=None, published_at__isnull=False)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        plan = told.due_by(Now() + timedelta(seconds=12), DUE_COLUMNS).explain()
        cursor.execute("RESET enable_seqscan")
    assert "delivery_due" in plan
    assert "Seq Scan" not in plan
