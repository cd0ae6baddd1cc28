"""What happens to orders, seen in the database itself and past the proxy.

A trigger of ours notes every claim of an order (its lease is taken while its version stays), so
the run knows how often each order was started, in which state, and when. It writes as the owner of
the tables: the shop itself has no right on ours.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

POLL_SECONDS = 0.1
TERMINAL = ("confirmed", "cancelled")
CLAIMS = """
CREATE TABLE IF NOT EXISTS seen_claim (
    order_id uuid NOT NULL, state text NOT NULL, version bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE OR REPLACE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO seen_claim (order_id, state, version) VALUES (NEW.id, NEW.state, NEW.version);
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS note_claim ON orders_order;
CREATE TRIGGER note_claim AFTER UPDATE OF lease_until ON orders_order FOR EACH ROW
    WHEN (NEW.lease_until IS NOT NULL AND NEW.version = OLD.version
          AND NEW.lease_until IS DISTINCT FROM OLD.lease_until)
    EXECUTE FUNCTION note_claim();
"""
UNFINISHED = """
SELECT number, state, coalesce(lease_until > now(), false) FROM orders_order
WHERE state NOT IN ('confirmed', 'cancelled')
"""
UNSENT = "SELECT count(*) FROM orders_delivery WHERE sent_at IS NULL"
LIVES = """
SELECT o.number, o.state, o.reason,
       extract(epoch FROM min(e.at))::float8,
       extract(epoch FROM max(e.at) FILTER (
           WHERE e.to_state IN ('confirmed', 'cancelled')))::float8
FROM orders_order o JOIN orders_orderevent e ON e.order_id = o.id
GROUP BY o.number, o.state, o.reason
"""
STORIES = """
SELECT number, array_agg(step || ' ' || to_char(at, 'HH24:MI:SS.MS') ORDER BY at, step) FROM (
    SELECT o.number, e.to_state AS step, e.at FROM orders_orderevent e
    JOIN orders_order o ON o.id = e.order_id
    UNION ALL
    SELECT o.number, '(claim)', c.at FROM seen_claim c JOIN orders_order o ON o.id = c.order_id
) AS steps GROUP BY number ORDER BY max(at) - min(at) DESC
"""
# An undisturbed order needs one claim. Looking whether a shopper has confirmed is no new attempt.
REPEATED = """
SELECT count(*) FROM (
    SELECT order_id FROM seen_claim WHERE state <> 'awaiting_shopper'
    GROUP BY order_id HAVING count(*) > 1) AS again
"""

ByState = dict[str, list[str]]


@dataclass(frozen=True)
class Life:
    """When an order was placed and ended (epoch seconds)."""

    number: str
    state: str
    reason: str
    placed_at: float
    ended_at: float | None


class Observer:
    """Reads the orders' database; each question opens a connection of its own."""

    def __init__(self, orders_database: str) -> None:
        self._url = orders_database

    def watch_claims(self) -> None:
        with self._connect() as connection:
            connection.execute(CLAIMS)

    def in_flight(self) -> tuple[ByState, ByState]:
        """Numbers of unfinished orders by state: all, and those with a running lease.

        Empty while PostgreSQL is away: nothing moves then either.
        """
        everything: ByState = defaultdict(list)
        held: ByState = defaultdict(list)
        try:
            with self._connect() as connection:
                rows = connection.execute(UNFINISHED).fetchall()
        except psycopg.OperationalError:
            rows = []
        for number, state, has_lease in rows:
            everything[state].append(number)
            if has_lease:
                held[state].append(number)
        return dict(everything), dict(held)

    def decide(self, seconds: float) -> float | None:
        """Wait until every order is terminal; how long it took, or None."""
        return self._wait(seconds, _is_decided)

    def drain(self, seconds: float) -> float | None:
        """Wait until every order is terminal and every mail sent; how long it took, or None."""
        return self._wait(seconds, _is_drained)

    def lives(self) -> list[Life]:
        with self._connect() as connection:
            return [Life(*row) for row in connection.execute(LIVES).fetchall()]

    def repeated(self) -> int:
        """Orders that had to be taken up more than once."""
        with self._connect() as connection:
            row = connection.execute(REPEATED).fetchone()
        return int(row[0]) if row else 0

    def stories(self) -> list[str]:
        """Every move and claim of each order with its time, the longest story first."""
        with self._connect() as connection:
            rows = connection.execute(STORIES).fetchall()
        return [f"{number} {', '.join(steps)}" for number, steps in rows]

    def _wait(self, seconds: float, is_over: Callable[[psycopg.Connection], bool]) -> float | None:
        began = time.monotonic()
        with self._connect() as connection:
            while time.monotonic() - began < seconds:
                if is_over(connection):
                    return time.monotonic() - began
                time.sleep(POLL_SECONDS)
        return None

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._url, connect_timeout=3, autocommit=True)


def _is_decided(connection: psycopg.Connection) -> bool:
    return connection.execute(UNFINISHED + " LIMIT 1").fetchone() is None


def _is_drained(connection: psycopg.Connection) -> bool:
    if not _is_decided(connection):
        return False
    row = connection.execute(UNSENT).fetchone()
    return row is not None and row[0] == 0
