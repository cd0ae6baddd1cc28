"""The audit of a shop: `python -m tests.faults.audit`, by default of the one that `make run` runs.

    I1   every acknowledged order exists with its total                     (needs --journal)
    I2   one key, one order
    I3   captured is the total of a confirmed order and 0 otherwise, to the cent, against the
         provider's own ledger and against ours
    I4   stock is conserved: every item is the sum of its movements
    I5   nothing oversold, and every refusal happened when too little was there
    I6   no goods and no money are held for a finished order
    I8   every history is a path of the table of moves, without a gap
    I9   nothing is stuck                                     (--drained: nothing is left to do)
    I10  a mail about the end of every order, all copies under one id  (--mail: and it arrived;
         --owner: and one to them about each confirmed order)
    I11  no shopper saw an order go backwards, or an answer that no fault excuses

(I7, limits of coupons, comes with the coupons.) It prints a line for each violation and exits
with 1 when there is any, with 2 when there is no shop. The provider's key is read from
PAYMENT_PROVIDER_KEY. It shares no code with the shop and reads only, so it may be pointed at a
shop that works.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.folder import RunFolder
from tests.faults.audit import books, histories, ledger, stock
from tests.faults.audit.books import Books
from tests.faults.audit.evidence import (
    Database,
    Mail,
    Provider,
    Row,
    Violation,
    read_journal,
    read_mail,
)

COMPARISONS: tuple[Callable[[Books], Iterator[Violation]], ...] = (
    books.acknowledged_orders_exist,
    books.one_key_is_one_order,
    books.money_is_right,
    books.stock_follows_orders,
    books.no_money_is_held,
    books.mails_arrived,
    books.the_owner_was_told,
    books.orders_never_go_backwards,
    books.answers_were_right,
)


@dataclass(frozen=True)
class Sources:
    """What is audited."""

    orders: Database
    products: Database
    provider: Provider
    journal: Sequence[Row]
    mail: Sequence[Mail] | None
    drained: bool
    owner: str = ""


def violations(sources: Sources) -> Iterator[Violation]:
    """Everything that is wrong, in no order that means anything."""
    orders, products = sources.orders, sources.products
    yield from orders.found("I2", histories.ONE_KEY_ONE_ORDER)
    yield from orders.found("I3", ledger.BALANCED)
    yield from products.found("I4", stock.CONSERVED)
    yield from products.found("I5", stock.FAIR)
    yield from orders.found("I6", ledger.SETTLED)
    yield from orders.found("I8", histories.HISTORIES)
    yield from orders.found("I10", histories.TOLD)
    yield from orders.found("I9", histories.LEFT_OVER if sources.drained else histories.STUCK)
    read = _read(sources)
    for compare in COMPARISONS:
        yield from compare(read)


def _read(sources: Sources) -> Books:
    orders, products = sources.orders, sources.products
    keys = orders.rows(histories.KEYS)
    reservations = products.rows(stock.RESERVATIONS)
    return Books(
        orders={row["number"]: row for row in orders.rows(histories.ORDERS)},
        wanted=books.quantities(orders.rows(histories.LINES)),
        paths={row["number"]: row["states"] for row in orders.rows(histories.PATHS)},
        keys={(row["scope"], row["key"]): str(row["order_id"]) for row in keys},
        reservations={str(row["order_id"]): row["state"] for row in reservations},
        sold=books.quantities(products.rows(stock.SOLD)),
        provider=sources.provider,
        journal=sources.journal,
        mail=sources.mail,
        owner=sources.owner,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Holds the shop's books against each other.")
    parser.add_argument("--orders", help="URL of order_service's database")
    parser.add_argument("--products", help="URL of product_service's database")
    parser.add_argument("--provider", help="address of the payment provider")
    parser.add_argument("--journal", type=Path, help="JSON lines of what shoppers were told")
    parser.add_argument("--mail", type=Path, help="folder of the mails that arrived")
    parser.add_argument("--owner", default="", help="who had a mail about each confirmed order")
    parser.add_argument("--drained", action="store_true", help="nothing may be left to do")
    try:
        sources = _sources(parser.parse_args())
    except (KeyError, OSError, psycopg.OperationalError) as error:
        print(f"There is no shop to audit: {str(error).splitlines()[0]}")
        return 2
    found = list(violations(sources))
    for violation in found:
        print(violation)
    print(f"{len(found)} violations" if found else "The books agree.")
    return bool(found)


def _sources(chosen: argparse.Namespace) -> Sources:
    """What was named; what was not is that of the local shop."""
    folder = RunFolder.default()
    local = {**folder.read("environment"), **os.environ}
    orders = chosen.orders or local["ORDER_SERVICE_DATABASE_URL"]
    products = chosen.products or local["PRODUCT_SERVICE_DATABASE_URL"]
    provider = chosen.provider or local["PAYMENT_PROVIDER_URL"]
    return Sources(
        orders=Database.at(orders),
        products=Database.at(products),
        provider=Provider.ask(provider, local["PAYMENT_PROVIDER_KEY"]),
        journal=read_journal(chosen.journal),
        mail=read_mail(chosen.mail if chosen.orders else chosen.mail or folder.mail),
        drained=chosen.drained,
        owner=chosen.owner,
    )


if __name__ == "__main__":
    sys.exit(main())
