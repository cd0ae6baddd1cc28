"""The Celery application of order_service: `celery -A order_service.celery worker`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "order_service.settings")

from chassis.celery import make_app

app = make_app("order_service")
