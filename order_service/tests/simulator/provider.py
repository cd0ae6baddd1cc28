"""A payment provider in memory that forgets its keys after a while, as real ones do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from chassis.money import Money
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    FoundPayment,
    FoundRefund,
    Method,
    MethodKind,
    OpenAuthorization,
    PaymentRefused,
    PaymentRequest,
    PaymentStanding,
    Refunded,
    RefundFailed,
    RefundPending,
    RefundStanding,
    TakenPayment,
    Voided,
)
from order_service.tests.simulator.world import SimulatedClock

Outcome = TypeVar("Outcome")
APPROVE, DECLINE, CONFIRM = "tok_approve", "tok_decline", "tok_confirm"
CAPTURE_DECLINE = "tok_capture_decline"
REFUND_PENDING, REFUND_FAILS_LATER = "tok_refund_pending", "tok_refund_fails_later"
BORN = {DECLINE: "declined", CONFIRM: "action_required"}
REMEMBERED = timedelta(seconds=220)  # a key, from its first use


@dataclass
class Refund:
    """The provider's own record of money that it pays back."""

    id: str
    amount: Money
    key: str
    standing: RefundStanding


@dataclass
class Authorization:
    """The provider's own record."""

    reference: str
    order_number: str
    amount: Money
    token: str
    key: str
    status: str
    at: datetime
    captures: list[Money] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)


class SimulatedProvider:
    """One effect a key while it is remembered, and as many captures as there are keys."""

    keys_live = timedelta(seconds=150)  # a call is on its way for a minute at most: network.py

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.authorizations: dict[str, Authorization] = {}
        self._seen: dict[str, tuple[datetime, object]] = {}
        self.taken_at = datetime.now(UTC)  # as it tells of every capture

    def methods(self) -> tuple[Method, ...]:
        return (Method(APPROVE, "Approved card", "", MethodKind.TOKEN),)

    def authorize(self, payment: PaymentRequest, token: str) -> PaymentStanding:
        """`_seen` keeps the reference, so a repeated call is told how things stand."""
        reference: str | None = self._remembered(payment.key)
        if reference is None:
            reference = f"auth-{len(self.authorizations)}"
            self.authorizations[reference] = Authorization(
                reference,
                payment.order_number,
                payment.amount,
                token,
                payment.key,
                BORN.get(token, "authorized"),
                self._clock.now(),
            )
            self._remember(payment.key, reference)
        return self.look_up(reference)

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        outcome: Captured | Declined | None = self._remembered(key)
        if outcome is None:
            outcome = self._remember(key, self._capture(self._find(reference), amount))
        return outcome

    def _capture(self, found: Authorization, amount: Money) -> Captured | Declined:
        if found.status not in ("authorized", "captured") or found.token == CAPTURE_DECLINE:
            return Declined(f"capture_declined_{found.status}")
        found.captures.append(amount)
        found.status = "captured"
        return Captured(found.reference)

    def void(self, reference: str, key: str) -> Voided | Captured:
        found = self._find(reference)
        outcome: Voided | Captured | None = self._remembered(key)
        if outcome is None:
            if found.status in ("authorized", "action_required"):
                found.status = "voided"
            is_taken = found.status == "captured"
            outcome = self._remember(key, Captured(reference) if is_taken else Voided(reference))
        return outcome

    def refund(self, reference: str, amount: Money, key: str) -> RefundStanding:
        """`_seen` keeps the id, or the refusal of one that is too much."""
        found = self._find(reference)
        earlier: str | RefundFailed | None = self._remembered(key)
        if earlier is None:
            earlier = self._remember(key, self._refund(found, amount, key))
        return self.look_up_refund(earlier) if isinstance(earlier, str) else earlier

    def _refund(self, found: Authorization, amount: Money, key: str) -> str | RefundFailed:
        zero = Money.zero(amount.currency)
        given = [one.amount for one in found.refunds if not isinstance(one.standing, RefundFailed)]
        if amount.amount > (sum(found.captures, zero) - sum(given, zero)).amount:
            return RefundFailed("amount_too_large")
        refund = f"{found.reference}-refund-{len(found.refunds)}"
        is_pending = found.token in (REFUND_PENDING, REFUND_FAILS_LATER)
        standing = RefundPending(refund) if is_pending else Refunded(refund)
        found.refunds.append(Refund(refund, amount, key, standing))
        return refund

    def settle(self) -> None:
        """Every pending refund ends."""
        for found in self.authorizations.values():
            for refund in found.refunds:
                if isinstance(refund.standing, RefundPending):
                    fails = found.token == REFUND_FAILS_LATER
                    refund.standing = (
                        RefundFailed("account_closed", refund.id) if fails else Refunded(refund.id)
                    )

    def look_up(self, reference: str) -> PaymentStanding:
        match self._find(reference).status:
            case "authorized":
                return Authorized(reference)
            case "action_required":
                return ActionRequired(reference, f"https://bank.example/{reference}")
            case "captured":
                return Captured(reference)
            case "voided":
                return Voided(reference)
        return Declined("card_declined")

    def find(self, order_number: str, since: datetime) -> tuple[FoundPayment, ...]:
        return tuple(
            FoundPayment(found.key, self.look_up(found.reference))
            for found in self.authorizations.values()
            if found.order_number == order_number and found.at >= since
        )

    def look_up_refund(self, refund: str) -> RefundStanding:
        for found in self.authorizations.values():
            for each in found.refunds:
                if each.id == refund:
                    return each.standing
        raise PaymentRefused("unknown_refund")

    def list_refunds(self, reference: str) -> tuple[FoundRefund, ...]:
        refunds = self._find(reference).refunds
        return tuple(FoundRefund(each.key, each.amount, each.standing) for each in refunds)

    def list_open(self) -> tuple[OpenAuthorization, ...]:
        return tuple(
            OpenAuthorization(found.reference, found.order_number, found.amount, found.key)
            for found in self.authorizations.values()
            if found.status in ("authorized", "action_required")
        )

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        return tuple(
            TakenPayment(found.reference, found.order_number, amount, found.key, self.taken_at)
            for found in self.authorizations.values()
            for amount in found.captures
            if self.taken_at >= since
        )

    def answer_shopper(self, reference: str, *, approved: bool) -> None:
        """The shopper's click on the bank's page; only the first one counts."""
        found = self.authorizations[reference]
        if found.status == "action_required":
            found.status = "authorized" if approved else "declined"

    def _find(self, reference: str) -> Authorization:
        if reference not in self.authorizations:
            raise PaymentRefused("unknown_authorization")
        return self.authorizations[reference]

    def _remember(self, key: str, outcome: Outcome) -> Outcome:
        self._seen[key] = (self._clock.now(), outcome)
        return outcome

    def _remembered(self, key: str) -> Any:
        """What the key did, unless that is forgotten. A key does one kind of thing."""
        at, outcome = self._seen.get(key, (None, None))
        return None if at is None or self._clock.now() - at >= REMEMBERED else outcome
