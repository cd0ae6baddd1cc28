"""The states of an order, why it may end, and the one table of moves that are allowed.

    placed --> reserved --> authorized --> committed --> confirmed
                   `-> awaiting_shopper -^     |
    any before committed, or committed when the capture is declined --> cancelling --> cancelled

The same table is enforced by a trigger in the database (migration `order_moves`) and checked once
more by the audit.
"""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    """Where an order stands; each state names what has been done, not what is being done."""

    PLACED = "placed"  # accepted and stored; nothing reserved, nothing paid
    RESERVED = "reserved"  # product_service holds the stock for a while
    AWAITING_SHOPPER = "awaiting_shopper"  # the bank wants the shopper to confirm
    AUTHORIZED = "authorized"  # the provider holds the money
    COMMITTED = "committed"  # the stock is ours for good; only the capture is left
    CONFIRMED = "confirmed"  # paid: the end that everybody wants
    CANCELLING = "cancelling"  # decided against; what was done is being undone
    CANCELLED = "cancelled"  # nothing held, nothing charged; see the reason


class Reason(TextChoices):
    """Why an order was cancelled."""

    OUT_OF_STOCK = "out_of_stock"
    PAYMENT_DECLINED = "payment_declined"
    SHOPPER = "shopper"
    STAFF = "staff"
    EXPIRED = "expired"  # the shopper did not confirm the payment in time


class PaymentStatus(TextChoices):
    """How the money stands; derived from the payments, written by one action."""

    PENDING = "pending"  # nothing held
    AUTHORIZED = "authorized"  # held, not taken
    PAID = "paid"  # taken
    DECLINED = "declined"  # refused by the bank
    VOIDED = "voided"  # held once, given back


class FulfilmentStatus(TextChoices):
    """How far the parcel is."""

    UNFULFILLED = "unfulfilled"


MOVES: dict[State, frozenset[State]] = {
    State.PLACED: frozenset({State.RESERVED, State.CANCELLING}),
    State.RESERVED: frozenset({State.AWAITING_SHOPPER, State.AUTHORIZED, State.CANCELLING}),
    State.AWAITING_SHOPPER: frozenset({State.AUTHORIZED, State.CANCELLING}),
    State.AUTHORIZED: frozenset({State.COMMITTED, State.CANCELLING}),
    State.COMMITTED: frozenset({State.CONFIRMED, State.CANCELLING}),
    State.CONFIRMED: frozenset(),
    State.CANCELLING: frozenset({State.CANCELLED}),
    State.CANCELLED: frozenset(),
}

TERMINAL = frozenset(state for state, onward in MOVES.items() if not onward)
# From committed on money may be moving: a person's cancel is refused.
CANCELLABLE = frozenset({State.PLACED, State.RESERVED, State.AWAITING_SHOPPER, State.AUTHORIZED})
