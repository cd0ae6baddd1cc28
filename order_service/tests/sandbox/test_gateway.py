"""The gateway against the real provider, in this process: how each call can end."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from chassis.http import ServiceClient
from chassis.money import Money
from deploy.local.ports import any_free
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
    Voided,
)
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.payments.sandbox.ledger import Ledger
from order_service.payments.sandbox.server import Configuration, Server

AMOUNT = Money.of("19.90", "EUR")


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Server]:
    config = Configuration(key="secret", public_url="http://bank.example")
    server = Server(("127.0.0.1", 0), Ledger(tmp_path / "ledger.sqlite"), config)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def gateway_to(port: int, *, secret: str = "secret", deadline: float = 3.0) -> SandboxGateway:
    client = ServiceClient(
        upstream="payment_provider",
        base_url=f"http://127.0.0.1:{port}",
        deadline_seconds=deadline,
    )
    return SandboxGateway(client, secret)


@pytest.fixture
def gateway(provider: Server) -> SandboxGateway:
    return gateway_to(provider.server_address[1])


def payment(key: str = "pay-1") -> PaymentRequest:
    return PaymentRequest(key, "TC-ABCD2345", AMOUNT, "http://shop.example/orders/TC-ABCD2345/")


def test_authorize_then_capture(gateway: SandboxGateway, provider: Server) -> None:
    authorized = gateway.authorize(payment(), "tok_approve")
    assert isinstance(authorized, Authorized)

    assert gateway.capture(authorized.reference, AMOUNT, "cap-1") == Captured(authorized.reference)
    assert gateway.look_up("pay-1") == Captured(authorized.reference)
    assert gateway.look_up("cap-1") == Captured(authorized.reference)
    assert gateway.authorize(payment(), "tok_approve") == authorized  # repeated: still granted
    assert [(e["kind"], e["amount"], e["currency"]) for e in provider.ledger.entries()] == [
        ("authorize", 1990, "EUR"),
        ("capture", 1990, "EUR"),
    ]


def test_void_is_safe_to_repeat_and_ends_the_authorization(gateway: SandboxGateway) -> None:
    authorized = gateway.authorize(payment(), "tok_approve")
    assert isinstance(authorized, Authorized)
    reference = authorized.reference

    assert gateway.void(reference, "void-1") == Voided(reference)
    assert gateway.void(reference, "void-1") == Voided(reference)
    assert gateway.look_up("pay-1") == Voided(reference)
    assert gateway.authorize(payment(), "tok_approve") == Declined("authorization_voided")
    assert gateway.capture(reference, AMOUNT, "cap-1") == Declined("authorization_voided")


def test_a_captured_payment_cannot_be_voided(gateway: SandboxGateway) -> None:
    authorized = gateway.authorize(payment(), "tok_approve")
    assert isinstance(authorized, Authorized)
    gateway.capture(authorized.reference, AMOUNT, "cap-1")

    assert gateway.void(authorized.reference, "void-1") == Captured(authorized.reference)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("tok_decline", "card_declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_never_issued", "unknown_token"),
    ],
)
def test_a_declined_payment_says_why(gateway: SandboxGateway, token: str, reason: str) -> None:
    assert gateway.authorize(payment(), token) == Declined(reason)


def test_a_declined_capture_leaves_something_to_void(gateway: SandboxGateway) -> None:
    authorized = gateway.authorize(payment(), "tok_capture_decline")
    assert isinstance(authorized, Authorized)

    assert gateway.capture(authorized.reference, AMOUNT, "cap-1") == Declined("capture_declined")
    assert gateway.list_open() == (
        OpenAuthorization(authorized.reference, "TC-ABCD2345", AMOUNT, "pay-1"),
    )
    gateway.void(authorized.reference, "void-1")
    assert gateway.list_open() == ()


def test_what_was_taken_is_listed_since_a_time(gateway: SandboxGateway) -> None:
    began = datetime.now(UTC)
    held = gateway.authorize(payment(), "tok_approve")
    assert isinstance(held, Authorized)
    assert gateway.list_taken(began - timedelta(seconds=1)) == ()
    gateway.capture(held.reference, AMOUNT, "cap-1")
    (taken,) = gateway.list_taken(began - timedelta(seconds=1))
    assert (taken.reference, taken.order_number) == (held.reference, "TC-ABCD2345")
    assert (taken.amount, taken.key) == (AMOUNT, "pay-1")
    assert gateway.list_taken(taken.at.astimezone(timezone(timedelta(hours=5)))) == (taken,)
    assert gateway.list_taken(taken.at + timedelta(milliseconds=1)) == ()


def test_a_confirmation_is_awaited_and_then_looked_up(
    gateway: SandboxGateway, provider: Server
) -> None:
    asked = gateway.authorize(payment(), "tok_confirm")
    assert isinstance(asked, ActionRequired)
    assert asked.url == f"http://bank.example/confirm/{asked.reference}"
    assert gateway.look_up("pay-1") == asked

    provider.ledger.confirm(asked.reference, approved=True)

    assert gateway.look_up("pay-1") == Authorized(asked.reference)


def test_a_lost_answer_is_unknown_until_it_is_looked_up(provider: Server) -> None:
    hurried = gateway_to(provider.server_address[1], deadline=0.3)
    with pytest.raises(PaymentTimeout):
        hurried.authorize(payment(), "tok_timeout_after_effect")

    assert isinstance(hurried.look_up("pay-1"), Authorized)


def test_an_error_after_the_effect_is_unknown_too(gateway: SandboxGateway) -> None:
    with pytest.raises(PaymentTimeout):
        gateway.authorize(payment(), "tok_late_success")

    assert isinstance(gateway.look_up("pay-1"), Authorized)


def test_a_slow_answer_is_waited_for(gateway: SandboxGateway) -> None:
    assert isinstance(gateway.authorize(payment(), "tok_slow"), Authorized)


def test_a_call_that_never_arrived_was_never_seen(gateway: SandboxGateway) -> None:
    assert gateway.look_up(str(uuid.uuid4())) == NeverSeen()


def test_a_provider_that_is_down_did_nothing() -> None:
    [port] = any_free(1)
    gateway = gateway_to(port)

    with pytest.raises(PaymentUnavailable):
        gateway.authorize(payment(), "tok_approve")
    with pytest.raises(PaymentUnavailable):
        gateway.look_up("pay-1")


def test_a_wrong_secret_is_an_outage_and_a_reused_key_is_not(provider: Server) -> None:
    port = provider.server_address[1]
    with pytest.raises(PaymentUnavailable):
        gateway_to(port, secret="wrong").authorize(payment(), "tok_approve")
    gateway = gateway_to(port)
    gateway.authorize(payment(), "tok_approve")

    with pytest.raises(PaymentRefused):
        gateway.authorize(payment(), "tok_decline")
    with pytest.raises(PaymentRefused):
        gateway.capture("auth_nobody", AMOUNT, "cap-1")
