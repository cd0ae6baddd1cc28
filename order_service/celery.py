"""The Celery application of order_service: `celery -A order_service.celery worker`."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "order_service.settings")

from celery import Celery, Task
from celery.signals import setup_logging, task_prerun
from django.db import close_old_connections

from chassis import logs
from order_service.figures.tasks import TaskMetrics

app = Celery("order_service")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_metrics = TaskMetrics(app)


@setup_logging.connect
def keep_django_logging(**kwargs: object) -> None:
    """Connected only so that Celery leaves Django's logging as it is."""


@task_prerun.connect
def begin(task_id: str, task: Task[Any, Any], **kwargs: object) -> None:
    """A fresh log context and only live database connections for each task."""
    logs.clear()
    logs.bind(task=task.name, task_id=task_id)
    close_old_connections()
