"""The shop's books, read from its databases: every order that was taken is there and decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.cluster.kubectl import Kubectl, wait_until
from tests.faults.audit.__main__ import Sources, violations
from tests.faults.audit.evidence import Database, Provider

OPEN = """
    SELECT count(*) AS count FROM orders_order WHERE state NOT IN ('confirmed', 'cancelled')"""
STATES = "SELECT number, state, coalesce(reason, '') AS reason FROM orders_order"
UNSENT = "SELECT count(*) AS count FROM orders_delivery WHERE sent_at IS NULL"
DECIDED_SECONDS = 180.0
SOLD_OUT = ("cancelled", "out_of_stock")


def must_agree(kubectl: Kubectl, taken: Sequence[str]) -> None:
    """Every order that a shopper was told of is confirmed, and the audit finds nothing."""
    seconds = wait_until(lambda: not undecided(kubectl), "all is decided", DECIDED_SECONDS)
    with _database(kubectl, "order_service") as orders:
        known = {row["number"]: (row["state"], row["reason"]) for row in orders.rows(STATES)}
    lost = [number for number in taken if number not in known]
    other = {
        number: known[number]
        for number in taken
        if number in known and known[number] not in {("confirmed", ""), SOLD_OUT}
    }
    print(f"    {len(taken)} orders taken, {len(lost)} lost; all decided after {seconds:.0f} s")
    assert lost == []
    assert other == {}
    assert audit(kubectl) == []


def undecided(kubectl: Kubectl) -> int:
    """Orders that are under way, and mails that were not sent."""
    with _database(kubectl, "order_service") as orders:
        return int(orders.rows(OPEN)[0]["count"] + orders.rows(UNSENT)[0]["count"])


def confirmed(kubectl: Kubectl, taken: Sequence[str]) -> int:
    with _database(kubectl, "order_service") as orders:
        return sum(
            row["state"] == "confirmed" for row in orders.rows(STATES) if row["number"] in taken
        )


def audit(kubectl: Kubectl) -> list[str]:
    """The order audit of the fault tests, against the databases and the bank of the cluster."""
    key = kubectl.secret("order-service", "PAYMENT_PROVIDER_KEY")
    with (
        _database(kubectl, "order_service") as orders,
        _database(kubectl, "product_service") as products,
        kubectl.forward("deployment/sandbox", 8000) as port,
    ):
        provider = Provider.ask(f"http://127.0.0.1:{port}", key)
        sources = Sources(orders, products, provider, journal=(), mail=None, drained=True)
        return [str(each) for each in violations(sources)]


@contextmanager
def _database(kubectl: Kubectl, name: str) -> Iterator[Database]:
    password = kubectl.secret("postgres", "POSTGRES_PASSWORD")
    with kubectl.forward("statefulset/postgres", 5432) as port:
        url = f"postgres://postgres:{password}@127.0.0.1:{port}/{name}"
        database = Database.at(url)
        try:
            yield database
        finally:
            database.close()
