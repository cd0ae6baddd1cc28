"""Other people's mail servers: slow ones, TLS ones, and how long a mail may take altogether."""

from __future__ import annotations

import email
import os
import re
import signal
import threading
import time
from collections.abc import Mapping
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiosmtpd.smtp import SMTP
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connections
from pytest_django.fixtures import Settings

from chassis.environment import Environment, WrongSettings
from deploy.local.folder import ROOT, RunFolder
from deploy.local.ports import NAMES, any_free
from deploy.local.shop import programs
from order_service.dispatch.dispatcher import INLINE_MAIL_TIMEOUT
from order_service.mail_settings import mail as mail_settings
from order_service.notifications import actions, tasks
from order_service.notifications.mail import Letter
from order_service.notifications.shopper_mail import ShopperMail
from order_service.orders.models import Delivery, Order, Topic
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mail_servers import HOST, Post, Silent, certificate, serving
from order_service.tests.processes import fork, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

GREETS_AFTER = 3.3  # seconds, as slow servers do
ANSWERS = 10  # of a mail server with STARTTLS and a password, from its greeting to the goodbye
WAY_OUT = 3.0  # of a worker whose last task has ended


@pytest.fixture
def port(settings: Settings) -> int:
    [port] = any_free(1)
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, port
    return port


@pytest.fixture
def delivery() -> Delivery:
    return confirmation_of(make_order(State.CONFIRMED))


def test_a_server_that_greets_late_gets_its_mail(port: int, delivery: Delivery) -> None:
    post = Post()
    with serving(post, port, greets_after=GREETS_AFTER):
        assert actions.deliver(delivery.pk)
    assert len(post.mails) == 1


def test_the_patience_with_a_server_is_a_setting(
    port: int, delivery: Delivery, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = float(read(EMAIL_TIMEOUT_SECONDS="1")["EMAIL_TIMEOUT"]) / 4
    post = Post()
    with serving(post, port, greets_after=0.5):
        assert not actions.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.last_error, post.mails) == ("SMTPServerDisconnected", [])


