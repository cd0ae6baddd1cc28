"""Carrying out a delivery: sent until it succeeds, and never again after that."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from chassis import logs
from chassis.loop import advisory_lock
from order_service.notifications import mail
from order_service.notifications.smtp import MailUnanswered
from order_service.orders.crashpoints import crashpoint
from order_service.orders.models import Delivery, DeliveryKind

log = logs.get_logger(__name__)

BACK_OFF = timedelta(seconds=5)
BACK_OFF_MAX = timedelta(seconds=300)
REFUSALS_TO_ATTENTION = 12
UNANSWERED_TO_ATTENTION = 3  # so many copies may have arrived
PERMANENT = 500  # SMTP replies from here on say: this mail, never

Writer = Callable[[Delivery], EmailMultiAlternatives]
WRITERS: dict[str, Writer] = {
    DeliveryKind.ORDER_CONFIRMATION: mail.order_confirmation,
    DeliveryKind.ORDER_CANCELLED: mail.order_cancelled,
    DeliveryKind.ORDER_LINK: mail.order_link,
}


def deliver(delivery_id: int, *, timeout: float | None = None) -> bool:
    """Send what the delivery says, unless that was done; True if it is sent by now.

    `timeout` in seconds is for each answer of the mail server, EMAIL_TIMEOUT_SECONDS without it.
    The advisory lock keeps two workers from sending at once; it ends with the session of a worker
    that dies, and holds no row and no transaction while the mail server thinks.
    """
    with advisory_lock(f"delivery.{delivery_id}") as is_ours:
        if not is_ours:
            return False
        delivery = Delivery.objects.select_related("event__order").get(pk=delivery_id)
        if delivery.sent_at is None:
            _send(delivery, timeout)
        return delivery.sent_at is not None


def try_again(delivery_ids: Sequence[int]) -> int:
    """Have unsent deliveries tried at once, given-up ones too; how many that were."""
    unsent = Delivery.objects.unsent().filter(pk__in=delivery_ids)
    return unsent.update(
        attention_at=None, attempts=0, unanswered=0, next_attempt_at=Now(), published_at=None
    )


def _send(delivery: Delivery, timeout: float | None) -> None:
    order = delivery.event.order
    logs.set_request_id(order.request_id or None)
    logs.bind(order=order.number, delivery=delivery.key)
    crashpoint("mail_not_sent")
    try:
        message = WRITERS[delivery.kind](delivery)
        with _mail_server(timeout) as server:
            server.send_messages([message])
            crashpoint("mail_sent_not_stored")
            _note_sent(delivery)
    except (smtplib.SMTPException, OSError, SoftTimeLimitExceeded) as error:
        _postpone(delivery, error, is_hopeless=_is_refused(error))
    except Error:
        raise  # the database is away: no failure of this mail
    except Exception as error:  # one mail with a bug must not stop the others
        log.exception("mail cannot be written")
        _postpone(delivery, error, is_hopeless=True)


@contextmanager
def _mail_server(timeout: float | None) -> Iterator[BaseEmailBackend]:
    """A connection to it. A mail that was taken is taken, however the goodbye ends."""
    server = get_connection(timeout=timeout)
    try:
        server.open()
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError, SoftTimeLimitExceeded):
            server.close()


def _note_sent(delivery: Delivery) -> None:
    delivery.sent_at = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        sent_at=Now(), next_attempt_at=None, attempts=F("attempts") + 1, last_error=""
    )
    log.info("mail sent", kind=delivery.kind)


def _postpone(delivery: Delivery, error: Exception, *, is_hopeless: bool) -> None:
    """Try again later, longer each time. What time does not heal needs a person in the end.

    So does a mail that the server may have taken each time: the shopper would get it without end.
    """
    attempts = delivery.attempts + 1
    unanswered = delivery.unanswered + isinstance(error, MailUnanswered)
    pause = min(BACK_OFF * 2 ** min(attempts - 1, 10), BACK_OFF_MAX)
    now = timezone.now()
    is_refused_often = is_hopeless and attempts >= REFUSALS_TO_ATTENTION
    needs_person = is_refused_often or unanswered >= UNANSWERED_TO_ATTENTION
    Delivery.objects.filter(pk=delivery.pk).update(
        attempts=attempts,
        unanswered=unanswered,
        published_at=None,
        next_attempt_at=now + pause,
        # The error's type and reply code only: its text may hold the address.
        last_error=_describe(error),
        attention_at=now if needs_person else None,
    )
    log.warning("mail not sent", attempts=attempts, error=_describe(error))


def _is_refused(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT


def _describe(error: Exception) -> str:
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return type(error).__name__ + (f" {code}" if code else "")
