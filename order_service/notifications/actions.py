"""Carrying out a delivery: sent until it succeeds, and never again after that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import Error
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from chassis import logs
from chassis.loop import advisory_lock
from order_service.notifications.channels import CHANNELS
from order_service.notifications.mail import NobodyToTell, NotSent, Refused, Unanswered
from order_service.orders.crashpoints import crashpoint
from order_service.orders.models import DUE_COLUMNS, Delivery

log = logs.get_logger(__name__)

BACK_OFF = timedelta(seconds=5)
BACK_OFF_MAX = timedelta(seconds=300)
REFUSALS_TO_ATTENTION = 12
UNANSWERED_TO_ATTENTION = 3  # so many copies may have arrived


def deliver(delivery_id: int, *, timeout: float | None = None) -> bool:
    """Send what the delivery says, unless that was done; True if it is sent by now.

    `timeout` in seconds is for each answer of the mail server; None is EMAIL_TIMEOUT_SECONDS.
    The advisory lock keeps two workers from sending at once; it ends with the session of a worker
    that dies, and holds no row and no transaction while the mail server is asked.
    """
    with advisory_lock(f"delivery.{delivery_id}") as is_ours:
        if not is_ours:
            return False
        delivery = Delivery.objects.select_related("event__order").get(pk=delivery_id)
        if delivery.sent_at is None and delivery.is_known:
            _send(delivery, timeout)
        return delivery.sent_at is not None


def try_again(delivery_ids: Sequence[int]) -> int:
    """Have unsent deliveries tried at once, given-up ones too; how many that were."""
    unsent = Delivery.objects.unsent().filter(pk__in=delivery_ids)
    afresh = {"attention_at": None, "attempts": 0, "unanswered": 0, "published_at": None}
    return sum(
        unsent.filter(channel=channel).update(**afresh, **{due_column: Now()})
        for channel, due_column in DUE_COLUMNS.items()
    )


def _send(delivery: Delivery, timeout: float | None) -> None:
    order = delivery.event.order
    logs.set_request_id(order.request_id or None)
    logs.bind(order=order.number, delivery=delivery.key)
    crashpoint("mail_not_sent")
    try:
        CHANNELS[delivery.channel].send(
            delivery, taken=partial(_note_sent, delivery), timeout=timeout
        )
    except NotSent as error:
        _postpone(delivery, error)
    except Error:
        raise  # the database is away: no failure of this mail
    except Exception as error:  # one mail with a bug must not stop the others
        log.exception("mail cannot be written")
        _postpone(delivery, Refused(type(error).__name__))


def _note_sent(delivery: Delivery) -> None:
    delivery.sent_at = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        sent_at=Now(),
        next_attempt_at=None,
        due_at=None,
        attempts=F("attempts") + 1,
        last_error="",
    )
    log.info("mail sent", topic=delivery.topic, channel=delivery.channel)


def _postpone(delivery: Delivery, error: NotSent) -> None:
    """Try again later, after a longer pause each time. What is refused often needs a person.

    So does what the mail server may have taken each time: somebody would get it again and again.
    """
    attempts = delivery.attempts + 1
    unanswered = delivery.unanswered + isinstance(error, Unanswered)
    pause = min(BACK_OFF * 2 ** min(attempts - 1, 10), BACK_OFF_MAX)
    now = timezone.now()
    is_refused_often = isinstance(error, Refused) and attempts >= REFUSALS_TO_ATTENTION
    needs_person = is_refused_often or unanswered >= UNANSWERED_TO_ATTENTION
    Delivery.objects.filter(pk=delivery.pk).update(
        attempts=attempts,
        unanswered=unanswered,
        published_at=None,
        last_error=str(error),
        attention_at=now if needs_person else None,
        **{delivery.due_column: None if isinstance(error, NobodyToTell) else now + pause},
    )
    log.warning("mail not sent", attempts=attempts, error=str(error))
