"""The gateway to the sandbox provider (sandbox)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from django.conf import settings

from chassis.http import Answer, Refused, ServiceClient, Unavailable
from chassis.logs import get_logger
from chassis.money import Money
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    FoundPayment,
    FoundRefund,
    Method,
    OpenAuthorization,
    PaymentRefused,
    PaymentRequest,
    PaymentStanding,
    PaymentTimeout,
    PaymentUnavailable,
    Refunded,
    RefundFailed,
    RefundPending,
    RefundStanding,
    TakenPayment,
    Voided,
)
from order_service.payments.gateways.measuring import measured
from order_service.payments.gateways.sandbox_methods import METHODS

log = get_logger(__name__)

PROVIDER = "sandbox"
DEADLINE_SECONDS = 3.0
FOR_EVER = timedelta.max  # the sandbox forgets no key
Read = TypeVar("Read")


class SandboxGateway:
    """A PaymentGateway over HTTP; amounts cross the wire in the minor units of ISO 4217."""

    def __init__(
        self, client: ServiceClient, secret: str, *, keys_live: timedelta = FOR_EVER
    ) -> None:
        self._client = client
        self._secret = secret
        self.keys_live = keys_live

    def methods(self) -> tuple[Method, ...]:
        return METHODS

    def authorize(self, payment: PaymentRequest, token: str) -> PaymentStanding:
        """Reserve the money; an unknown token is a declined payment."""
        body = {
            "amount": payment.amount.minor_units(),
            "currency": payment.amount.currency,
            "token": token,
            "reference": payment.order_number,
            "return_url": payment.return_url,
        }
        try:
            answer = self._call("POST", "/authorizations", "authorize", payment.key, body)
        except Refused as error:
            if error.code == "unknown_token":
                return Declined("unknown_token")
            raise _as_ours("authorize", error) from error
        return _outcome(answer.body)

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        body = {"amount": amount.minor_units()}
        outcome = self._ask(_path(reference, "/capture"), "capture", _outcome, key, body)
        if not isinstance(outcome, (Captured, Declined)):
            raise PaymentTimeout(f"a capture cannot end as {outcome}")
        return outcome

    def void(self, reference: str, key: str) -> Voided | Captured:
        """Give back what is reserved; an authorization that holds nothing counts as voided."""
        outcome = self._ask(_path(reference, "/void"), "void", _outcome, key, {})
        if isinstance(outcome, Declined):
            return Voided(reference)
        if not isinstance(outcome, (Voided, Captured)):
            raise PaymentTimeout(f"a void cannot end as {outcome}")
        return outcome

    def refund(self, reference: str, amount: Money, key: str) -> RefundStanding:
        body = {"amount": amount.minor_units()}
        return self._ask(_path(reference, "/refunds"), "refund", _refund, key, body)

    def look_up(self, reference: str) -> PaymentStanding:
        return self._ask(_path(reference), "look_up", _outcome)

    def find(self, order_number: str, since: datetime) -> tuple[FoundPayment, ...]:
        chosen = urlencode({"reference": order_number, "since": _moment(since)})
        return self._ask(
            f"/authorizations?{chosen}", "find", _each("authorizations", _found_payment)
        )

    def look_up_refund(self, refund: str) -> RefundStanding:
        return self._ask(f"/refunds/{quote(refund)}", "look_up_refund", _refund)

    def list_refunds(self, reference: str) -> tuple[FoundRefund, ...]:
        path = _path(reference, "/refunds")
        return self._ask(path, "list_refunds", _each("refunds", _found_refund))

    def list_open(self) -> tuple[OpenAuthorization, ...]:
        return self._ask("/authorizations?open=1", "list_open", _each("authorizations", _open))

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        path = f"/captures?{urlencode({'since': _moment(since)})}"
        return self._ask(path, "list_taken", _each("captures", _taken))

    def _ask(
        self,
        path: str,
        operation: str,
        read: Callable[[Any], Read],
        key: str | None = None,
        body: dict[str, Any] | None = None,
    ) -> Read:
        """What `read` makes of the answer. Whatever moves money has a key, and an answer to it
        that cannot be read leaves open what it did."""
        method = "GET" if key is None else "POST"
        try:
            answer = self._call(method, path, operation, key, body)
        except Refused as error:
            raise _as_ours(operation, error) from error
        try:
            return read(answer.body)
        except (KeyError, TypeError, ValueError) as error:
            unread = PaymentUnavailable if key is None else PaymentTimeout
            raise unread("malformed answer") from error

    def _call(
        self, method: str, path: str, operation: str, key: str | None, body: dict[str, Any] | None
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._secret}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        with measured(PROVIDER):
            try:
                return self._client.call(
                    method, path, operation=operation, json=body, headers=headers
                )
            except Unavailable as error:
                if error.never_sent:
                    raise PaymentUnavailable(error.reason) from error
                raise PaymentTimeout(error.reason) from error


@cache
def gateway() -> SandboxGateway:
    """The gateway of this process."""
    client = ServiceClient(
        upstream="payment_provider",
        base_url=settings.PAYMENT_PROVIDER_URL,
        deadline_seconds=DEADLINE_SECONDS,
    )
    return SandboxGateway(client, settings.PAYMENT_PROVIDER_KEY)


def _outcome(body: Any) -> PaymentStanding:
    """The outcome that an answer tells. A shape that we do not know means: unknown."""
    match body:
        case {"id": str(reference), "status": "authorized"}:
            return Authorized(reference)
        case {"id": str(), "status": "declined", "reason": str(reason)}:
            return Declined(reason)
        case {"id": str(reference), "status": "action_required", "confirm_url": str(url)}:
            return ActionRequired(reference, url)
        case {"id": str(reference), "status": "captured"}:
            return Captured(reference)
        case {"id": str(reference), "status": "voided"}:
            return Voided(reference)
    raise PaymentTimeout("malformed answer")


def _refund(body: Any) -> RefundStanding:
    match body:
        case {"id": str(refund), "status": "succeeded"}:
            return Refunded(refund)
        case {"id": str(refund), "status": "pending"}:
            return RefundPending(refund)
        case {"id": str(refund), "status": "failed", "reason": str(reason)}:
            return RefundFailed(reason, refund)
        case {"id": None, "status": "failed", "reason": str(reason)}:
            return RefundFailed(reason)
    raise PaymentTimeout("malformed answer")


def _path(reference: str, action: str = "") -> str:
    return f"/authorizations/{quote(reference)}{action}"


def _moment(since: datetime) -> str:
    return since.astimezone(UTC).isoformat(timespec="milliseconds")


def _each(name: str, read: Callable[[Any], Read]) -> Callable[[Any], tuple[Read, ...]]:
    """Reads the rows of the list `name`."""
    return lambda body: tuple(read(row) for row in body[name])


def _found_payment(row: dict[str, Any]) -> FoundPayment:
    return FoundPayment(row["key"], _outcome(row))


def _found_refund(row: dict[str, Any]) -> FoundRefund:
    return FoundRefund(row["key"], _amount(row), _refund(row))


def _open(row: dict[str, Any]) -> OpenAuthorization:
    return OpenAuthorization(
        reference=row["id"],
        order_number=row["reference"],
        amount=_amount(row),
        key=row["key"],
    )


def _taken(row: dict[str, Any]) -> TakenPayment:
    return TakenPayment(
        reference=row["authorization"],
        order_number=row["reference"],
        amount=_amount(row),
        key=row["authorization_key"],
        at=datetime.fromisoformat(row["at"]),
    )


def _amount(row: dict[str, Any]) -> Money:
    return Money.from_minor_units(row["amount"], row["currency"])


def _as_ours(operation: str, error: Refused) -> PaymentRefused | PaymentUnavailable:
    """A refused secret is a fault of the set-up, so nothing of this one order is wrong."""
    log.error("provider refused", operation=operation, status=error.status, code=error.code)
    if error.status in (401, 403, 429):
        return PaymentUnavailable(error.code)
    return PaymentRefused(error.code)
