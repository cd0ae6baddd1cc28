"""One function a step: talk to one service, say where the order goes next.

Each may be repeated at any time, by any worker, after any crash: the callee recognises the order
id or the stored key, and an outcome that is not known is looked up before anything is repeated.
"""

from __future__ import annotations

from collections.abc import Callable

from order_service.clients.reservations import Committed, Expired, Held, Released, Short
from order_service.orders.crashpoints import crashpoint
from order_service.orders.states import Reason, State
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    NeverSeen,
    PaymentRequest,
    PaymentTimeout,
    Voided,
)
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import (
    Claimed,
    Move,
    PaymentChange,
    PaymentRecord,
    Ports,
    StepFailed,
    Wait,
)

Outcome = Authorized | Declined | ActionRequired | Captured | Voided | NeverSeen
Step = Callable[[Claimed, Ports], Move | Wait]


class Overtaken(Exception):
    """Somebody else moved the order; this worker has nothing to do with it any more."""


def capture_key(payment: PaymentRecord) -> str:
    """Always the same: a capture that is repeated after a crash takes the money once."""
    return f"{payment.key}:capture"


def void_key(payment: PaymentRecord) -> str:
    return f"{payment.key}:void"


def reserve_stock(order: Claimed, ports: Ports) -> Move:
    crashpoint("reserve_not_called")
    held = _hold(order, ports)
    crashpoint("reserved_not_stored")
    return _out_of_stock(held) if isinstance(held, Short) else Move(State.RESERVED)


def authorize_payment(order: Claimed, ports: Ports) -> Move:
    crashpoint("payment_not_stored")
    payment = ports.store.open_payment(order)
    if payment is None:
        raise Overtaken
    crashpoint("payment_stored_not_called")
    outcome = _ask(
        order,
        ports,
        payment,
        payment.key,
        lambda: _authorize(order, ports, payment),
        is_unsure=not payment.is_fresh,
    )
    crashpoint("authorized_not_stored")
    match outcome:
        # Captured: before the databases were restored.
        case Authorized(reference) | Captured(reference):
            change = _changed(payment, PaymentState.AUTHORIZED, reference)
            return Move(State.AUTHORIZED, payment=change)
        case ActionRequired(reference, url):
            change = PaymentChange(payment.id, PaymentState.ACTION_REQUIRED, reference, url)
            waiting = ports.policy.awaiting_shopper
            return Move(State.AWAITING_SHOPPER, payment=change, awaiting_for=waiting)
        case Declined(reason):
            return _declined(payment, reason)
        case Voided():
            return _declined(payment, "authorization_voided")
    raise StepFailed(f"authorize gave {outcome}")


def await_shopper(order: Claimed, ports: Ports) -> Move | Wait:
    payment = _payment(order, ports)
    match ports.payments.look_up(payment.key):
        case Authorized(reference) | Captured(reference):
            change = _changed(payment, PaymentState.AUTHORIZED, reference)
            return Move(State.AUTHORIZED, payment=change)
        case Declined(reason):
            return _declined(payment, reason)
        case Voided():
            return _declined(payment, "authorization_voided")
        case ActionRequired():
            if order.awaiting_until and ports.clock.now() >= order.awaiting_until:
                return Move(State.CANCELLING, Reason.EXPIRED)
            return Wait(ports.policy.awaiting_poll)
        case other:
            raise StepFailed(f"waiting for the shopper found {other}")


def commit_stock(order: Claimed, ports: Ports) -> Move:
    """Take the stock for good; a reservation that ran out is held anew if stock is left.

    If none is left, the reservation is refused for good, and so is each commit after that.
    """
    committed = ports.stock.commit(order.id)
    if isinstance(committed, Expired):
        crashpoint("expired_not_held")
        committed = _hold(order, ports) or ports.stock.commit(order.id)
    crashpoint("committed_not_stored")
    if isinstance(committed, Short):
        return _out_of_stock(committed)
    if not isinstance(committed, Committed):
        raise StepFailed(f"commit gave {committed}")
    return Move(State.COMMITTED)


