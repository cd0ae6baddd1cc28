"""`manage.py order_service dispatch`: the outbox relay, to be run in two replicas."""

from django.conf import settings
from django.core.management.base import BaseCommand

from chassis.loop import run_loop
from chassis.worker.queues import queue_figures
from order_service.celery import app, task_metrics
from order_service.dispatch.broker import Broker
from order_service.dispatch.dispatcher import Dispatcher
from order_service.dispatch.due import QUEUES
from order_service.dispatch.figures.archive import archive_figures
from order_service.dispatch.figures.orders import order_figures
from order_service.dispatch.listening import Listener
from order_service.retention import RETENTION


class Command(BaseCommand):
    help = "Announce due orders and deliveries to the workers; do them here while Redis is away."
    requires_system_checks = []  # they import every view, which this process never serves

    def handle(self, *args: object, **options: object) -> None:
        dispatcher = Dispatcher(Broker(app))
        task_metrics.begin_at_zero()
        run_loop(
            "dispatcher",
            dispatcher.turn,
            interval_seconds=settings.DISPATCH_INTERVAL_SECONDS,
            figures=(
                *(queue_figures(QUEUES), order_figures(), archive_figures()),
                RETENTION.figures(),
            ),
            pause=Listener().pause,
        )