def test_tls_from_the_first_byte(
    port: int,
    delivery: Delivery,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And only with a certificate that the machine trusts."""
    settings.EMAIL_USE_SSL = read(EMAIL_USE_SSL="1")["EMAIL_USE_SSL"]
    tls, public = certificate(tmp_path)
    post = Post()
    with serving(post, port, tls=tls):
        assert not actions.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert (delivery.last_error, post.mails) == ("SSLCertVerificationError 1", [])
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
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


def test_many_waiting_mails_hold_no_process_for_long(port: int) -> None:
    """One wait tells that mailing is busy; the mails after it take no time from the orders."""
    first, *others = (confirmation_of(make_order(State.CONFIRMED)) for _ in range(9))
    post = Post()
    with serving(post, port):
        slow = fork(lambda: tasks.deliver(first.pk), at="mail_not_sent", how="SIGSTOP")
        assert slow.has_stopped()
        began = time.monotonic()
        for other in others:
            tasks.deliver(other.pk)
        took = time.monotonic() - began
        slow.go_on()
        assert slow.ended_well()
        assert took < 4 * tasks.PATIENCE_SECONDS
        assert len(post.mails) == 1
        for other in others:
            tasks.deliver(other.pk)
    assert len(post.mails) == 9


def test_whoever_stops_a_worker_grants_it_a_whole_mail() -> None:
    limits = (tasks.deliver.soft_time_limit or 0, tasks.deliver.time_limit or 0)
    assert read()["EMAIL_TIMEOUT"] == 30
    assert max_timeout() < limits[0] < limits[1]
    assert limits[1] >= INLINE_MAIL_TIMEOUT * ANSWERS  # a thread has no limit but this
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
    cluster = ROOT / "deploy/kubernetes/base/patches/worker.yaml"
    pod = yaml.safe_load(cluster.read_text(encoding="utf-8"))["spec"]["template"]["spec"]
    ports = dict(zip(NAMES, range(len(NAMES)), strict=True))
    ours = {each.name: each.stop_seconds for each in programs({}, ports, RunFolder(Path()))}
    for name in ("order-worker", "order-dispatcher"):
        docker = float(compose["services"][name]["stop_grace_period"].removesuffix("s"))
        granted = (ours[name], docker, pod["terminationGracePeriodSeconds"])
        assert min(granted) >= limits[1] + WAY_OUT, name


def max_timeout() -> float:
    with pytest.raises(WrongSettings) as refused:
        read(EMAIL_TIMEOUT_SECONDS="9999")
    allowed = re.search(r" to (\d+)", str(refused.value))
    assert allowed
    return float(allowed[1])


def read(**variables: str) -> Mapping[str, Any]:
    env = Environment(variables)
    found = mail_settings(env)
    env.finish()
    return found


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        (
            {"EMAIL_TIMEOUT_SECONDS": "0"},
            "EMAIL_TIMEOUT_SECONDS must be a number of seconds from 1 to 40",
        ),
        ({"EMAIL_TIMEOUT_SECONDS": "soon"}, "EMAIL_TIMEOUT_SECONDS must be a number"),
        (
            {"EMAIL_USE_TLS": "1", "EMAIL_USE_SSL": "1"},
            r"EMAIL_USE_TLS \(.* 587\) and EMAIL_USE_SSL \(.* 465\) exclude each other",
        ),
    ],
)
def test_a_wrong_setting_of_the_mail_server_is_refused_by_name(
    variables: dict[str, str], why: str
) -> None:
    with pytest.raises(WrongSettings, match=why):
        read(**variables)


def test_implicit_tls_has_a_port_of_its_own() -> None:
    assert read(EMAIL_USE_SSL="1")["EMAIL_PORT"] == 465
    assert read(EMAIL_USE_SSL="1", EMAIL_PORT="4650")["EMAIL_PORT"] == 4650
    assert read(EMAIL_USE_TLS="1")["EMAIL_PORT"] == 25


@pytest.mark.parametrize(
    ("given", "name", "address"),
    [
        ("shop@example.org", "", "shop@example.org"),
        ("TechCommerce <shop@example.org>", "TechCommerce", "shop@example.org"),
        ('"Tech, Commerce" <shop@example.org>', "Tech, Commerce", "shop@example.org"),
        ("Größe & Söhne <shop@example.org>", "Größe & Söhne", "shop@example.org"),
        ('"日本, 店" <shop@example.org>', "日本, 店", "shop@example.org"),
        ("Tech. Co <shop@example.org>", "Tech. Co", "shop@example.org"),
        (f"{'Ä' * 80} <shop@example.org>", "Ä" * 80, "shop@example.org"),
        ("Laden <shop@münchen.example>", "Laden", "shop@xn--mnchen-3ya.example"),
    ],
)
def test_the_sender_of_a_mail_has_the_name_that_was_set(
    port: int, delivery: Delivery, settings: Settings, given: str, name: str, address: str
) -> None:
    settings.DEFAULT_FROM_EMAIL = read(EMAIL_FROM=given)["DEFAULT_FROM_EMAIL"]
    post = Post()
    with serving(post, port):
        assert actions.deliver(delivery.pk)
    (content,) = post.mails
    mail = email.message_from_bytes(content)
    written, spec = parseaddr(mail["From"])
    assert (str(make_header(decode_header(written))), spec) == (name, address)
    assert mail["Message-ID"].endswith(f"@{address.partition('@')[2]}>")


@pytest.mark.parametrize(
    "given",
    [
        "Tech, Commerce <shop@example.org>",
        "TechCommerce",
        "TechCommerce <shop>",
        "TechCommerce <>",
        "shop@example.org, other@example.org",
        "shop@example.org junk",
        "everyone: shop@example.org;",
        "Tech (Commerce) <shop@example.org>",
        "Müll <mü@example.org>",
        '"TechCommerce <shop@example.org>"',
        "TechCommerce <shop@example.org>\nBcc: all@example.org",
        "Tech\r\nBcc: all@example.org\r\n <shop@example.org>",
        "=?utf-8?Q?Tech=0ABcc=3A_all@example.org?= <shop@example.org>",
        "Tech\u2028Commerce <shop@example.org>",
    ],
)
def test_a_sender_that_is_none_is_refused_by_name(given: str) -> None:
    with pytest.raises(WrongSettings) as refused:
        read(EMAIL_FROM=given)
    words = "EMAIL_FROM must be one sender: (write shop@example.org or|Leave out line breaks)"
    assert re.search(words, str(refused.value))