def capture_payment(order: Claimed, ports: Ports) -> Move:
    """The pivot: before it everything can be undone, after it the way is only forward."""
    payment = _payment(order, ports)
    key = capture_key(payment)
    outcome = _ask(
        order,
        ports,
        payment,
        key,
        lambda: ports.payments.capture(payment.reference, order.amount, key),
        is_unsure=not order.is_fresh,
    )
    crashpoint("captured_not_stored")
    match outcome:
        case Captured():
            change = _changed(payment, PaymentState.CAPTURED, payment.reference)
            return Move(State.CONFIRMED, payment=change)
        case Declined(reason):
            # Still authorized: the undo gives the money back.
            change = PaymentChange(
                payment.id, PaymentState.AUTHORIZED, payment.reference, reason=reason
            )
            return Move(State.CANCELLING, Reason.PAYMENT_DECLINED, payment=change)
    raise StepFailed(f"capture gave {outcome}")


def void_payment(order: Claimed, ports: Ports) -> PaymentChange | None:
    """Undo: whatever is held, or may come to be held, is given back."""
    payment = ports.store.find_payment(order)
    if payment is None or payment.state in (PaymentState.DECLINED, PaymentState.VOIDED):
        return None
    reference = payment.reference or _find_reference(order, ports, payment)
    if reference is None:
        return _changed(payment, PaymentState.VOIDED, "")
    match ports.payments.void(reference, void_key(payment)):
        case Voided():
            crashpoint("voided_not_stored")
            return _changed(payment, PaymentState.VOIDED, reference)
        case Captured():
            raise StepFailed("the payment of a cancelled order was captured")


def release_stock(order: Claimed, ports: Ports) -> None:
    """Undo: held, expired and committed stock goes back; nothing held is fine as well."""
    ports.stock.release(order.id)
    crashpoint("released_not_stored")


def _hold(order: Claimed, ports: Ports) -> Short | None:
    """Put all lines aside, or say which are short."""
    lifetime = int(ports.policy.reservation.total_seconds())
    match ports.stock.reserve(order.id, ports.store.lines(order), lifetime):
        case Held() | Committed():
            return None
        case Short() as short:
            return short
        case Released():
            raise StepFailed("the reservation was released, yet the order goes on")


def _ask(
    order: Claimed,
    ports: Ports,
    payment: PaymentRecord,
    key: str,
    call: Callable[[], Outcome],
    *,
    is_unsure: bool,
) -> Outcome:
    """The outcome of a keyed call. One that may have been made is looked up before it is made.

    A call without an answer leaves the payment `unknown`, and raises PaymentTimeout.
    """
    if is_unsure:
        earlier = ports.payments.look_up(key)
        if not isinstance(earlier, NeverSeen):
            return earlier
    try:
        return call()
    except PaymentTimeout:
        unknown = _changed(payment, PaymentState.UNKNOWN, payment.reference)
        ports.store.record_payment(order, unknown)
        raise


def _authorize(order: Claimed, ports: Ports, payment: PaymentRecord) -> Outcome:
    request = PaymentRequest(payment.key, order.number, order.amount, order.return_url)
    return ports.payments.authorize(request, order.payment_token)


def _find_reference(order: Claimed, ports: Ports, payment: PaymentRecord) -> str | None:
    """The provider's reference of an authorization whose outcome we never stored, if any.

    A call that timed out, or one that a frozen worker is about to make, may still arrive. So it
    is made once more under its key: the answer is definite, and nothing comes alive after the undo.
    """
    outcome: Outcome = ports.payments.look_up(payment.key)
    if isinstance(outcome, NeverSeen):
        outcome = _authorize(order, ports, payment)
    match outcome:
        case Authorized(reference) | ActionRequired(reference, _) | Voided(reference):
            return reference
        case Declined() | NeverSeen():
            return None
        case Captured():
            raise StepFailed("the payment of a cancelled order was captured")


def _payment(order: Claimed, ports: Ports) -> PaymentRecord:
    payment = ports.store.find_payment(order)
    if payment is None:
        raise StepFailed("there is no payment to work on")
    return payment


def _changed(payment: PaymentRecord, state: PaymentState, reference: str) -> PaymentChange:
    return PaymentChange(payment.id, state, reference)


def _declined(payment: PaymentRecord, reason: str) -> Move:
    change = PaymentChange(payment.id, PaymentState.DECLINED, payment.reference, reason=reason)
    return Move(State.CANCELLING, Reason.PAYMENT_DECLINED, payment=change)


def _out_of_stock(short: Short) -> Move:
    return Move(State.CANCELLING, Reason.OUT_OF_STOCK, short=short.lines)
