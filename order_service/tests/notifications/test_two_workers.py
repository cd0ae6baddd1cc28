"""Workers in two pods: what one of them has under way, the other one leaves alone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from order_service.dispatch.due import NOTIFICATIONS, take
from order_service.notifications import tasks
from order_service.orders.models import Delivery
from order_service.tests.notifications.due_mails import ODD, mails, odd_mail, unsent
from order_service.tests.notifications.mail_servers import Forgetful, serving

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_under_way_elsewhere_is_passed_over(port: int) -> None:
    odd, other = odd_mail(), *mails(1)
    announce(2)
    with sending_elsewhere(odd, port) as post:
        before = row(odd)
        with CaptureQueriesContext(connection) as asked:
            tasks.deliver(odd)
        assert row(odd) == before
        assert Delivery.objects.get(pk=other).sent_at is not None
    assert len(asked) < 40
    assert unsent() == set()
    assert set(Counter(post.recipients).values()) == {1}


def test_only_what_nobody_sends_is_given_back(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    odd, other = odd_mail(), *mails(1)
    announce(2)
    with sending_elsewhere(odd, port):
        before = row(odd)
        monkeypatch.setattr(tasks, "BEGIN_WITHIN", 0.0)
        tasks.deliver([odd, other])
        assert row(odd) == before
        given_back = Delivery.objects.filter(published_at=None, next_attempt_at__lte=Now())
        assert list(given_back.values_list("pk", flat=True)) == [other]


def test_a_mail_that_failed_meanwhile_keeps_its_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BEGIN_WITHIN", 0.0)
    failed = odd_mail()
    pause = Now() + timedelta(seconds=5)
    Delivery.objects.filter(pk=failed).update(next_attempt_at=pause, last_error="421", attempts=1)
    before = row(failed)
    tasks.deliver([failed])
    assert row(failed) == before


def announce(number: int) -> None:
    again = timedelta(seconds=12)
    assert len(take(NOTIFICATIONS, limit=number, oldest=None, again=again)) == number


def row(delivery_id: int) -> Mapping[str, object]:
    return Delivery.objects.filter(pk=delivery_id).values().get()


@contextmanager
def sending_elsewhere(delivery_id: int, port: int) -> Iterator[Forgetful]:
    """Another session sends it, and the mail server has not answered yet; it does at the end."""

    def work() -> None:
        tasks.deliver(delivery_id)
        connections.close_all()

    post = Forgetful(ODD)
    worker = threading.Thread(target=work)
    with serving(post, port):
        worker.start()
        try:
            assert post.is_taking.wait(10)
            yield post
        finally:
            post.may_answer.set()
            worker.join()
