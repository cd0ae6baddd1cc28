"""A worker that dies among mails: few get a second copy, and no mail waits behind a deadly one."""

from __future__ import annotations

import email
import os
import signal
from collections import Counter

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from order_service.notifications import sent, tasks
from order_service.notifications.server import MailServer
from order_service.orders.models import Delivery
from order_service.tests.notifications.due_mails import ODD, mails, odd_mail, unsent
from order_service.tests.notifications.mail_servers import Post, serving
from order_service.tests.processes import fork, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_dead_worker_sends_a_group_again_at_most(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "LONGEST_WAIT_SECONDS", 60.0)
    monkeypatch.setattr(tasks, "BEGIN_WITHIN", 60.0)
    ids = mails(20)
    post = Post()
    with serving(post, port):
        assert fork(lambda: deliver_and_die(ids, at=13)).was_killed()
        assert len(post.mails) == 13
        assert len(ids) - len(unsent()) == sent.GROUP
        wait_for(lambda: not is_any_locked())
        tasks.deliver(ids)
    assert unsent() == set()
    copies = Counter(email.message_from_bytes(each)["Message-ID"] for each in post.mails)
    assert Counter(copies.values()) == {1: 15, 2: 5}


def test_a_slow_mail_server_leaves_nothing_unstored(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "LONGEST_WAIT_SECONDS", 0.0)
    ids = mails(3)
    with serving(Post(), port):
        assert fork(lambda: deliver_and_die(ids, at=3)).was_killed()
    assert len(unsent()) == 1


def test_a_mail_that_kills_each_worker_stops_no_other(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message comes again as often as it kills one."""
    monkeypatch.setattr(tasks, "BEGIN_WITHIN", 60.0)
    odd = odd_mail()
    ids = [odd, *mails(9)]
    with serving(Post(), port):
        for _ in range(30):
            assert fork(lambda: deliver_and_die(ids, of=odd)).was_killed()
            if unsent() == {odd}:
                return
    raise AssertionError("others never had their turn")


def is_any_locked() -> bool:
    """PostgreSQL unlocks what a dead worker held when it notices that the worker is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND d.datname = current_database())"
        )
        (is_any,) = cursor.fetchone()
    return bool(is_any)


def deliver_and_die(ids: list[int], *, at: int = 0, of: int = 0) -> None:
    """Die when the mail server has so many mails, or when it would get this one next."""
    add, take = sent.Sent.add, MailServer.take
    taken = 0

    def count(self: sent.Sent, delivery: Delivery) -> None:
        nonlocal taken
        taken += 1
        if taken == at:
            os.kill(os.getpid(), signal.SIGKILL)
        add(self, delivery)

    def look(self: MailServer, mail: EmailMessage) -> None:
        if of and mail.to == [ODD]:
            os.kill(os.getpid(), signal.SIGKILL)
        take(self, mail)

    sent.Sent.add, MailServer.take = count, look  # type: ignore[method-assign]  # in a child
    tasks.deliver(ids)
