"""What lies outside order_service, in memory: a clock, product_service's stock, a payment provider.

Each call here has its whole effect at once or none, as a database transaction gives it. What may
go wrong on the way there and back is the business of `network.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chassis.money import Money
from order_service.clients.reservations import (
    Committed,
    Expired,
    Held,
    Released,
    Short,
    ShortLine,
    Standing,
    WantedStock,
)
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    NeverSeen,
    OpenAuthorization,
    PaymentRequest,
    TakenPayment,
    Voided,
)

Outcome = Authorized | Declined | ActionRequired | Captured | Voided
DECLINE, CONFIRM, CAPTURE_DECLINE = "tok_decline", "tok_confirm", "tok_capture_decline"


class SimulatedClock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, delta: timedelta) -> None:
        self._now += delta


@dataclass
class Reservation:
    """What an order holds; without lines it is a tombstone."""

    lines: tuple[WantedStock, ...]
    standing: Standing
    expires_at: datetime | None = None
    short: tuple[ShortLine, ...] = ()


class SimulatedStock:
    """product_service's reservations, under the rules of its API."""

    def __init__(self, clock: SimulatedClock, on_hand: Mapping[str, int]) -> None:
        self._clock = clock
        self.received = dict(on_hand)
        self.on_hand = dict(on_hand)
        self.reserved = dict.fromkeys(on_hand, 0)
        self.reservations: dict[uuid.UUID, Reservation] = {}
        self.false_refusals: list[uuid.UUID] = []

    def reserve(
        self, order_id: uuid.UUID, lines: Sequence[WantedStock], ttl_seconds: int
    ) -> Held | Short | Committed | Released:
        found = self.reservations.get(order_id)
        match found.standing if found else Standing.UNKNOWN:
            case Standing.RELEASED:
                return Released()
            case Standing.COMMITTED:
                return Committed()
            case Standing.HELD:
                return Held()
            case Standing.REFUSED:
                return Short(found.short if found else ())
        return self._hold(order_id, tuple(lines), ttl_seconds)

    def _hold(
        self, order_id: uuid.UUID, lines: tuple[WantedStock, ...], ttl_seconds: int
    ) -> Held | Short:
        short = tuple(
            ShortLine(line.sku, line.quantity, left)
            for line in lines
            if (left := self.on_hand[line.sku] - self.reserved[line.sku]) < line.quantity
        )
        if short:
            self.reservations[order_id] = Reservation(lines, Standing.REFUSED, short=short)
            return Short(short)
        expires_at = self._clock.now() + timedelta(seconds=ttl_seconds)
        self.reservations[order_id] = Reservation(lines, Standing.HELD, expires_at)
        for line in lines:
            self.reserved[line.sku] += line.quantity
        return Held()

    def commit(self, order_id: uuid.UUID) -> Committed | Expired | Short | Released:
        found = self.reservations[order_id]
        if found.standing is Standing.HELD:
            found.standing = Standing.COMMITTED
            for line in found.lines:
                self.reserved[line.sku] -= line.quantity
                self.on_hand[line.sku] -= line.quantity
        if found.standing is Standing.COMMITTED:
            return Committed()
        if found.standing is Standing.REFUSED:
            return Short(found.short)
        return Expired() if found.standing is Standing.EXPIRED else Released()

    def release(self, order_id: uuid.UUID) -> None:
        found = self.reservations.setdefault(order_id, Reservation((), Standing.RELEASED))
        for line in found.lines:
            self.reserved[line.sku] -= line.quantity * (found.standing is Standing.HELD)
            self.on_hand[line.sku] += line.quantity * (found.standing is Standing.COMMITTED)
        found.standing = Standing.RELEASED

    def look_up(self, order_id: uuid.UUID) -> Standing:
        found = self.reservations.get(order_id)
        return found.standing if found else Standing.UNKNOWN

    def sweep(self) -> None:
        """Expire what is over its time, as product-sweep does now and then."""
        for found in self.reservations.values():
            if found.standing is Standing.HELD and found.expires_at <= self._clock.now():  # type: ignore[operator]
                found.standing = Standing.EXPIRED
                for line in found.lines:
                    self.reserved[line.sku] -= line.quantity


@dataclass
class Authorization:
    """The provider's own record."""

    reference: str
    order_number: str
    amount: Money
    token: str
    key: str
    status: str
    captures: list[Money] = field(default_factory=list)


class SimulatedProvider:
    """A payment provider: one effect a key, and as many captures as there are keys."""

    def __init__(self) -> None:
        self.authorizations: dict[str, Authorization] = {}
        self._seen: dict[str, Outcome | str] = {}  # an authorization's key keeps its reference
        self.taken_at = datetime.now(UTC)  # as it tells of every capture

    def authorize(
        self, payment: PaymentRequest, token: str
    ) -> Authorized | Declined | ActionRequired:
        if payment.key not in self._seen:
            reference = f"auth-{len(self.authorizations)}"
            status = {DECLINE: "declined", CONFIRM: "action_required"}.get(token, "authorized")
            self.authorizations[reference] = Authorization(
                reference, payment.order_number, payment.amount, token, payment.key, status
            )
            self._seen[payment.key] = reference
        outcome = self.look_up(payment.key)
        if isinstance(outcome, Captured):
            return Authorized(outcome.reference)
        if isinstance(outcome, Voided):
            return Declined("authorization_voided")
        assert not isinstance(outcome, NeverSeen)
        return outcome

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        if key not in self._seen:
            self._seen[key] = self._capture(self.authorizations[reference], amount)
        outcome = self._seen[key]
        assert isinstance(outcome, Captured | Declined)
        return outcome

    def _capture(self, found: Authorization, amount: Money) -> Captured | Declined:
        if found.status not in ("authorized", "captured") or found.token == CAPTURE_DECLINE:
            return Declined(f"capture_declined_{found.status}")
        found.captures.append(amount)
        found.status = "captured"
        return Captured(found.reference)

    def void(self, reference: str, key: str) -> Voided | Captured:
        found = self.authorizations[reference]
        if key not in self._seen:
            if found.status in ("authorized", "action_required"):
                found.status = "voided"
            is_taken = found.status == "captured"
            self._seen[key] = Captured(reference) if is_taken else Voided(reference)
        outcome = self._seen[key]
        assert isinstance(outcome, Voided | Captured)
        return outcome

    def look_up(self, key: str) -> Outcome | NeverSeen:
        seen = self._seen.get(key)
        if not isinstance(seen, str):
            return seen or NeverSeen()
        match self.authorizations[seen].status:
            case "authorized":
                return Authorized(seen)
            case "action_required":
                return ActionRequired(seen, f"https://bank.example/{seen}")
            case "captured":
                return Captured(seen)
            case "voided":
                return Voided(seen)
        return Declined("card_declined")

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
