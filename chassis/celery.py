"""The Celery application of a service; its settings come from `conf.celery()`."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging, task_prerun
from django.db import close_old_connections

from chassis import logs


def make_app(service: str) -> Celery:
    """A Celery app that reads CELERY_* from Django's settings and finds tasks in its apps."""
    app = Celery(service)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks()
    setup_logging.connect(_keep_django_logging, weak=False)
    task_prerun.connect(_begin, weak=False)
    return app


def _keep_django_logging(**kwargs: object) -> None:
    """Connected only so that Celery leaves Django's logging as it is."""


def _begin(task_id: str, task: Task[Any, Any], **kwargs: object) -> None:
    """A fresh log context and only live database connections for each task."""
    logs.clear()
    logs.bind(task=task.name, task_id=task_id)
    close_old_connections()
