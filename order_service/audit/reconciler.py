"""The reconciler: each minute it compares our books with those of the payment providers and of
product_service, and repairs what is safe.

Each provider is asked through its own gateway; while one is away, what needs its list waits.

    payment left open   a finished order whose payment may still hold money: ask the provider,
                        give back what is held, store how it ended
    payment unknown     the provider holds money that no payment of ours explains: a person decides,
                        unless it is released before
    payment taken       the provider took money, and no order of ours is paid by it, as after a
                        restore: a person decides
    stock left behind   a cancelled order whose reservation is not undone: undo it
    books differ        the ledger does not say what a finished order says: a person

Every find is a row of `Drift`. In no case that we know of does the pipeline leave one of these
behind; the reconciler is there for the others. It is safe to run twice at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial

from django.db.models import Case, DecimalField, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from chassis import logs
from order_service.audit.actions import close_drift, looked_until, note_drift, note_look
from order_service.audit.models import Drift, DriftKind
from order_service.clients.stock import Standing, StockRefused, StockUnavailable
from order_service.orders.models import Order
from order_service.orders.states import TERMINAL, State
from order_service.payments.actions import PaymentChange
from order_service.payments.gateways.base import (
    PaymentRefused,
    PaymentTimeout,
    PaymentUnavailable,
    Voided,
)
from order_service.payments.models import Account, Payment
from order_service.payments.states import LIVE, PaymentState
from order_service.pipeline import steps
from order_service.pipeline.ports import Ports, StepFailed
from order_service.pipeline.set_store import as_claimed
from order_service.pipeline.wiring import production_ports

log = logs.get_logger(__name__)

REST = timedelta(seconds=10)  # a younger change may still be on its way
RECENT = timedelta(minutes=5)  # five runs see every order that ended
OVERLAP = timedelta(minutes=10)  # clocks differ, and a capture is older than the list that has it
MOST = 200  # of each kind in one run
NOTHING = Value(Decimal("0.00"), output_field=DecimalField(max_digits=12, decimal_places=2))
AWAY = (StockUnavailable, PaymentUnavailable, PaymentTimeout)
FAILED = (StockRefused, PaymentRefused, StepFailed)


Repair = Callable[[], None]
Find = tuple[Drift, Repair | None]  # a difference, not stored yet; no repair: it needs a person


def reconcile(ports: Ports | None = None) -> int:
    """Look for every kind of difference; the number of finds."""
    world = ports or production_ports()
    finds = 0
    for look in LOOKS:
        try:
            for drift, repair in look(world):
                finds += 1
                _settle(note_drift(drift), repair)
        except AWAY as error:
            log.warning("reconciler must wait", looking_for=look.__name__, error=repr(error))
        except FAILED as error:
            log.error("reconciler was refused", looking_for=look.__name__, error=repr(error))
    return finds


def open_payments(ports: Ports) -> Iterator[Find]:
    """Payments of finished orders that our own books have as open."""
    payments = Payment.objects.filter(
        state__in=LIVE, order__state__in=TERMINAL, updated_at__lt=timezone.now() - REST
    ).select_related("order")
    for payment in payments.order_by("id")[:MOST]:
        order = payment.order
        yield _left_open(order, {"our state": payment.state}, partial(_undo, order, ports))


def open_authorizations(ports: Ports) -> Iterator[Find]:
    """What the provider holds for finished orders, or for none of ours."""
    open_ones = [
        (provider, each)
        for provider, gateway in ports.payments.all().items()
        for each in gateway.list_open()
    ]
    known = _payments(each.key for _, each in open_ones)
    orders = _by_number(each.order_number for _, each in open_ones if each.key not in known)
    for provider, authorization in open_ones:
        payment = known.get(authorization.key)
        order = orders.get(authorization.order_number)
        if payment is None and order is not None and not order.is_terminal:
            continue  # of a restored shop: the order is about to store its payment again
        if payment is None:
            details = {"order": authorization.order_number, "amount": str(authorization.amount)}
            yield _drift(DriftKind.PAYMENT_UNKNOWN, authorization.reference, details), None
        elif _has_rested(payment.order):
            details = {
                "our state": payment.state,
                "authorization": authorization.reference,
                "amount": str(authorization.amount),
            }
            undo = partial(_void, payment, provider, authorization.reference, ports)
            yield _left_open(payment.order, details, undo)
    held = {authorization.reference for _, authorization in open_ones}
    unknown = Drift.objects.unrepaired().filter(kind=DriftKind.PAYMENT_UNKNOWN)
    for drift in unknown.exclude(reference__in=held):
        close_drift(drift)


def unpaid_takings(ports: Ports) -> Iterator[Find]:
    """What the provider took for orders that are cancelled, or that we do not have.

    A payment's key is stored before the provider is called, so one that is not here was lost. An
    order that is under way may store it again: it is looked at when it has ended.
    """
    until = timezone.now()
    since = looked_until(DriftKind.PAYMENT_TAKEN) - OVERLAP
    taken = [each for one in ports.payments.all().values() for each in one.list_taken(since)]
    known = _payments(each.key for each in taken)
    orders = _by_number(each.order_number for each in taken)
    settled = Drift.objects.filter(kind=DriftKind.PAYMENT_TAKEN, repaired_at__isnull=False)
    references = set(settled.values_list("reference", flat=True))
    for each in taken:
        payment = known.get(each.key)
        order = payment.order if payment else orders.get(each.order_number)
        is_paid_by_it = payment is not None and payment.order.state == State.CONFIRMED
        if order is not None and not _has_rested(order):
            until = min(until, each.at)
        elif not is_paid_by_it and each.reference not in references:
            details = {
                "order": each.order_number,
                "amount": str(each.amount),
                "taken at": each.at.isoformat(timespec="seconds"),
            }
            order_id = order.id if order else None
            yield _drift(DriftKind.PAYMENT_TAKEN, each.reference, details, order_id), None
    note_look(DriftKind.PAYMENT_TAKEN, until)


def _payments(keys: Iterable[str]) -> dict[str, Payment]:
    """Those of ours that have these keys, by key."""
    found = Payment.objects.filter(idempotency_key__in=set(keys)).select_related("order")
    return {payment.idempotency_key: payment for payment in found}


def _by_number(numbers: Iterable[str]) -> dict[str, Order]:
    return {order.number: order for order in Order.objects.filter(number__in=set(numbers))}


def stock_left_behind(ports: Ports) -> Iterator[Find]:
    """Cancelled orders whose reservation still holds or sold something: those of the last minutes,
    and those that were found before and could not be repaired."""
    now = timezone.now()
    found = Drift.objects.unrepaired().filter(kind=DriftKind.STOCK_LEFT_BEHIND)
    waiting = {drift.order_id: drift for drift in found}
    cancelled = Order.objects.filter(
        Q(updated_at__range=(now - RECENT, now - REST))
        | Q(pk__in=waiting, updated_at__lt=now - REST),
        state=State.CANCELLED,
    )
    for order in cancelled.order_by("-updated_at")[:MOST]:
        standing = ports.stock.look_up(order.id)
        if standing in (Standing.HELD, Standing.COMMITTED):
            details = {"reservation": standing}
            drift = _drift(DriftKind.STOCK_LEFT_BEHIND, order.number, details, order.id)
            yield drift, partial(ports.stock.release, order.id)
        elif order.id in waiting:
            close_drift(waiting[order.id])


def wrong_books(ports: Ports) -> Iterator[Find]:
    """Finished orders of the last minutes whose ledger does not say what was paid."""
    owed = Sum("ledger__amount", filter=Q(ledger__account=Account.PROVIDER))
    finished = Order.objects.filter(
        state__in=TERMINAL, updated_at__gt=timezone.now() - RECENT
    ).annotate(
        booked=Coalesce(owed, NOTHING),
        due=Case(When(state=State.CONFIRMED, then=F("total")), default=NOTHING),
    )
    wrong = finished.exclude(booked=F("due")).values_list("id", "number", "booked", "due")
    for order_id, number, booked, due in wrong[:MOST]:
        details = {"booked": str(booked), "due": str(due)}
        yield _drift(DriftKind.BOOKS_DIFFER, number, details, order_id), None


LOOKS = (open_payments, open_authorizations, unpaid_takings, stock_left_behind, wrong_books)


def _settle(drift: Drift, repair: Repair | None) -> None:
    """Repair it if that is safe."""
    if repair is None:
        return
    try:
        repair()
    except (*AWAY, *FAILED) as error:
        log.error("drift not repaired", reference=drift.reference, error=repr(error))
    else:
        close_drift(drift)


def _drift(
    kind: DriftKind, reference: str, details: Mapping[str, str], order_id: uuid.UUID | None = None
) -> Drift:
    return Drift(kind=kind, reference=reference, details=details, order_id=order_id)


def _left_open(order: Order, details: Mapping[str, str], repair: Repair) -> Find:
    """A paid order's payment needs a person: the money was taken, so nothing is given back."""
    is_paid = order.state == State.CONFIRMED
    drift = _drift(DriftKind.PAYMENT_LEFT_OPEN, order.number, details, order.id)
    return drift, None if is_paid else repair


def _undo(order: Order, ports: Ports) -> None:
    """The pipeline's own undo, which asks the provider first; then our books follow."""
    claimed = as_claimed(order, order.updated_at)  # finished: nobody holds a lease on it
    change = steps.void_payment(claimed, ports)
    if change is not None:
        ports.store.record_payment(claimed, change)


def _void(payment: Payment, provider: str, reference: str, ports: Ports) -> None:
    """Under a key of its own: ours may have been spent on another authorization."""
    key = f"{payment.idempotency_key}:void:{reference}"
    voided = ports.payments.of(provider).void(reference, key)
    if not isinstance(voided, Voided):
        raise StepFailed("the payment of a cancelled order was captured")
    change = PaymentChange(payment.pk, PaymentState.VOIDED, reference)
    order = payment.order
    ports.store.record_payment(as_claimed(order, order.updated_at), change)


def _has_rested(order: Order) -> bool:
    return order.is_terminal and order.updated_at < timezone.now() - REST
