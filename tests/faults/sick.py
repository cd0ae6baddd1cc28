"""Shops that are sick in one place each, and what the audit has to say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.faults import story


@dataclass
class Bank:
    """A payment provider that says what a test wants it to say."""

    entries: list[dict[str, Any]] = field(default_factory=story.provider_entries)
    open: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@dataclass(frozen=True)
class Sick:
    """What is broken where, and what the audit has to say about it."""

    says: str
    service: str = "order_service"
    statement: str = ""
    entry: dict[str, Any] | None = None  # one more line in the journal
    bank: dict[str, Any] | None = None  # one more entry of the provider
    open: dict[str, Any] | None = None
    mail: str | None = None
    is_owner_told: bool = True
    is_silent_about: str = ""  # what it must not say, because that is all right


HEALTHY = Sick(says="")
CAPTURE = {"reference": "TC-PAID", "kind": "capture", "amount": 2480, "key": "another"}
HELD = {"id": "auth_2", "reference": "TC-DECLINED", "status": "authorized"}
PAID_ANSWER = {
    "kind": "accepted",
    "shopper": "TC-PAID",
    "subject": "guest:TC-PAID",
    "key": "TC-PAID",
    "number": "TC-PAID",
    "total": "24.80",
    "expected": "24.80",
}
SEEN = {"kind": "seen", "shopper": "TC-PAID", "number": "TC-PAID"}
NOT_TOLD_ONCE = "I10 the owner was not told once of a confirmed order"
ANOTHER_MAIL = story.mail("TC-PAID").replace("PAID-1@", "PAID-2@")
CASES = (
    HEALTHY,
    Sick("I1 an acknowledged order is lost", entry={**PAID_ANSWER, "number": "TC-GONE"}),
    Sick("I1 a total differs", entry={**PAID_ANSWER, "total": "24.79"}),
    Sick("I2 one key, several orders", entry={**PAID_ANSWER, "number": "TC-REFUSED"}),
    Sick(
        "I2 an order without exactly one key",
        statement="DELETE FROM orders_idempotencykey WHERE key = 'TC-REFUSED'",
    ),
    Sick("I3 charged twice", bank=CAPTURE),
    Sick(
        "I3 charged another amount than is due",
        bank={**CAPTURE, "reference": "TC-REFUSED", "amount": 1},
    ),
    Sick(
        "I3 money moved for an order that does not exist", bank={**CAPTURE, "reference": "TC-GONE"}
    ),
    Sick(
        "I3 a booking that does not sum to zero",
        statement="UPDATE payments_ledgerentry SET amount = -24.79 WHERE account = 'sales'",
    ),
    Sick(
        "I3 booked is not what is due",
        statement="UPDATE payments_ledgerentry SET order_id = (SELECT id FROM orders_order"
        " WHERE number = 'TC-REFUSED')",
    ),
    Sick(
        "I3 payments do not say what the order says",
        statement="UPDATE payments_payment SET state = 'captured'",
    ),
    Sick(
        "I3 an order whose parts do not add up",
        statement="UPDATE orders_orderline SET unit_price = 19.91, total = 19.91 WHERE sku = 'HOT'",
    ),
    Sick(
        "I3 an order whose adjustments are not its sums",
        statement="INSERT INTO orders_orderadjustment (order_id, position, kind, label, amount,"
        " tax_rate, tax, source) SELECT id, 0, 'shipping', 'Standard', shipping + 1, 0.19, 0,"
        " 'standard' FROM orders_order",
    ),
    Sick(
        "I4 item differs from its movements",
        "product_service",
        "UPDATE stock_item SET on_hand = on_hand + 1",
    ),
    Sick(
        "I4 put aside is not what held reservations hold",
        "product_service",
        "UPDATE reservation SET state = 'held' WHERE state = 'released'",
    ),
    Sick(
        "I4 a reservation and its movements disagree",
        "product_service",
        "UPDATE reservation SET state = 'released' WHERE state = 'committed'",
    ),
    Sick(  # two lines of one variant, whose SKU was corrected in between
        "I5 other goods left than were ordered",
        "product_service",
        "UPDATE stock_movement SET d_on_hand = 2 * d_on_hand, d_reserved = 2 * d_reserved"
        f" WHERE order_id = '{story.PAID}';"
        " INSERT INTO reservation_line (reservation_id, sku, variant_id, quantity)"
        " SELECT reservation_id, 'CORRECTED', variant_id, 1 FROM reservation_line"
        f" WHERE reservation_id = '{story.PAID}'",
        is_silent_about="I4 a reservation and its movements disagree",
    ),
    Sick(
        "I5 refused although enough was there",
        "product_service",
        "UPDATE reservation_line SET seen_version = 1 WHERE seen_version IS NOT NULL",
    ),
    Sick(
        "I5 refused without a short line",
        "product_service",
        "UPDATE reservation_line SET seen_version = NULL, available_seen = NULL",
    ),
    Sick(
        "I5 confirmed without its goods",
        "product_service",
        "UPDATE reservation SET state = 'released' WHERE state = 'committed'",
    ),
    Sick(
        "I5 other goods left than were ordered",
        "product_service",
        "UPDATE reservation_line SET quantity = 2 WHERE sku = 'HOT'",
    ),
    Sick(
        "I6 goods are kept for a cancelled order",
        "product_service",
        "UPDATE reservation SET state = 'held' WHERE state = 'released'",
    ),
    Sick("I6 an authorization is left authorized", open=HELD),
    Sick(
        "I6 a payment of a finished order is still open",
        statement="UPDATE payments_payment SET state = 'unknown' WHERE state = 'declined'",
    ),
    Sick(
        "I8 a move that is not allowed",
        statement="UPDATE orders_orderevent SET from_state = 'placed' WHERE to_state = 'committed'",
    ),
    Sick(
        "I8 a history with a gap",
        statement="DELETE FROM orders_orderevent WHERE to_state = 'authorized'",
    ),
    Sick(
        "I8 an order that is not where its history ends",
        statement="UPDATE orders_order SET version = 9 WHERE number = 'TC-PAID'",
    ),
    Sick(
        "I9 not terminal",
        statement="UPDATE orders_order SET state = 'committed', next_attempt_at = now()"
        " WHERE number = 'TC-PAID'",
    ),
    Sick("I10 mails of several ids", mail=ANOTHER_MAIL),
    Sick("I10 a mail that tells another end", mail=story.mail("TC-REFUSED", "confirmed")),
    Sick("I10 a mail that tells another end", mail=story.mail("TC-PAID", "cancelled")),
    Sick(
        "I10 a mail for an unfinished order",
        statement="UPDATE orders_order SET state = 'cancelling', next_attempt_at = now()"
        " WHERE number = 'TC-REFUSED'",
    ),
    Sick("I10 a mail to the owner went to somebody else", mail=story.owners_mail(to="ada@e.org")),
    Sick(NOT_TOLD_ONCE, mail=story.owners_mail(key="2")),
    Sick(NOT_TOLD_ONCE, mail=story.owners_mail("TC-REFUSED")),
    Sick(NOT_TOLD_ONCE, is_owner_told=False),
    Sick(
        "I10 two mails to the owner about one order",
        statement="INSERT INTO orders_delivery (event_id, kind, key, attempts, last_error)"
        " SELECT event_id, 'new_order', key || n, 0, '' FROM orders_delivery,"
        " generate_series(1, 2) n WHERE kind = 'order_confirmation'",
    ),
    Sick(
        "I10 no mail arrived",
        statement="UPDATE orders_order SET number = 'TC-OTHER' WHERE number = 'TC-DECLINED'",
    ),
    Sick(
        "I10 a finished order without exactly one mail about its end",
        statement="DELETE FROM orders_delivery WHERE event_id IN (SELECT e.id"
        " FROM orders_orderevent e JOIN orders_order o ON o.id = e.order_id"
        " WHERE o.number = 'TC-DECLINED')",
    ),
    Sick(
        "I10 a finished order without exactly one mail about its end",
        statement="DELETE FROM orders_delivery WHERE kind = 'order_confirmation'",
    ),
    Sick(
        "I10 a mail about an end that never was",
        statement="UPDATE orders_delivery SET kind = 'order_confirmation'"
        " WHERE kind = 'order_cancelled'",
    ),
    Sick("I11 an order went backwards", entry={**SEEN, "state": "placed", "timeline": ["placed"]}),
    Sick(
        "I11 a history that never was",
        entry={**SEEN, "state": "cancelling", "timeline": ["placed", "cancelling"]},
    ),
    Sick(
        "I11 a wrong answer to POST /v1/orders",
        entry={"kind": "wrong", "what": "POST /v1/orders", "status": 500},
    ),
)
