"""What people may do to an order: cancel it, try one that needs attention again, renew links."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from chassis import logs
from chassis.errors import Conflict
from order_service.orders import metrics
from order_service.orders.events import record_event
from order_service.orders.links import has_ended
from order_service.orders.models import Delivery, Order, OrderEvent, Topic
from order_service.orders.states import CANCELLABLE, Reason, State

log = logs.get_logger(__name__)

TOO_LATE = {
    State.COMMITTED: "Your card is being charged right now, so it is too late to cancel.",
    State.CONFIRMED: "It is paid and can no longer be cancelled.",
}
LINK_MAIL_PAUSE = timedelta(hours=1)  # between two mails that shoppers ask for


class CancelNotAllowed(Conflict):
    """Too late: the payment is being taken, or was. An order can be cancelled as long as `cancel`
    is in its `allowed_actions`."""

    code, title = "cancel_not_allowed", "The order can no longer be cancelled"


class RetryNotNeeded(Conflict):
    """The order is being processed by itself. Retry only orders that need attention."""

    code, title = "retry_not_needed", "The order does not need attention"


def cancel_order(*, order_id: uuid.UUID, actor: str, reason: Reason) -> bool:
    """Decide against the order; the undo follows. False if that was decided before.

    The lease is left alone: a worker that is in the middle of a step finds its fence closed, and
    the undo begins when the lease is free. Raises CancelNotAllowed once money may be moving.
    """
    while True:
        order = Order.objects.only("state", "version").get(pk=order_id)
        state = State(order.state)
        if state in (State.CANCELLING, State.CANCELLED):
            return False
        if state not in CANCELLABLE:
            raise CancelNotAllowed(TOO_LATE[state])
        if _decide_against(order, actor, reason):
            return True


def retry_order(*, order_id: uuid.UUID) -> None:
    """Let the workers try an order that needs attention again, now. Raises RetryNotNeeded."""
    order = Order.objects.filter(pk=order_id, attention_at__isnull=False)
    if not order.update(
        attention_at=None,
        failures=0,
        attempts=0,
        lease_until=None,
        published_at=None,
        next_attempt_at=Now(),
    ):
        raise RetryNotNeeded("Only orders that need attention can be retried.")


@transaction.atomic
def revoke_links(*, order_id: uuid.UUID, actor: str) -> None:
    """End every link of the order that is out, and mail a new one to its address."""
    order = Order.objects.select_for_update().get(pk=order_id)
    _renew_link(order)
    _mail_link(order)
    log.info("links revoked", order=order.number, actor=actor)


@transaction.atomic
def mail_link(*, order_id: uuid.UUID) -> None:
    """Mail a link that works; within an hour of the last such mail it is not repeated.

    A link that works stays as it is: asking for a mail takes nothing from whoever holds one.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if has_ended(order):
        _renew_link(order)
    elif _was_mailed_lately(order):
        return
    _mail_link(order)


def _renew_link(order: Order) -> None:
    order.link_version += 1
    order.link_renewed_at = timezone.now()
    order.save(update_fields=["link_version", "link_renewed_at"])


def _was_mailed_lately(order: Order) -> bool:
    newest = Delivery.objects.link_mails_of(order.id).order_by("-id").first()
    if newest is None:
        return False
    return newest.sent_at is None or newest.sent_at > timezone.now() - LINK_MAIL_PAUSE


def _mail_link(order: Order) -> None:
    """The mail hangs on the order's newest event: a new link is no move of the order."""
    before = Delivery.objects.link_mails_of(order.id).count()
    key = f"{order.id}.{order.link_version}.{Topic.ORDER_LINK}.{before + 1}"
    event = order.events.latest("version")
    Delivery.objects.create(event=event, topic=Topic.ORDER_LINK, key=key)


def _decide_against(order: Order, actor: str, reason: Reason) -> bool:
    with transaction.atomic():
        moved = Order.objects.filter(pk=order.pk, state=order.state, version=order.version).update(
            state=State.CANCELLING,
            version=order.version + 1,
            reason=reason,
            attempts=0,
            failures=0,
            attention_at=None,
            published_at=None,
            next_attempt_at=Greatest(F("lease_until"), Now()),  # PostgreSQL skips a NULL
            updated_at=Now(),
        )
        if moved:
            record_event(
                OrderEvent(
                    order=order,
                    version=order.version + 1,
                    from_state=order.state,
                    to_state=State.CANCELLING,
                    actor=actor,
                    data={"reason": reason},
                )
            )
            metrics.moved(State.CANCELLING, reason)
    return bool(moved)
