"""`manage.py order_service dispatch`: the outbox relay, to be run in two replicas."""

from django.conf import settings
from django.core.management.base import BaseCommand

from chassis.loop import run_loop
from order_service.celery import app
from order_service.orders.broker import Broker
from order_service.orders.dispatcher import Dispatcher


class Command(BaseCommand):
    help = "Announce due orders and deliveries to the workers; do them here while Redis is away."

    def handle(self, *args: object, **options: object) -> None:
        dispatcher = Dispatcher(Broker(app))
        run_loop("dispatcher", dispatcher.turn, interval_seconds=settings.DISPATCH_INTERVAL_SECONDS)
