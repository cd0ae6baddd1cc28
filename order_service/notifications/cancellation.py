"""What a shopper is told about a cancelled order: why it was cancelled, and where the money is."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.money import Money
from order_service.orders.models import Order
from order_service.orders.states import Reason
from order_service.payments.models import Payment
from order_service.payments.states import PaymentState

HAPPENED: dict[str, str] = {
    Reason.OUT_OF_STOCK: "Other orders came first, and we could not reserve everything you"
    " ordered. That is why we cancelled your order.",
    Reason.PAYMENT_DECLINED: "Your bank declined the payment, so we cancelled your order.",
    Reason.SHOPPER: "Your order was cancelled at your request.",
    Reason.STAFF: "Our team cancelled your order.",
    Reason.EXPIRED: "Your bank asked you to confirm the payment, and no confirmation arrived in"
    " time. That is why we cancelled your order.",
}
LEFT = {0: "none was", 1: "only one was"}
NOT_CHARGED = "Your card was not charged."


def what_happened(order: Order) -> str:
    return HAPPENED.get(order.reason, "We cancelled your order.")


def what_was_short(order: Order) -> list[str]:
    """One sentence for each line of which there was too little."""
    names = {line.sku: line.name for line in order.lines.all()}
    return [_short(names.get(each["sku"], each["sku"]), each) for each in order.short]


def what_became_of_the_money(order: Order) -> str:
    """Told by the payments' own rows, never by the reason: a decline may come after a hold."""
    return " ".join(_moved(order)) or NOT_CHARGED


def _short(name: str, short: dict[str, int]) -> str:
    left = LEFT.get(short["available"], f"only {short['available']} were")
    return f"{name}: you ordered {short['wanted']}, but {left} left."


def _moved(order: Order) -> Iterator[str]:
    for payment in order.payments.order_by("id"):
        amount = Money(payment.amount, payment.currency).written()
        if payment.state == PaymentState.CAPTURED:
            yield f"Your card was charged {amount}. We owe you this amount."
        elif payment.state == PaymentState.REFUNDED:
            yield f"Your card was charged {amount}. We have refunded the full amount."
        elif payment.state == PaymentState.VOIDED and payment.provider_reference:
            yield f"{NOT_CHARGED} {_released(payment, amount)}"


def _released(payment: Payment, amount: str) -> str:
    """The bank may have approved while nobody asked; then only it knows that it held the money."""
    if payment.events.filter(to_state=PaymentState.AUTHORIZED).exists():
        return f"We have released the {amount} that your bank had reserved."
    return f"If your bank has reserved {amount}, we have released that too."
