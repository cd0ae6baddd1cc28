"""A mailbox, a port for a mail server, and a mail that is due."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from deploy.local.ports import any_free
from order_service.orders.models import Delivery
from order_service.orders.states import State
from order_service.tests.factories import confirmation_of, make_order
from order_service.tests.notifications.mail_servers import HOST
from order_service.tests.notifications.mailbox import Mailbox


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    box = Mailbox()
    [port] = any_free(1)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


@pytest.fixture
def port(settings: Settings) -> int:
    [port] = any_free(1)
    settings.EMAIL_BACKEND = "order_service.notifications.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, port
    return port


@pytest.fixture
def delivery() -> Delivery:
    return confirmation_of(make_order(State.CONFIRMED))
