"""Celery as our workers run it: `celery -A <service>.celery worker`.

A service has one application, in its `celery.py`: `app, task_metrics = make_app("order_service")`.
"""

from __future__ import annotations

import os
from typing import Any, Self

from celery import Celery, Task
from celery.app.amqp import AMQP
from celery.signals import setup_logging, task_prerun, worker_before_create_process
from django.db import close_old_connections
from kombu import Connection
from kombu.transport import virtual
from kombu.transport.redis import Channel, QoS, Transport

from chassis import interpreter, logs
from chassis.worker.metrics import TaskMetrics


def make_app(service: str) -> tuple[Celery, TaskMetrics]:
    """The application of a service, with CELERY_* of its settings and all its tasks."""
    # Django's checks import every view, which the worker never serves, and keep them: 7 MiB.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    interpreter.tune()
    app = Celery(service, amqp=PatientAMQP)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks()
    return app, TaskMetrics(app)


class ForgettingQoS(QoS):
    """Gives a message's place back though Redis did not answer its ack.

    Kombu keeps the place. Once each process of a worker has lost an answer, nothing more is read,
    no lost connection is noticed and the worker stands still. Redis may deliver the message once
    more, which says no more than "look at this order".
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)


class ForgettingChannel(Channel):
    QoS = ForgettingQoS


class ForgettingTransport(Transport):
    Channel = ForgettingChannel


class PatientConnection(Connection):
    """Asks an absent broker once a second for as long as it takes, and forgets what it acked.

    Kombu's own pause grows by 2 s with each try, up to 30 s, so a worker would stay idle for as
    long after Redis is back. Celery has no setting for it.
    """

    def get_transport_cls(self) -> type[Transport]:
        return ForgettingTransport

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Self:
        pause = {"interval_start": 1, "interval_step": 0, "interval_max": 1}
        super().ensure_connection(*args, **pause | kwargs)
        return self


class PatientAMQP(AMQP):
    """Makes the application's connections patient ones."""

    Connection = PatientConnection


@setup_logging.connect
def keep_django_logging(**kwargs: object) -> None:
    """Connected only so that Celery leaves Django's logging as it is."""


@worker_before_create_process.connect
def share_memory(**kwargs: object) -> None:
    """The children use what the main process has imported."""
    interpreter.share()


@task_prerun.connect
def begin(task_id: str, task: Task[Any, Any], **kwargs: object) -> None:
    """A fresh log context and only live database connections for each task."""
    logs.clear()
    logs.bind(task=task.name, task_id=task_id)
    close_old_connections()
