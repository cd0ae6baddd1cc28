"""The gateway to the sandbox provider (order_service/payments/sandbox)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from django.conf import settings

from chassis.http import Answer, Refused, ServiceClient, Unavailable
from chassis.logs import get_logger
from chassis.money import Money
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    NeverSeen,
    OpenAuthorization,
    PaymentRefused,
    PaymentRequest,
    PaymentTimeout,
    PaymentUnavailable,
    TakenPayment,
    Voided,
)
from order_service.payments.gateways.measuring import measured

log = get_logger(__name__)

DEADLINE_SECONDS = 3.0
Outcome = Authorized | Declined | ActionRequired | Captured | Voided


class SandboxGateway:
    """A PaymentGateway over HTTP; amounts cross the wire in the minor units of ISO 4217."""

    def __init__(self, client: ServiceClient, secret: str) -> None:
        self._client = client
        self._secret = secret

    def authorize(
        self, payment: PaymentRequest, token: str
    ) -> Authorized | Declined | ActionRequired:
        """Reserve the money; an unknown token is a declined payment."""
        wish = {
            "amount": payment.amount.minor_units(),
            "currency": payment.amount.currency,
            "token": token,
            "reference": payment.order_number,
            "return_url": payment.return_url,
        }
        try:
            answer = self._call("POST", "/authorizations", "authorize", payment.key, wish)
        except Refused as error:
            if error.code == "unknown_token":
                return Declined("unknown_token")
            raise _as_ours("authorize", error) from error
        outcome = _outcome(answer.body)
        # A repeated call is told how the authorization stands by now.
        if isinstance(outcome, Captured):
            return Authorized(outcome.reference)
        if isinstance(outcome, Voided):
            return Declined("authorization_voided")
        return outcome

    def capture(self, reference: str, amount: Money, key: str) -> Captured | Declined:
        wish = {"amount": amount.minor_units()}
        outcome = self._act(f"/authorizations/{quote(reference)}/capture", "capture", key, wish)
        if not isinstance(outcome, (Captured, Declined)):
            raise PaymentTimeout(f"a capture cannot end as {outcome}")
        return outcome

    def void(self, reference: str, key: str) -> Voided | Captured:
        """Give back what is reserved; an authorization that holds nothing counts as voided."""
        outcome = self._act(f"/authorizations/{quote(reference)}/void", "void", key, {})
        if isinstance(outcome, Declined):
            return Voided(reference)
        if not isinstance(outcome, (Voided, Captured)):
            raise PaymentTimeout(f"a void cannot end as {outcome}")
        return outcome

    def look_up(self, key: str) -> Outcome | NeverSeen:
        """What became of the call that was made under `key`, as things stand now."""
        try:
            answer = self._call("GET", f"/keys/{quote(key, safe='')}", "look_up")
        except Refused as error:
            if error.status == 404 and error.body.get("status") == "unknown_key":
                return NeverSeen()
            raise _as_ours("look_up", error) from error
        return _outcome(answer.body)

    def list_open(self) -> tuple[OpenAuthorization, ...]:
        try:
            answer = self._call("GET", "/authorizations?open=1", "list_open")
            return tuple(_open(row) for row in answer.body["authorizations"])
        except Refused as error:
            raise _as_ours("list_open", error) from error
        except (KeyError, TypeError) as error:
            raise PaymentUnavailable("malformed list") from error

    def list_taken(self, since: datetime) -> tuple[TakenPayment, ...]:
        moment = since.astimezone(UTC).isoformat(timespec="milliseconds")
        try:
            answer = self._call("GET", f"/captures?since={quote(moment)}", "list_taken")
            return tuple(_taken(row) for row in answer.body["captures"])
        except Refused as error:
            raise _as_ours("list_taken", error) from error
        except (KeyError, TypeError, ValueError) as error:
            raise PaymentUnavailable("malformed list") from error

    def _act(self, path: str, operation: str, key: str, wish: dict[str, Any]) -> Outcome:
        try:
            return _outcome(self._call("POST", path, operation, key, wish).body)
        except Refused as error:
            raise _as_ours(operation, error) from error

    def _call(
        self,
        method: str,
        path: str,
        operation: str,
        key: str | None = None,
        wish: dict[str, Any] | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._secret}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        with measured():
            try:
                return self._client.call(
                    method, path, operation=operation, json=wish, headers=headers
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


def _outcome(body: Any) -> Outcome:
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


def _open(row: dict[str, Any]) -> OpenAuthorization:
    return OpenAuthorization(
        reference=row["id"],
        order_number=row["reference"],
        amount=Money.from_minor_units(row["amount"], row["currency"]),
        key=row["key"],
    )


def _taken(row: dict[str, Any]) -> TakenPayment:
    return TakenPayment(
        reference=row["authorization"],
        order_number=row["reference"],
        amount=Money.from_minor_units(row["amount"], row["currency"]),
        key=row["authorization_key"],
        at=datetime.fromisoformat(row["at"]),
    )


def _as_ours(operation: str, error: Refused) -> PaymentRefused | PaymentUnavailable:
    """A refused secret is a fault of the set-up, so nothing of this one order is wrong."""
    log.error("provider refused", operation=operation, status=error.status, code=error.code)
    if error.status in (401, 403, 429):
        return PaymentUnavailable(error.code)
    return PaymentRefused(error.code)
