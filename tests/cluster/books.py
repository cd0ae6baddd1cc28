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
TAKEN = """
    SELECT details->>'order' AS number FROM audit_drift
    WHERE kind = 'payment_taken' AND repaired_at IS NULL"""
DECIDED_SECONDS = 180.0
DECIDED = {("confirmed", ""), ("cancelled", "out_of_stock")}


def must_agree(kubectl: Kubectl, taken: Sequence[str]) -> None:
    """Every order that a shopper was told of is there and decided, and the audit finds nothing."""
    must_be_decided(kubectl, taken)
    assert audit(kubectl) == []


def must_be_decided(kubectl: Kubectl, taken: Sequence[str]) -> None:
    """Every order that a shopper was told of is there and decided."""
    seconds = wait_until(
        lambda: all(state in DECIDED for state in states(kubectl, taken).values()),
        f"all {len(taken)} orders are there and decided",
        DECIDED_SECONDS,
    )
    print(f"    {len(taken)} orders taken, none lost, all decided after {seconds:.0f} s")


def drifts(kubectl: Kubectl) -> set[str]:
    """Numbers of orders that are not here, and were paid at the bank."""
    with _database(kubectl, "order_service") as orders:
        return {row["number"] for row in orders.rows(TAKEN)}


def states(kubectl: Kubectl, taken: Sequence[str]) -> dict[str, tuple[str, str]]:
    """State and reason by number; ("lost", "") for an order that is not in the books."""
    with _database(kubectl, "order_service") as orders:
        known = {row["number"]: (row["state"], row["reason"]) for row in orders.rows(STATES)}
    return {number: known.get(number, ("lost", "")) for number in taken}


def undecided(kubectl: Kubectl) -> int:
    """Orders that are under way, whoever placed them."""
    with _database(kubectl, "order_service") as orders:
        return int(orders.rows(OPEN)[0]["count"])


def confirmed(kubectl: Kubectl, taken: Sequence[str]) -> int:
    return list(states(kubectl, taken).values()).count(("confirmed", ""))


def audit(kubectl: Kubectl) -> list[str]:
    """The order audit of the fault tests, against the databases and the bank of the cluster.

    It works beside a shop at work: orders of other tests may wait for their shopper's bank.
    """
    key = kubectl.secret("order-service", "PAYMENT_PROVIDER_KEY")
    with (
        _database(kubectl, "order_service") as orders,
        _database(kubectl, "product_service") as products,
        kubectl.forward("deployment/sandbox", 8000) as port,
    ):
        provider = Provider.ask(f"http://127.0.0.1:{port}", key)
        sources = Sources(orders, products, provider, journal=(), mail=None, drained=False)
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
