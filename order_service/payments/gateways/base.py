"""What every payment provider can do for us, and every way in which a call can end.

    any call of PaymentGateway
        raises PaymentTimeout       the outcome is unknown: see below
        raises PaymentUnavailable   nothing happened: repeat later
        raises PaymentRefused       the request itself is wrong: a person has to look

Each call that moves money takes the key that was stored for it before. While the provider remembers
a key (`keys_live`), the same call under the same key never moves money twice and tells how things
stand, so after a PaymentTimeout the same call is made again. Later the stored reference is looked
up, and without one the order is found in the provider's list: a listing shows what happened before
it, while a search may lag behind. There is no look-up by key, which providers do not offer; `key`
in a listing is a note that the gateway left with the call.

Amounts are Money, exact in the currency's own decimals. In which units a provider counts is its
gateway's business alone: the sandbox counts in the minor units of ISO 4217, while Stripe counts ISK
and UGX in hundredths that ISO does not know. `reference` is the provider's own id of an
authorization, `refund` that of a refund.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chassis.money import Money


class MethodKind(StrEnum):
    """What a shopper does to pay."""

    TOKEN = "token"  # noqa: S105  (nothing more: the code, sent with the order, is charged)
    REDIRECT = "redirect"  # goes to a page of the provider and comes back
    OFFLINE = "offline"  # pays outside of the shop, by bank transfer for example


@dataclass(frozen=True)
class Method:
    """A way to pay. `code` is sent as the order's payment_token: unique among all gateways."""

    code: str
    name: str
    note: str
    kind: MethodKind


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
class Refunded:
    """The provider has paid the money back."""

    refund: str


@dataclass(frozen=True)
class RefundPending:
    """The provider will pay the money back, or say later that it could not."""

    refund: str


@dataclass(frozen=True)
class RefundFailed:
    """The money is not paid back. `refund` is empty if the provider never took it on."""

    reason: str
    refund: str = ""


PaymentStanding = Authorized | Declined | ActionRequired | Captured | Voided
RefundStanding = Refunded | RefundPending | RefundFailed


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
class FoundPayment:
    """An authorization in the provider's list, and how it stands."""

    key: str
    standing: PaymentStanding


@dataclass(frozen=True)
class FoundRefund:
    """A refund in the provider's list, and how it stands."""

    key: str
    amount: Money
    standing: RefundStanding


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

    @property
    def keys_live(self) -> timedelta:
        """How long after its first use a key certainly has its effect still, less the time that a
        call may be on its way."""

    def methods(self) -> tuple[Method, ...]:
        """What the checkout offers; no call to the provider."""

    def authorize(self, payment: PaymentRequest, token: str) -> PaymentStanding:
        """Authorized, Declined or ActionRequired; repeated: how it stands by now."""

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined: ...

    def void(self, reference: str, key: str) -> Voided | Captured:
        """Captured meanwhile: only a refund helps."""

    def refund(self, reference: str, amount: Money, key: str) -> RefundStanding:
        """Pay back a part or all of what was captured. More than is left of it is RefundFailed."""

    def look_up(self, reference: str) -> PaymentStanding: ...

    def find(self, order_number: str, since: datetime) -> tuple[FoundPayment, ...]:
        """What was authorized, or declined, for the order at `since` or later, oldest first."""

    def look_up_refund(self, refund: str) -> RefundStanding: ...

    def list_refunds(self, reference: str) -> tuple[FoundRefund, ...]:
        """Of one authorization, oldest first."""

    def list_open(self) -> tuple[OpenAuthorization, ...]: ...

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        """All that was taken at `since` or later, each capture by itself, oldest first."""
