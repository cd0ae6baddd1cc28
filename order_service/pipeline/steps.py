"""One function a step: talk to one service, say where the order goes next.

Each may be repeated at any time, by any worker, after any crash: the callee recognises the order
id or the stored key. An outcome that is not known is asked for by the same call under the same key
while the provider remembers it, and looked up by reference or in the provider's list later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from order_service.clients.stock import Short, Standing
from order_service.orders.crashpoints import crashpoint
from order_service.orders.states import Reason, State
from order_service.payments.actions import PaymentChange, PaymentRecord
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    PaymentRequest,
    PaymentStanding,
    PaymentTimeout,
    Voided,
)
from order_service.payments.states import PaymentState
from order_service.pipeline.ports import Claimed, Move, Ports, StepFailed, Wait

CLOCKS_DIFFER = timedelta(minutes=10)  # ours and the provider's
Step = Callable[[Claimed, Ports], Move | Wait]


def capture_key(payment: PaymentRecord) -> str:
    """Always the same: a capture that is repeated after a crash takes the money once."""
    return f"{payment.key}:capture"


def reserve_stock(order: Claimed, ports: Ports) -> Move:
    crashpoint("reserve_not_called")
    held = _hold(order, ports)
    crashpoint("reserved_not_stored")
    return _out_of_stock(held) if isinstance(held, Short) else Move(State.RESERVED)


def authorize_payment(order: Claimed, ports: Ports) -> Move | Wait:
    crashpoint("payment_not_stored")
    provider = ports.payments.provider_for(order.payment_token)
    payment = ports.store.open_payment(order, provider)
    if payment is None:  # somebody else moved the order
        return Wait(timedelta(0))
    crashpoint("payment_stored_not_called")
    with _unknown_without_answer(order, ports, payment):
        outcome = ports.call(
            lambda: _standing(order, ports, payment) or _authorize(order, ports, payment)
        )
    crashpoint("authorized_not_stored")
    if isinstance(outcome, ActionRequired):
        change = PaymentChange(
            payment.id, PaymentState.ACTION_REQUIRED, outcome.reference, outcome.url
        )
        waiting = ports.policy.awaiting_shopper
        return Move(State.AWAITING_SHOPPER, payment=change, awaiting_for=waiting)
    return _decided(payment, outcome)


def await_shopper(order: Claimed, ports: Ports) -> Move | Wait:
    payment = _payment(order, ports)
    standing = ports.call(lambda: _standing(order, ports, payment))
    if standing is None:
        raise StepFailed("the provider does not have the payment that the shopper confirms")
    if not isinstance(standing, ActionRequired):
        return _decided(payment, standing)
    if order.awaiting_until and ports.now() >= order.awaiting_until:
        return Move(State.CANCELLING, Reason.EXPIRED)
    return Wait(ports.policy.awaiting_poll)


def commit_stock(order: Claimed, ports: Ports) -> Move:
    """Take the stock for good; a reservation that ran out is held anew if stock is left.

    If none is left, the reservation is refused for good, and so is each commit after that.
    """
    committed = ports.stock.commit(order.id)
    if committed is Standing.EXPIRED:
        crashpoint("expired_not_held")
        committed = _hold(order, ports) or ports.stock.commit(order.id)
    crashpoint("committed_not_stored")
    if isinstance(committed, Short):
        return _out_of_stock(committed)
    if committed is not Standing.COMMITTED:
        raise StepFailed(f"commit gave {committed}")
    return Move(State.COMMITTED)


def capture_payment(order: Claimed, ports: Ports) -> Move:
    """The pivot: before it everything can be undone, after it the way is only forward."""
    payment = _payment(order, ports)
    with _unknown_without_answer(order, ports, payment):
        outcome = ports.call(lambda: _capture(order, ports, payment))
    crashpoint("captured_not_stored")
    if isinstance(outcome, Captured):
        change = PaymentChange(payment.id, PaymentState.CAPTURED, payment.reference)
        return Move(State.CONFIRMED, payment=change)
    # Still authorized: the undo gives the money back.
    change = PaymentChange(
        payment.id, PaymentState.AUTHORIZED, payment.reference, reason=outcome.reason
    )
    return Move(State.CANCELLING, Reason.PAYMENT_DECLINED, payment=change)


def void_payment(order: Claimed, ports: Ports) -> PaymentChange | None:
    """Undo: whatever is held, or may come to be held, is given back."""
    payment = ports.store.find_payment(order)
    if payment is None or payment.state in (PaymentState.DECLINED, PaymentState.VOIDED):
        return None
    reference = payment.reference or _find_reference(order, ports, payment)
    if reference is None:
        return PaymentChange(payment.id, PaymentState.VOIDED)
    gateway = ports.payments.of(payment.provider)
    voided = ports.call(lambda: gateway.void(reference, f"{payment.key}:void"))
    if not isinstance(voided, Voided):
        raise StepFailed("the payment of a cancelled order was captured")
    crashpoint("voided_not_stored")
    return PaymentChange(payment.id, PaymentState.VOIDED, reference)


def release_stock(order: Claimed, ports: Ports) -> None:
    """Undo: held, expired and committed stock goes back; nothing held is fine as well."""
    ports.stock.release(order.id)
    crashpoint("released_not_stored")


def _hold(order: Claimed, ports: Ports) -> Short | None:
    """Put all lines aside, or say which are short."""
    lifetime = int(ports.policy.reservation.total_seconds())
    match ports.stock.reserve(order.id, ports.store.lines(order), lifetime):
        case Short() as short:
            return short
        case Standing.HELD | Standing.COMMITTED:
            return None
        case _:
            raise StepFailed("the reservation was released, yet the order goes on")


@contextmanager
def _unknown_without_answer(order: Claimed, ports: Ports, payment: PaymentRecord) -> Iterator[None]:
    """A keyed call without an answer leaves the payment `unknown`."""
    try:
        yield
    except PaymentTimeout:
        unknown = PaymentChange(payment.id, PaymentState.UNKNOWN, payment.reference)
        ports.store.record_payment(order, unknown)
        raise


def _standing(order: Claimed, ports: Ports, payment: PaymentRecord) -> PaymentStanding | None:
    """How the authorization of a payment stands, which is made if it was not.

    None: it never arrived, and its key is so old that no call under it is on its way any more.
    """
    gateway = ports.payments.of(payment.provider)
    if payment.reference:
        return gateway.look_up(payment.reference)
    if not _is_remembered(order.placed_at, payment, ports):
        for found in gateway.find(order.number, order.placed_at - CLOCKS_DIFFER):
            if found.key == payment.key:
                return found.standing
        if not _is_remembered(payment.created_at, payment, ports):
            return None
    return _authorize(order, ports, payment)


def _authorize(order: Claimed, ports: Ports, payment: PaymentRecord) -> PaymentStanding:
    request = PaymentRequest(payment.key, order.number, order.amount, order.return_url)
    return ports.payments.of(payment.provider).authorize(request, order.payment_token)


def _capture(order: Claimed, ports: Ports, payment: PaymentRecord) -> Captured | Declined:
    gateway = ports.payments.of(payment.provider)
    if not _is_remembered(order.placed_at, payment, ports):
        standing = gateway.look_up(payment.reference)
        if isinstance(standing, Captured):
            return standing
    return gateway.capture(payment.reference, order.amount, capture_key(payment))


def _is_remembered(since: datetime, payment: PaymentRecord, ports: Ports) -> bool:
    """Whether the provider surely knows the payment's keys if they reached it at `since` or later.

    That is since the order was placed: a restore may have lost a payment that it puts back.
    """
    return ports.now() - since < ports.payments.of(payment.provider).keys_live


def _find_reference(order: Claimed, ports: Ports, payment: PaymentRecord) -> str | None:
    """The provider's reference of an authorization whose outcome we never stored, if any.

    A call that timed out, or one that a frozen worker is about to make, may still arrive. So it
    is made once more under its key: the answer is definite, and no money is held after the undo.
    """
    match ports.call(lambda: _standing(order, ports, payment)):
        case Authorized(reference) | ActionRequired(reference, _) | Voided(reference):
            return reference
        case Declined() | None:
            return None
        case Captured():
            raise StepFailed("the payment of a cancelled order was captured")


def _payment(order: Claimed, ports: Ports) -> PaymentRecord:
    payment = ports.store.find_payment(order)
    if payment is None:
        raise StepFailed("there is no payment to work on")
    return payment


def _decided(payment: PaymentRecord, outcome: Authorized | Captured | Declined | Voided) -> Move:
    """Where the end of an authorization leads. Captured: before the databases were restored."""
    if isinstance(outcome, Authorized | Captured):
        change = PaymentChange(payment.id, PaymentState.AUTHORIZED, outcome.reference)
        return Move(State.AUTHORIZED, payment=change)
    reason = outcome.reason if isinstance(outcome, Declined) else "authorization_voided"
    change = PaymentChange(payment.id, PaymentState.DECLINED, payment.reference, reason=reason)
    return Move(State.CANCELLING, Reason.PAYMENT_DECLINED, payment=change)


def _out_of_stock(short: Short) -> Move:
    return Move(State.CANCELLING, Reason.OUT_OF_STOCK, short=short.lines)
