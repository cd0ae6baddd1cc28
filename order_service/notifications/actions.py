"""Carrying out deliveries: each is sent until it succeeds, and never again after that."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from chassis import logs
from order_service.notifications.channels import CHANNELS
from order_service.notifications.failures import Away, NobodyToTell, NotSent, Refused, Unanswered
from order_service.notifications.locks import locked
from order_service.notifications.sent import Sent
from order_service.orders.crashpoints import crashpoint
from order_service.orders.models import DUE_COLUMNS, Delivery, Topic
from order_service.orders.querysets import DeliveryQuerySet

log = logs.get_logger(__name__)

BACK_OFF = timedelta(seconds=5)
BACK_OFF_MAX = timedelta(seconds=300)
REFUSALS_TO_ATTENTION = 12
UNANSWERED_TO_ATTENTION = 3  # so many copies may have arrived
RESENDS = 3  # times ORDER_RESEND until a delivery is announced again: a mail server may be slow
BEGUN = "no outcome was stored"  # last_error of a delivery that is under way with others
LARGEST_SET = 32  # deliveries over one connection; many mail servers hang up after a hundred
LOOKED_AT = 200  # deliveries among which a set is chosen, so that several workers choose others


def deliver(delivery_id: int, *, timeout: float | None = None) -> bool:
    """Send what the delivery says, unless that was done; True if it is sent by now.

    `timeout` in seconds is for each answer of the mail server; None is EMAIL_TIMEOUT_SECONDS.
    """
    deliver_together([delivery_id], timeout=timeout)
    return Delivery.objects.filter(pk=delivery_id, sent_at__isnull=False).exists()


def deliver_together(
    delivery_ids: Sequence[int], *, timeout: float | None = None, until: float = math.inf
) -> bool | None:
    """Send what these deliveries say, over one connection; False if the mail server is away.

    None if nothing was left to this call: others send them, or did, or only the next release can.
    One begins, and none later than `until` on the monotonic clock: those that are left are due at
    once.
    """
    with locked(delivery_ids) as ours:
        unsent = _unsent(ours) if ours else []
        if not unsent:
            return None
        failures: dict[int, NotSent | None] = {}
        for deliveries in _sets(unsent):
            _send(deliveries, timeout, until, failures)
            left = [each for each in deliveries if each.pk not in failures]
            Delivery.objects.bulk_update(left, ["last_error"])  # as it was before BEGUN
            _give_back([each.pk for each in left])
        return not any(isinstance(each, Away) for each in failures.values())


def announced(besides: Collection[int] = ()) -> list[int]:
    """A set of deliveries that workers were told of, and that none has tried since.

    One that a worker sends by itself may be among them: `besides` names those to pass over.
    """
    soon = Now() + settings.ORDER_RESEND * RESENDS  # only what was postponed is due later than that
    untried = _told().exclude(last_error=BEGUN).due_by(soon, DUE_COLUMNS)
    looked_at = untried.values_list("pk", flat=True)[:LOOKED_AT]
    found = [each for each in looked_at if each not in besides]
    return random.sample(found, min(len(found), LARGEST_SET))


def give_back(delivery_ids: Sequence[int]) -> None:
    """Of these deliveries, have those announced again at once that nobody sends or has tried."""
    with locked(delivery_ids) as ours:
        _give_back(ours)


def _give_back(ours: Sequence[int]) -> None:
    """Under their locks. What failed meanwhile is no longer announced, and keeps its pause."""
    if ours:
        _make_due(_told().filter(pk__in=ours))


def _told() -> DeliveryQuerySet:
    unsent = Delivery.objects.unsent().filter(attention_at=None, published_at__isnull=False)
    return unsent.filter(topic__in=Topic.values)  # others are the next release's


def try_again(delivery_ids: Sequence[int]) -> int:
    """Have unsent deliveries tried at once, given-up ones too; how many that were."""
    unsent = Delivery.objects.unsent().filter(pk__in=delivery_ids)
    return _make_due(unsent, attention_at=None, attempts=0, unanswered=0)


def _make_due(deliveries: QuerySet[Delivery], **changes: int | None) -> int:
    return sum(
        deliveries.filter(channel=channel).update(
            published_at=None, **changes, **{due_column: Now()}
        )
        for channel, due_column in DUE_COLUMNS.items()
    )


def _unsent(delivery_ids: Sequence[int]) -> list[Delivery]:
    rows = Delivery.objects.unsent().filter(pk__in=delivery_ids).select_related("event__order")
    return [row for row in rows.prefetch_related("event__order__lines") if row.is_known]


def _sets(deliveries: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
    """All together, then each alone whose worker died while it was under way with others.

    Of these it may have been any. Alone each is stored by itself, and if the worker dies again, the
    next one takes them in another order. Among the others, those that failed before are the last:
    they may take their time again.
    """
    together = [each for each in deliveries if not _must_be_alone(each)]
    alone = [each for each in deliveries if _must_be_alone(each)]
    if len(together) > 1:
        Delivery.objects.filter(pk__in=[each.pk for each in together]).update(last_error=BEGUN)
    if together:
        yield sorted(together, key=attrgetter("channel", "attempts"))
    for each in random.sample(alone, len(alone)):
        yield [each]


def _must_be_alone(delivery: Delivery) -> bool:
    return delivery.last_error == BEGUN


def _send(
    deliveries: Iterable[Delivery],
    timeout: float | None,
    until: float,
    failures: dict[int, NotSent | None],
) -> None:
    """Adds the id of each that was tried to `failures`, with why it failed, if it did."""

    def begun(deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
        for delivery in deliveries:
            if failures and time.monotonic() >= until:
                break
            _begin(delivery)
            yield delivery
        sent.store()  # before the channel takes its leave: a server may let it wait

    for channel, theirs in groupby(deliveries, key=attrgetter("channel")):
        sent = Sent()
        told = CHANNELS[channel].send(begun(theirs), timeout=timeout)
        with closing(told), sent:
            for delivery, error in told:
                if error is None:
                    sent.add(delivery)
                else:
                    _postpone(delivery, error)
                failures[delivery.pk] = error


def _begin(delivery: Delivery) -> None:
    order = delivery.event.order
    logs.set_request_id(order.request_id or None)
    logs.bind(order=order.number, delivery=delivery.key)
    crashpoint("mail_not_sent")


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
