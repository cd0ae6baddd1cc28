"""A worker that is asked to stop: it ends what it began, takes nothing new, and goes at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from deploy.local.folder import ROOT
from deploy.local.ports import any_free
from deploy.local.shop import WORKER
from order_service.celery import app
from order_service.dispatch.broker import Broker
from order_service.notifications.tasks import deliver
from order_service.orders.models import Delivery, Order
from order_service.orders.states import State
from order_service.pipeline.tasks import advance_orders
from order_service.tests.crash.conftest import World
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mail_servers import HOST, Post, serving
from order_service.tests.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

STOPPED_WITHIN = 20.0  # seconds; a stop that sits out its whole grace takes 25 and more
REACHED = ("PRODUCT_SERVICE_URL", "PAYMENT_PROVIDER_URL", "PAYMENT_PROVIDER_KEY", "REDIS_URL")
DATABASE_URL = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}"


class Worker:
    """The worker of `make run`, on the tables and stand-ins of this test."""

    def __init__(self, log: Path, mail_port: int) -> None:
        self.log = log
        reached = {name: str(getattr(django_settings, name)) for name in REACHED}
        database = DATABASE_URL.format(**connection.settings_dict)
        mail = {"EMAIL_HOST": HOST, "EMAIL_PORT": str(mail_port)}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *WORKER],
                cwd=ROOT,
                env={**os.environ, **reached, "ORDER_SERVICE_DATABASE_URL": database, **mail},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self, queue: redis.Redis) -> None:
        """Ask it to stop, and return when it waits for no message any more."""
        number = str(queue.connection_pool.connection_kwargs["db"])
        self.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "shutdown" in self.log.read_text())
        wait_for(lambda: not [each for each in queue.client_list() if _waits(each, number)])


def _waits(client: dict[str, str], database: str) -> bool:
    return client["db"] == database and "b" in client["flags"]


def announce(order: Order) -> None:
    Broker(app).publish(advance_orders, [str(order.id)], queue="orders", at=timezone.now())


def announce_mail(delivery: Delivery) -> None:
    Broker(app).publish(deliver, delivery.pk, queue="notifications", at=timezone.now())


@pytest.fixture
def post() -> Post:
    post = Post()
    post.may_take.clear()
    return post


@pytest.fixture
def queue() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()


@pytest.fixture
def worker(world: World, queue: redis.Redis, post: Post, tmp_path: Path) -> Iterator[Worker]:
    [port] = any_free(1)
    with serving(post, port):
        worker = Worker(tmp_path / "worker.log", port)
        yield worker
        if worker.process.poll() is None:
            os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()


def test_a_stopping_worker_ends_its_order_and_its_mail_takes_no_other_and_is_gone(
    worker: Worker, queue: redis.Redis, post: Post
) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    announce_mail(delivery)
    order = make_order(payment_token="tok_slow")  # the provider answers after 2 s
    announce(order)
    wait_for(Order.objects.filter(pk=order.pk, state=State.RESERVED).exists)
    wait_for(post.is_taking.is_set)

    worker.stop(queue)
    assert post.mails == []
    post.may_take.set()
    late = make_order()
    announce(late)

    assert worker.process.wait(STOPPED_WITHIN) == 0, worker.log.read_text()
    order.refresh_from_db()
    late.refresh_from_db()
    delivery.refresh_from_db()
    assert order.state == State.CONFIRMED
    assert (delivery.sent_at is not None, len(post.mails)) == (True, 1)
    assert (late.state, late.claims) == (State.PLACED, 0)
    assert (queue.llen("orders"), queue.hlen("unacked")) == (1, 0)
