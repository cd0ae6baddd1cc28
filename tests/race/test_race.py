"""200 buyers released by a barrier for 50 units: stock is sold to the last piece, and no further.

All requests are real HTTP to two web workers, the orders are decided by two worker children, and
the audit holds the books against each other afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from tests.faults import goods
from tests.faults.audit.evidence import Provider
from tests.faults.journal import Journal
from tests.faults.observer import Observer
from tests.faults.run import audit
from tests.faults.system import System
from tests.race.buyers import Purchase, Wish, overlap, rush, write_down
from tests.race.conftest import ROUNDS, STOCK

BUYERS = 200
DECLINED_EVERY = 10  # in the second race, each tenth card is declined
LONGEST_SECONDS = 60.0


def compete(system: System, observer: Observer, wishes: Sequence[Wish]) -> list[Purchase]:
    """Let everybody order at once; return when every order is decided."""
    purchases = rush(system, wishes)
    assert observer.drain(LONGEST_SECONDS) is not None, "orders were not finished in time"
    at_once = overlap(purchases)
    print(f"\n{at_once} of {len(purchases)} requests were in flight at once")
    assert at_once >= BUYERS // 2
    return purchases


def wishes(sku: str, payments: Sequence[str]) -> list[Wish]:
    return [
        Wish(
            subject=f"guest:{sku}-{number}",
            key=f"{sku}-{number}",
            body=goods.order_body([(sku, 1)], email=f"b{number}@example.org", payment=payment),
        )
        for number, payment in enumerate(payments)
    ]


def outcomes(system: System, purchases: Sequence[Purchase]) -> Counter[tuple[str, str]]:
    numbers = [each.number for each in purchases]
    with psycopg.connect(system.orders_database) as connection:
        query = "SELECT state, reason FROM orders_order WHERE number = ANY(%s)"
        return Counter(connection.execute(query, [numbers]).fetchall())


def charged(system: System, purchases: Sequence[Purchase]) -> list[str]:
    """Numbers of these orders for which the provider took money, once for each capture."""
    provider = Provider.ask(system.provider_url, system.secrets["PAYMENT_PROVIDER_KEY"])
    numbers = {each.number for each in purchases}
    taken = [each["reference"] for each in provider.entries if each["kind"] == "capture"]
    return [number for number in taken if number in numbers]


def left_over(system: System, sku: str) -> tuple[int, int]:
    """Pieces in the house, and how many of them are put aside."""
    query = """SELECT on_hand, reserved FROM stock_item JOIN variant ON variant.id = variant_id
               WHERE sku = %s"""
    with psycopg.connect(system.products_database) as connection:
        row = connection.execute(query, [sku]).fetchone()
    assert row
    return row[0], row[1]


def assert_books_agree(system: System, purchases: Sequence[Purchase], folder: Path) -> None:
    journal = Journal(folder / "journal.jsonl")
    write_down(purchases, journal)
    journal.close()
    assert audit(system, journal.path) == []


@pytest.mark.parametrize("number", ROUNDS)
def test_fifty_of_two_hundred_buyers_get_the_fifty_pieces(
    system: System, observer: Observer, tmp_path: Path, number: int
) -> None:
    sku = f"HOT-PAID-{number}"
    purchases = compete(system, observer, wishes(sku, ["tok_approve"] * BUYERS))
    assert [each.answer.status for each in purchases] == [202] * BUYERS
    assert outcomes(system, purchases) == {
        ("confirmed", ""): STOCK,
        ("cancelled", "out_of_stock"): BUYERS - STOCK,
    }
    taken = charged(system, purchases)
    assert len(taken) == len(set(taken)) == STOCK
    assert left_over(system, sku) == (0, 0)
    assert_books_agree(system, purchases, tmp_path)


@pytest.mark.parametrize("number", ROUNDS)
def test_pieces_of_declined_cards_go_back_and_are_never_charged(
    system: System, observer: Observer, tmp_path: Path, number: int
) -> None:
    """A declined buyer's piece is free again; whoever asked before that may have been refused.

    So up to as many pieces stay as buyers were declined, and sold + left is exactly the stock.
    """
    sku = f"HOT-DECLINED-{number}"
    payments = [
        "tok_approve" if buyer % DECLINED_EVERY else "tok_decline" for buyer in range(BUYERS)
    ]
    purchases = compete(system, observer, wishes(sku, payments))
    found = outcomes(system, purchases)
    confirmed = found["confirmed", ""]
    declined = found["cancelled", "payment_declined"]
    print(f"{confirmed} confirmed, {declined} declined, {STOCK - confirmed} pieces left")
    assert set(found) <= {
        ("confirmed", ""),
        ("cancelled", "out_of_stock"),
        ("cancelled", "payment_declined"),
    }
    assert sum(found.values()) == BUYERS
    assert left_over(system, sku) == (STOCK - confirmed, 0)
    assert STOCK - declined <= confirmed <= STOCK
    taken = charged(system, purchases)
    good = {each.number for each in purchases if each.body["payment_token"] == "tok_approve"}
    assert len(taken) == len(set(taken)) == confirmed
    assert set(taken) <= good
    assert_books_agree(system, purchases, tmp_path)
