"""The Celery application of order_service: `celery -A order_service.celery worker`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "order_service.settings")

from chassis.worker.app import make_app

app, task_metrics = make_app("order_service")
