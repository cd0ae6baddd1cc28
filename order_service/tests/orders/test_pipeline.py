"""The life of an order, from placed to its end, with everything that can refuse or be away."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from order_service.dispatch.figures.orders import order_figures
from order_service.orders.models import Delivery
from order_service.orders.states import PaymentStatus, Reason, State
from order_service.payments.models import LedgerEntry, Payment
from order_service.payments.states import PaymentState
from order_service.pipeline.pipeline import advance
from order_service.tests.factories import make_order
from order_service.tests.orders.conftest import World, history
from order_service.tests.orders.samples import samples
from order_service.tests.product_stub import problem

pytestmark = pytest.mark.django_db(transaction=True)

TOTAL = 2480  # cents; what make_order asks for


def test_an_approved_order_is_confirmed_charged_once_booked_and_announced(world: World) -> None:
    order = world.advance(make_order())
    assert (order.state, order.payment_status) == (State.CONFIRMED, PaymentStatus.PAID)
    assert history(order) == ["placed", "reserved", "authorized", "committed", "confirmed"]
    assert world.money() == [("authorize", TOTAL), ("capture", TOTAL)]
    assert world.stock(order) == "committed"
    assert order.next_attempt_at is None
    assert order.lease_until is None
    books = LedgerEntry.objects.filter(order=order).values_list("account", "amount")
    assert dict(books) == {"provider": Decimal("24.80"), "sales": Decimal("-24.80")}
    assert [d.topic for d in Delivery.objects.filter(event__order=order)] == ["order_confirmation"]


def test_an_order_takes_twelve_statements_from_placed_to_confirmed(world: World) -> None:
    world.advance(make_order())  # connects
    order = make_order()

    with CaptureQueriesContext(connection) as captured:
        advance(order.id, world.ports, timezone.now() + timedelta(seconds=15))

    order.refresh_from_db()
    assert order.state == State.CONFIRMED
    statements = [
        query["sql"] for query in captured if query["sql"] not in ("BEGIN", "COMMIT", "ROLLBACK")
    ]
    assert len(statements) <= 12, statements


@pytest.mark.parametrize("token", ["tok_decline", "tok_insufficient_funds"])
def test_a_declined_card_releases_stock_and_costs_nothing(world: World, token: str) -> None:
    order = world.finish(make_order(payment_token=token))
    assert (order.state, order.reason) == (State.CANCELLED, Reason.PAYMENT_DECLINED)
    assert order.payment_status == PaymentStatus.DECLINED
    assert world.money() == []
    assert world.stock(order) == "released"
    assert [d.topic for d in Delivery.objects.filter(event__order=order)] == ["order_cancelled"]


def test_a_declined_capture_restocks_and_gives_the_money_back(world: World) -> None:
    order = world.finish(make_order(payment_token="tok_capture_decline"))
    assert (order.state, order.reason) == (State.CANCELLED, Reason.PAYMENT_DECLINED)
    assert history(order)[-3:] == ["committed", "cancelling", "cancelled"]
    assert world.money() == [("authorize", TOTAL), ("void", TOTAL)]
    assert world.stock(order) == "released"
    assert order.payment_status == PaymentStatus.VOIDED


def test_an_order_that_is_short_says_of_what_and_never_reaches_the_bank(world: World) -> None:
    world.shop.short = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]
    order = world.finish(make_order())
    assert (order.state, order.reason) == (State.CANCELLED, Reason.OUT_OF_STOCK)
    assert order.short == [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]
    assert world.money() == []
    assert not Payment.objects.exists()


def test_a_shopper_who_confirms_with_the_bank_gets_the_order(world: World) -> None:
    order = world.advance(make_order(payment_token="tok_confirm"))
    assert order.state == State.AWAITING_SHOPPER
    payment = Payment.objects.get(order=order)
    assert payment.confirm_url.startswith("http://bank.example/confirm/")
    world.ledger.confirm(payment.provider_reference, approved=True)
    order = world.finish(order)
    assert order.state == State.CONFIRMED
    assert world.money() == [("authorize", TOTAL), ("capture", TOTAL)]


@pytest.mark.parametrize(
    ("state", "payment_state"),
    [
        (State.RESERVED, PaymentState.NEW),
        (State.RESERVED, PaymentState.UNKNOWN),
        (State.AWAITING_SHOPPER, PaymentState.ACTION_REQUIRED),
    ],
)
@pytest.mark.parametrize("was_taken", [True, False])
def test_a_restored_order_goes_on_with_what_became_of_its_payment(
    world: World, state: State, payment_state: PaymentState, *, was_taken: bool
) -> None:
    order = make_order(state)
    key = f"order-{order.id}"
    outcome = world.ledger.authorize(
        key=key,
        reference=order.number,
        amount=TOTAL,
        currency="EUR",
        token=order.payment_token,
        return_url="",
    )
    if was_taken:
        captured = f"{key}:capture"
        world.ledger.capture(key=captured, authorization=outcome.authorization, amount=TOTAL)
    else:
        world.ledger.void(key=f"{key}:void", authorization=outcome.authorization)
    world.shop.reservations[str(order.id)] = "held"
    Payment.objects.create(
        order=order, amount=order.total, currency="EUR", state=payment_state, idempotency_key=key
    )
    order = world.finish(order)
    if was_taken:
        assert order.state == State.CONFIRMED
        assert world.money() == [("authorize", TOTAL), ("capture", TOTAL)]
    else:
        assert (order.state, order.reason) == (State.CANCELLED, Reason.PAYMENT_DECLINED)


def test_a_shopper_who_refuses_at_the_bank_is_declined(world: World) -> None:
    order = world.advance(make_order(payment_token="tok_confirm"))
    world.ledger.confirm(Payment.objects.get().provider_reference, approved=False)
    order = world.finish(order)
    assert (order.state, order.reason) == (State.CANCELLED, Reason.PAYMENT_DECLINED)
    assert world.money() == []


def test_a_shopper_who_never_answers_the_bank_expires(world: World) -> None:
    patient = world.with_policy(awaiting_shopper=timedelta(0))
    order = patient.finish(make_order(payment_token="tok_confirm"))
    assert (order.state, order.reason) == (State.CANCELLED, Reason.EXPIRED)
    assert world.money() == []
    assert world.stock(order) == "released"
    late = world.ledger.confirm(Payment.objects.get().provider_reference, approved=True)
    assert late["status"] == "voided"


def test_an_authorization_whose_answer_was_lost_is_repeated_and_made_once(
    world: World,
) -> None:
    order = world.advance(make_order(payment_token="tok_timeout_after_effect"))
    assert order.state == State.RESERVED
    assert Payment.objects.get().state == PaymentState.UNKNOWN
    assert order.failures == 0
    assert world.finish(order).state == State.CONFIRMED
    assert world.money() == [("authorize", TOTAL), ("capture", TOTAL)]


def test_an_authorization_that_succeeds_behind_an_error_is_found(world: World) -> None:
    order = world.finish(make_order(payment_token="tok_late_success"))
    assert order.state == State.CONFIRMED
    assert world.money() == [("authorize", TOTAL), ("capture", TOTAL)]


def test_an_order_waits_while_product_service_is_away_and_is_not_blamed(world: World) -> None:
    world.shop.answers = {"/v1/reservations": (503, problem(503, "unavailable"))}
    order = make_order()
    for _ in range(15):
        order = world.advance(order)
    assert (order.state, order.failures, order.attention_at) == (State.PLACED, 0, None)
    assert "StockUnavailable" in order.last_error
    assert order.attempts == 15


def test_stock_that_expired_is_held_again_before_the_capture(world: World) -> None:
    order = make_order(State.RESERVED)
    world.shop.reservations[str(order.id)] = "expired"
    order = world.finish(order)
    assert order.state == State.CONFIRMED
    assert world.stock(order) == "committed"


def test_stock_that_expired_and_sold_out_voids_the_authorization(world: World) -> None:
    order = make_order(State.RESERVED)
    world.shop.reservations[str(order.id)] = "expired"
    world.shop.short = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]
    order = world.finish(order)
    assert (order.state, order.reason) == (State.CANCELLED, Reason.OUT_OF_STOCK)
    assert world.money() == [("authorize", TOTAL), ("void", TOTAL)]


def test_an_order_that_product_service_always_breaks_on_is_called_out_by_its_age(
    world: World,
) -> None:
    """For it alone that looks as an outage does, and an outage must not set every order aside."""
    order = make_order(placed_at=Now() - timedelta(minutes=6))
    world.shop.answers = {f"/v1/reservations/{order.pk}": (500, problem(500, "internal_error"))}
    for _ in range(15):
        order = world.advance(order)
    assert (order.state, order.failures, order.attention_at) == (State.PLACED, 0, None)
    seen = samples(order_figures().collect())
    # Alert OrdersStuckUndecided comes at 300 s.
    assert seen["techcommerce_order_oldest_undecided_age_seconds",] >= 360


def test_an_order_that_keeps_failing_waits_for_a_person(world: World) -> None:
    world.shop.answers = {"/v1/reservations": (422, problem(422, "fingerprint_mismatch"))}
    order = make_order()
    for _ in range(12):
        order = world.advance(order)
    assert order.failures == 12
    assert order.attention_at is not None
    assert world.ports.store.claim(order.id) is None
    assert "StockRefused" in order.last_error


def test_the_deadline_gives_the_order_back_where_it_stands(world: World) -> None:
    order = make_order()
    advance(order.id, world.ports, timezone.now() - timedelta(seconds=1))
    order.refresh_from_db()
    assert (order.state, order.lease_until, order.failures) == (State.PLACED, None, 0)
    assert order.next_attempt_at is not None
    assert order.next_attempt_at <= timezone.now()
    assert world.shop.calls == []
