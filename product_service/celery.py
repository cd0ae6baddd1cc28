"""The Celery application of product_service: `celery -A product_service.celery worker`.

Its children give way to every other process: what they do is not urgent, and shoppers are.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "product_service.settings")

from celery.signals import worker_process_init

from chassis.worker.app import make_app

NICENESS = 10  # a tenth of what another process gets when all want the processor

app, task_metrics = make_app("product_service")


@worker_process_init.connect
def give_way(**kwargs: object) -> None:
    """Only the children: the main process answers probes."""
    os.nice(NICENESS)
