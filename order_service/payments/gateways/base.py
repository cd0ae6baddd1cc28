"""What every payment provider can do for us, and every way in which a call can end.

    authorize  -> Authorized | Declined | ActionRequired
    capture    -> Captured | Declined
    void       -> Voided | Captured        (captured meanwhile: only a refund helps)
    look_up    -> any of them | NeverSeen
    list_open, list_taken   -> the provider's own books, to hold ours against
    any call   raises PaymentTimeout       the outcome is unknown: look the key up before repeating
               raises PaymentUnavailable   nothing happened: repeat later
               raises PaymentRefused       the request itself is wrong: a person has to look

Amounts are Money, exact in the currency's own decimals. In which units a provider counts is its
gateway's business alone: the sandbox counts in the minor units of ISO 4217, while Stripe counts ISK
and UGX in hundredths that ISO does not know.

Each call that moves money takes the key that was stored for it before; the same key never moves
money twice. `reference` is the provider's own id of an authorization.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.money import Money


@dataclass(frozen=True)
class Authorized:
    """The amount is reserved on the shopper's account."""

    reference: str


@dataclass(frozen=True)
class Declined:
    """The bank said no; nothing is reserved or taken. `reason` is the provider's code."""

    reason: str


@dataclass(frozen=True)
class ActionRequired:
    """The shopper has to confirm at `url` first; look up later how it ended."""

    reference: str
    url: str


@dataclass(frozen=True)
class Captured:
    """The money was taken."""

    reference: str


@dataclass(frozen=True)
class Voided:
    """Nothing is reserved any more."""

    reference: str


@dataclass(frozen=True)
class NeverSeen:
    """The provider does not know this key: the call never arrived."""


class PaymentTimeout(Exception):
    """No answer, or a broken one: the effect may have happened or may still happen."""


class PaymentUnavailable(Exception):
    """The provider cannot have acted on the call."""


class PaymentRefused(Exception):
    """The provider refuses the request as wrong; repeating it will not help."""


@dataclass(frozen=True)
class PaymentRequest:
    """What is to be authorized, under which stored key."""

    key: str
    order_number: str
    amount: Money
    return_url: str  # where the bank sends the shopper after a confirmation


@dataclass(frozen=True)
class OpenAuthorization:
    """One that holds, or may come to hold, money of a shopper without taking it."""

    reference: str
    order_number: str
    amount: Money
    key: str


@dataclass(frozen=True)
class TakenPayment:
    """Money that was taken from a shopper."""

    reference: str  # of its authorization, as are number and key
    order_number: str
    amount: Money  # what was taken
    key: str
    at: datetime


class PaymentGateway(Protocol):
    """A payment provider."""

    def authorize(
        self, payment: PaymentRequest, token: str
    ) -> Authorized | Declined | ActionRequired: ...

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined: ...

    def void(self, reference: str, key: str) -> Voided | Captured: ...

    def look_up(
        self, key: str
    ) -> Authorized | Declined | ActionRequired | Captured | Voided | NeverSeen: ...

    def list_open(self) -> tuple[OpenAuthorization, ...]: ...

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        """All that was taken at `since` or later, each capture by itself, oldest first."""
