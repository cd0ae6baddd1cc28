"""An order in the shopper's words: the line of steps, what happened, whether money moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storefront.clients.order_answers import Order

# Label, and the state whose first event gives the time. Packing and delivery follow confirmation.
LINE = (
    ("Received", "placed"),
    ("Stock reserved", "reserved"),
    ("Paid", "confirmed"),
    ("Packed", "packed"),
    ("Shipped", "shipped"),
    ("Delivered", "delivered"),
)

UNDER_WAY = {
    "placed": ("We have your order", "Next we reserve your products."),
    "reserved": ("Your products are reserved", "Next your bank is asked for its approval."),
    "awaiting_shopper": (
        "Your bank wants you to confirm",
        "Your products stay reserved for you while you do that.",
    ),
    "authorized": ("Your bank has approved", "We are finishing your order."),
    "committed": ("Almost done", "Your products are yours; the payment is being completed."),
    "confirmed": ("Thank you, your order is confirmed", "We pack it next."),
    "cancelling": ("Your order is being cancelled", "We release what was reserved for it."),
}

CANCELLED = {
    "out_of_stock": (
        "Sold out before we could reserve it",
        "Other orders came first, so we cancelled this one.",
        "You can order what is left, or choose something similar.",
    ),
    "payment_declined": (
        "Your payment was declined",
        "Your bank or card said no, so we cancelled the order.",
        "Put the products back into the cart, then choose another way to pay.",
    ),
    "shopper": ("Order cancelled", "You cancelled this order.", "You can order again any time."),
    "staff": ("Order cancelled", "Our team cancelled this order.", "You can order again any time."),
    "expired": (
        "Order cancelled",
        "Your bank's confirmation did not arrive in time.",
        "You can order again; your products may still be there.",
    ),
}
CANCELLED_OTHERWISE = ("Order cancelled", "We could not complete it.", "You can order again.")

MONEY = {
    "pending": "No money has moved yet.",
    "authorized": "The amount is reserved at your bank; it is not charged yet.",
    "paid": "The amount was charged once.",
    "voided": "The amount reserved at your bank was released; nothing was charged.",
    "declined": "Nothing was charged.",
}
MONEY_CANCELLED = {**MONEY, "pending": "No money moved."}
MONEY_WHILE_CANCELLING = "Nothing is charged; an amount reserved at your bank is released."


@dataclass(frozen=True)
class Stop:
    """One stop of the line: done, current, open or failed."""

    label: str
    at: datetime | None
    status: str


@dataclass(frozen=True)
class Progress:
    tone: str  # ok, bad or busy
    headline: str
    happened: str
    money: str
    next: str
    stops: tuple[Stop, ...]


def progress(order: Order) -> Progress:
    if order.state == "cancelled":
        headline, happened, following = CANCELLED.get(order.reason or "", CANCELLED_OTHERWISE)
        money = MONEY_CANCELLED.get(order.payment_status, "")
        return Progress("bad", headline, happened, money, following, _stops_to_cancelled(order))
    headline, happened = UNDER_WAY.get(order.state, ("Your order is being processed", ""))
    tone = "ok" if order.state == "confirmed" else "busy"
    return Progress(tone, headline, happened, _money(order), "", _stops(order))


def _money(order: Order) -> str:
    if order.state == "cancelling":
        return MONEY_WHILE_CANCELLING
    return MONEY.get(order.payment_status, "")


def _stops(order: Order) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    for label, state in LINE:
        at = order.reached_at(state)
        previous_done = not stops or stops[-1].status == "done"
        status = "done" if at else "current" if previous_done else "open"
        stops.append(Stop(label, at, status))
    return tuple(stops)


def _stops_to_cancelled(order: Order) -> tuple[Stop, ...]:
    done = [stop for stop in _stops(order) if stop.status == "done"]
    return (*done, Stop("Cancelled", order.reached_at("cancelled"), "failed"))
