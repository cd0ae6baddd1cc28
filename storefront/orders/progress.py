"""An order in the shopper's words: the line of steps, what happened, whether money moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storefront.clients.order_answers import Order
from storefront.templatetags.shop import money

# Label, and the state whose first event gives the time. Packing and shipping are not told yet.
LINE = (("Received", "placed"), ("Reserved", "reserved"), ("Paid", "confirmed"))

UNDER_WAY = {
    "placed": ("We have your order", "Next, we reserve your items."),
    "reserved": ("Your items are reserved", "Next, we ask your bank to approve the payment."),
    "awaiting_shopper": (
        "Please confirm with your bank",
        "Your bank asks you to confirm the payment. We keep your items reserved while you do.",
    ),
    "authorized": ("Your bank has approved the payment", "We are completing your order."),
    "committed": ("Almost done", "The items are yours, and we are completing the payment."),
    "confirmed": ("Thank you, your order is confirmed", "We’ll pack your order next."),
    "cancelling": ("Your order is being cancelled", "We are releasing what was reserved for it."),
}

CANCELLED = {
    "out_of_stock": (
        "Sold out before we could reserve it",
        "Other orders came first, so we cancelled this one.",
        "You can order what is left, or choose something similar.",
    ),
    "payment_declined": (
        "Your payment was declined",
        "Your bank declined the payment, so we cancelled the order.",
        "Put the products back into the cart, then choose another way to pay.",
    ),
    "shopper": ("Order cancelled", "You cancelled this order.", "You can order again any time."),
    "staff": ("Order cancelled", "Our team cancelled this order.", "You can order again any time."),
    "expired": (
        "Order cancelled",
        "Your bank asked you to confirm the payment, and no confirmation arrived in time.",
        "You can order again; your products may still be there.",
    ),
}
CANCELLED_OTHERWISE = ("Order cancelled", "We could not complete it.", "You can order again.")

# The order's payment status, and what it means for the card. {} is the total.
MONEY = {
    "pending": "Your card has not been charged.",
    "authorized": "Your bank has reserved {}. Your card has not been charged.",
    "paid": "Your card was charged {}.",
    "voided": "Your card was not charged. Any amount your bank had reserved has been released.",
    "declined": "Your card was not charged.",
}
MONEY_CANCELLED = {**MONEY, "pending": "Your card was not charged."}
MONEY_WHILE_CANCELLING = "Your card will not be charged. We release any amount your bank reserved."
# {} is the e-mail address. `cancelled` says nothing: of orders of long ago there was no mail.
MAIL = {
    "confirmed": "We’re sending your confirmation to {}.",
    "cancelling": "We’ll e-mail {} as soon as it is cancelled.",
}
MAIL_UNDER_WAY = "We’ll e-mail {} as soon as your order is confirmed or cancelled."


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
        done = [stop for stop in _stops(order) if stop.status == "done"]
        end = Stop("Cancelled", order.reached_at("cancelled"), "failed")
        return Progress("bad", headline, happened, _money(order), following, (*done, end))
    headline, happened = UNDER_WAY.get(order.state, ("Your order is being processed", ""))
    mail = MAIL.get(order.state, MAIL_UNDER_WAY).format(order.email)
    tone = "ok" if order.state == "confirmed" else "busy"
    return Progress(tone, headline, happened, _money(order), mail, _stops(order))


def _money(order: Order) -> str:
    if order.state == "cancelling":
        return MONEY_WHILE_CANCELLING
    sentences = MONEY_CANCELLED if order.state == "cancelled" else MONEY
    return sentences.get(order.payment_status, "").format(money(order.total))


def _stops(order: Order) -> tuple[Stop, ...]:
    stops: list[Stop] = []
    for label, state in LINE:
        at = order.reached_at(state)
        previous_done = not stops or stops[-1].status == "done"
        status = "done" if at else "current" if previous_done else "open"
        stops.append(Stop(label, at, status))
    return tuple(stops)
