"""What the pipeline relies on, asked of every gateway: however a call ends, money moves once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from chassis.money import Money
from order_service.payments.gateways.base import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    FoundPayment,
    FoundRefund,
    OpenAuthorization,
    PaymentGateway,
    PaymentRefused,
    PaymentRequest,
    PaymentTimeout,
    Refunded,
    RefundFailed,
    RefundPending,
    Voided,
)
from order_service.tests.payments.benches import (
    APPROVE,
    BENCHES,
    CAPTURE_DECLINE,
    CONFIRM,
    DECLINE,
    REFUND_FAILS_LATER,
    REFUND_PENDING,
    Bench,
)

NUMBER = "TC-ABCD2345"
AMOUNT, PART, REST = (Money.of(each, "EUR") for each in ("19.90", "5.00", "14.90"))
EVER = datetime(2020, 1, 1, tzinfo=UTC)
LOST = pytest.mark.parametrize("lost", ["before", "after"])


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with BENCHES[request.param](tmp_path) as bench:
        yield bench


@pytest.fixture
def gateway(bench: Bench) -> PaymentGateway:
    return bench.gateway


def request(key: str = "pay-1") -> PaymentRequest:
    return PaymentRequest(key, NUMBER, AMOUNT, f"http://shop.example/orders/{NUMBER}/")


def held(gateway: PaymentGateway, token: str = APPROVE) -> str:
    authorized = gateway.authorize(request(), token)
    assert isinstance(authorized, Authorized)
    return authorized.reference


def taken(gateway: PaymentGateway, token: str = APPROVE) -> str:
    reference = held(gateway, token)
    assert gateway.capture(reference, AMOUNT, "pay-1:capture") == Captured(reference)
    return reference


def ask_again(bench: Bench, lost: str, call: Callable[[], object]) -> object:
    """A call whose answer is lost; then the same once more."""
    bench.lose(lost)
    with pytest.raises(PaymentTimeout):
        call()
    bench.lose("")
    return call()


def test_every_gateway_of_the_settings_has_a_bench() -> None:
    assert set(settings.PAYMENT_GATEWAYS) <= set(BENCHES)


def test_what_is_offered_has_a_code_and_a_name(gateway: PaymentGateway) -> None:
    offered = gateway.methods()
    assert offered
    assert all(method.code and method.name for method in offered)
    assert len({method.code for method in offered}) == len(offered)


def test_money_is_held_and_taken_and_a_repeated_call_tells_how_it_stands(
    gateway: PaymentGateway,
) -> None:
    reference = held(gateway)
    assert gateway.look_up(reference) == Authorized(reference)
    assert gateway.authorize(request(), APPROVE) == Authorized(reference)
    assert gateway.list_open() == (OpenAuthorization(reference, NUMBER, AMOUNT, "pay-1"),)

    for _ in range(2):
        assert gateway.capture(reference, AMOUNT, "pay-1:capture") == Captured(reference)
    assert gateway.look_up(reference) == Captured(reference)
    assert gateway.authorize(request(), APPROVE) == Captured(reference)
    assert gateway.list_open() == ()
    assert [each.amount for each in gateway.list_taken(EVER)] == [AMOUNT]


def test_a_declined_payment_says_why_and_holds_nothing(gateway: PaymentGateway) -> None:
    for _ in range(2):
        assert gateway.authorize(request(), DECLINE) == Declined("card_declined")
    assert gateway.list_open() == ()
    (found,) = gateway.find(NUMBER, EVER)
    assert found == FoundPayment("pay-1", Declined("card_declined"))


def test_another_key_is_another_payment_of_the_same_order(gateway: PaymentGateway) -> None:
    gateway.authorize(request("pay-1"), DECLINE)
    second = gateway.authorize(request("pay-1-2"), APPROVE)
    assert isinstance(second, Authorized)
    assert [each.key for each in gateway.find(NUMBER, EVER)] == ["pay-1", "pay-1-2"]
    assert [each.key for each in gateway.list_open()] == ["pay-1-2"]


@LOST
def test_an_authorization_without_an_answer_is_repeated_and_made_once(
    bench: Bench, lost: str
) -> None:
    gateway = bench.gateway
    outcome = ask_again(bench, lost, lambda: gateway.authorize(request(), APPROVE))
    assert isinstance(outcome, Authorized)
    assert gateway.find(NUMBER, EVER) == (FoundPayment("pay-1", outcome),)


@pytest.mark.parametrize(("lost", "arrived"), [("before", 0), ("after", 1)])
def test_an_authorization_without_an_answer_is_in_the_list_if_it_arrived(
    bench: Bench, lost: str, arrived: int
) -> None:
    bench.lose(lost)
    with pytest.raises(PaymentTimeout):
        bench.gateway.authorize(request(), APPROVE)
    bench.lose("")
    found = bench.gateway.find(NUMBER, EVER)
    assert [(each.key, type(each.standing)) for each in found] == [("pay-1", Authorized)] * arrived
    assert bench.gateway.find("TC-ANOTHER", EVER) == ()
    assert bench.gateway.find(NUMBER, datetime.now(UTC) + timedelta(days=1)) == ()


@LOST
def test_a_capture_without_an_answer_takes_the_money_once(bench: Bench, lost: str) -> None:
    gateway = bench.gateway
    reference = held(gateway)
    outcome = ask_again(bench, lost, lambda: gateway.capture(reference, AMOUNT, "pay-1:capture"))
    assert outcome == Captured(reference)
    assert [each.amount for each in gateway.list_taken(EVER)] == [AMOUNT]


@LOST
def test_a_void_without_an_answer_is_repeated(bench: Bench, lost: str) -> None:
    reference = held(bench.gateway)
    outcome = ask_again(bench, lost, lambda: bench.gateway.void(reference, "pay-1:void"))
    assert outcome == Voided(reference)
    assert bench.gateway.list_open() == ()


@LOST
def test_a_refund_without_an_answer_pays_back_once(bench: Bench, lost: str) -> None:
    gateway = bench.gateway
    reference = taken(gateway)
    outcome = ask_again(bench, lost, lambda: gateway.refund(reference, PART, "refund-1"))
    assert isinstance(outcome, Refunded)
    assert gateway.list_refunds(reference) == (FoundRefund("refund-1", PART, outcome),)


@pytest.mark.parametrize("approved", [True, False])
def test_a_confirmation_is_awaited_and_looked_up(bench: Bench, *, approved: bool) -> None:
    asked = bench.gateway.authorize(request(), CONFIRM)
    assert isinstance(asked, ActionRequired)
    assert bench.gateway.look_up(asked.reference) == asked
    bench.answer_shopper(asked.reference, approved=approved)
    ended = bench.gateway.look_up(asked.reference)
    assert isinstance(ended, Authorized if approved else Declined)


def test_a_void_ends_the_authorization_for_good(gateway: PaymentGateway) -> None:
    reference = held(gateway)
    for _ in range(2):
        assert gateway.void(reference, "pay-1:void") == Voided(reference)
    assert gateway.look_up(reference) == Voided(reference)
    assert gateway.authorize(request(), APPROVE) == Voided(reference)
    assert isinstance(gateway.capture(reference, AMOUNT, "pay-1:capture"), Declined)
    assert gateway.list_taken(EVER) == ()


def test_what_was_captured_cannot_be_voided(gateway: PaymentGateway) -> None:
    reference = taken(gateway)
    assert gateway.void(reference, "pay-1:void") == Captured(reference)


def test_a_declined_capture_leaves_something_to_void(gateway: PaymentGateway) -> None:
    reference = held(gateway, CAPTURE_DECLINE)
    assert isinstance(gateway.capture(reference, AMOUNT, "pay-1:capture"), Declined)
    assert [each.reference for each in gateway.list_open()] == [reference]
    assert gateway.void(reference, "pay-1:void") == Voided(reference)
    assert gateway.list_open() == ()


def test_what_was_taken_is_listed_since_a_time(gateway: PaymentGateway) -> None:
    reference = taken(gateway)
    (listed,) = gateway.list_taken(EVER)
    assert (listed.reference, listed.order_number) == (reference, NUMBER)
    assert (listed.amount, listed.key) == (AMOUNT, "pay-1")
    elsewhere = timezone(timedelta(hours=5))
    assert gateway.list_taken(listed.at.astimezone(elsewhere)) == (listed,)
    assert gateway.list_taken(listed.at + timedelta(milliseconds=1)) == ()


def test_a_refund_pays_all_back_and_no_more(gateway: PaymentGateway) -> None:
    reference = taken(gateway)
    for _ in range(2):
        whole = gateway.refund(reference, AMOUNT, "refund-1")
        assert isinstance(whole, Refunded)
    assert gateway.look_up_refund(whole.refund) == whole
    for _ in range(2):
        assert gateway.refund(reference, PART, "refund-2") == RefundFailed("amount_too_large")
    assert gateway.list_refunds(reference) == (FoundRefund("refund-1", AMOUNT, whole),)
    assert [each.amount for each in gateway.list_taken(EVER)] == [AMOUNT]


def test_refunds_in_parts_add_up_to_what_was_captured(gateway: PaymentGateway) -> None:
    reference = taken(gateway)
    assert isinstance(gateway.refund(reference, PART, "refund-1"), Refunded)
    assert gateway.refund(reference, AMOUNT, "refund-2") == RefundFailed("amount_too_large")
    assert isinstance(gateway.refund(reference, REST, "refund-3"), Refunded)
    cent = Money(Decimal("0.01"), "EUR")
    assert gateway.refund(reference, cent, "refund-4") == RefundFailed("amount_too_large")
    assert [each.amount for each in gateway.list_refunds(reference)] == [PART, REST]


def test_nothing_is_paid_back_of_what_was_only_held(gateway: PaymentGateway) -> None:
    reference = held(gateway)
    assert gateway.refund(reference, PART, "refund-1") == RefundFailed("amount_too_large")
    assert gateway.list_refunds(reference) == ()


def test_a_pending_refund_counts_until_it_is_paid(bench: Bench) -> None:
    gateway = bench.gateway
    reference = taken(gateway, REFUND_PENDING)
    pending = gateway.refund(reference, AMOUNT, "refund-1")
    assert isinstance(pending, RefundPending)
    assert gateway.look_up_refund(pending.refund) == pending
    assert gateway.refund(reference, PART, "refund-2") == RefundFailed("amount_too_large")
    bench.settle()
    assert gateway.look_up_refund(pending.refund) == Refunded(pending.refund)
    assert gateway.refund(reference, AMOUNT, "refund-1") == Refunded(pending.refund)


def test_a_refund_that_fails_later_may_be_made_again(bench: Bench) -> None:
    gateway = bench.gateway
    reference = taken(gateway, REFUND_FAILS_LATER)
    pending = gateway.refund(reference, AMOUNT, "refund-1")
    assert isinstance(pending, RefundPending)
    bench.settle()
    failed = RefundFailed("account_closed", pending.refund)
    assert gateway.look_up_refund(pending.refund) == failed
    assert gateway.refund(reference, AMOUNT, "refund-1") == failed
    again = gateway.refund(reference, AMOUNT, "refund-2")
    assert isinstance(again, RefundPending)
    found = gateway.list_refunds(reference)
    assert [each.standing for each in found] == [failed, again]


def test_what_the_provider_does_not_have_is_refused(gateway: PaymentGateway) -> None:
    for call in (gateway.look_up, gateway.look_up_refund, gateway.list_refunds):
        with pytest.raises(PaymentRefused):
            call("nobody")
    with pytest.raises(PaymentRefused):
        gateway.capture("nobody", AMOUNT, "pay-1:capture")
