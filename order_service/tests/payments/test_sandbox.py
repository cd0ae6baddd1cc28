"""What the gateway of the sandbox has besides the contract (tests/payments): its tokens, its
money in minor units, and how it reads what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.http import ServiceClient
from chassis.money import Money
from deploy.local.ports import any_free
from order_service.payments.gateways.base import (
    Authorized,
    Declined,
    MethodKind,
    PaymentRefused,
    PaymentRequest,
    PaymentTimeout,
    PaymentUnavailable,
)
from order_service.payments.gateways.sandbox import SandboxGateway
from order_service.tests import product_stub
from tests.bank import SECRET, TOKENS, Bank, bank_in

AMOUNT = Money.of("19.90", "EUR")


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Bank]:
    with bank_in(tmp_path) as bank:
        yield bank


def gateway_to(port: int, *, secret: str = SECRET, deadline: float = 3.0) -> SandboxGateway:
    client = ServiceClient(
        upstream="payment_provider",
        base_url=f"http://127.0.0.1:{port}",
        deadline_seconds=deadline,
    )
    return SandboxGateway(client, secret)


@pytest.fixture
def gateway(provider: Bank) -> SandboxGateway:
    return gateway_to(provider.server_address[1])


def payment(key: str = "pay-1") -> PaymentRequest:
    return PaymentRequest(key, "TC-ABCD2345", AMOUNT, "http://shop.example/orders/TC-ABCD2345/")


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


def test_a_lost_answer_is_unknown_until_it_is_asked_for_again(provider: Bank) -> None:
    hurried = gateway_to(provider.server_address[1], deadline=0.3)
    with pytest.raises(PaymentTimeout):
        hurried.authorize(payment(), "tok_timeout_after_effect")

    assert isinstance(hurried.authorize(payment(), "tok_timeout_after_effect"), Authorized)


def test_an_error_after_the_effect_is_unknown_too(gateway: SandboxGateway) -> None:
    with pytest.raises(PaymentTimeout):
        gateway.authorize(payment(), "tok_late_success")

    assert isinstance(gateway.authorize(payment(), "tok_late_success"), Authorized)


def test_a_slow_answer_is_waited_for(gateway: SandboxGateway) -> None:
    assert isinstance(gateway.authorize(payment(), "tok_slow"), Authorized)


def test_a_provider_that_is_down_did_nothing() -> None:
    [port] = any_free(1)
    gateway = gateway_to(port)

    with pytest.raises(PaymentUnavailable):
        gateway.authorize(payment(), "tok_approve")
    with pytest.raises(PaymentUnavailable):
        gateway.look_up("auth_1")


def test_an_answer_that_cannot_be_read_leaves_open_what_a_keyed_call_did() -> None:
    with product_stub.running() as stub:
        stub.state.answers["/authorizations"] = (200, {"odd": True})
        gateway = gateway_to(stub.server_address[1])

        for keyed in (
            lambda: gateway.authorize(payment(), "tok_approve"),
            lambda: gateway.capture("auth_1", AMOUNT, "cap-1"),
            lambda: gateway.void("auth_1", "void-1"),
            lambda: gateway.refund("auth_1", AMOUNT, "refund-1"),
        ):
            with pytest.raises(PaymentTimeout):
                keyed()
        with pytest.raises(PaymentUnavailable):
            gateway.list_open()


def test_a_wrong_secret_is_an_outage_and_a_reused_key_is_not(provider: Bank) -> None:
    port = provider.server_address[1]
    with pytest.raises(PaymentUnavailable):
        gateway_to(port, secret="wrong").authorize(payment(), "tok_approve")
    gateway = gateway_to(port)
    gateway.authorize(payment(), "tok_approve")

    with pytest.raises(PaymentRefused):
        gateway.authorize(payment(), "tok_decline")
    with pytest.raises(PaymentRefused):
        gateway.capture("auth_nobody", AMOUNT, "cap-1")


def test_amounts_are_in_minor_units_in_the_books(gateway: SandboxGateway, provider: Bank) -> None:
    authorized = gateway.authorize(payment(), "tok_approve")
    assert isinstance(authorized, Authorized)
    gateway.capture(authorized.reference, AMOUNT, "cap-1")
    gateway.refund(authorized.reference, Money.of("5.00", "EUR"), "refund-1")
    assert [(e["kind"], e["amount"], e["currency"]) for e in provider.ledger.entries()] == [
        ("authorize", 1990, "EUR"),
        ("capture", 1990, "EUR"),
        ("refund", 500, "EUR"),
    ]


def test_every_card_that_is_offered_is_known_to_the_provider(gateway: SandboxGateway) -> None:
    assert {method.code for method in gateway.methods()} <= TOKENS.keys()
    assert {method.kind for method in gateway.methods()} == {MethodKind.TOKEN}
