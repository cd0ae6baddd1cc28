"""Refunds of the sandbox: keyed, at most what was captured, perhaps pending, perhaps failed later.

A refund is entered in the books when it is taken on; one that fails later is entered once more, the
other way round. Whoever reads finds what is due by then.
"""

from __future__ import annotations

import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.ledger import Ledger, Result, now, text
from sandbox.refusals import Refusal
from sandbox.tokens import TOKENS, Refunding

SCHEMA = """
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, authorization TEXT NOT NULL REFERENCES authorization (id),
    amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL, reason TEXT, -- pending, succeeded or failed
    due_at TEXT, -- when a pending one ends, as its token says
    at TEXT NOT NULL);
"""
BORN: dict[Refunding, tuple[str, str | None]] = {
    Refunding.AT_ONCE: ("succeeded", None),
    Refunding.LATER: ("pending", None),
    Refunding.FAILS_LATER: ("pending", None),
    Refunding.FAILS: ("failed", "refund_declined"),
}


class Refunds:
    """The refunds in the file of a ledger. A pending one ends after `seconds`."""

    def __init__(self, ledger: Ledger, seconds: float) -> None:
        self._ledger = ledger
        self._pending_for = timedelta(seconds=seconds)
        with ledger.transaction() as db:
            db.execute(SCHEMA)

    def refund(self, *, key: str, authorization: str, amount: int) -> dict[str, Any]:
        """Pay back `amount` of what was captured: the refund, with `id` None if it is too much."""
        self.settle()

        def begin(db: sqlite3.Connection) -> Result:
            return self._begin(db, self._ledger.row(db, authorization), key, amount)

        outcome = self._ledger.once("refund", key, f"{authorization} {amount}", begin)
        for row in self._ledger.all("SELECT * FROM refund WHERE key = ?", key):
            return row
        return {"id": None, "status": outcome.status, "reason": outcome.reason}

    def find(self, refund: str) -> dict[str, Any]:
        self.settle()
        for row in self._ledger.all("SELECT * FROM refund WHERE id = ?", refund):
            return row
        raise Refusal(404, "unknown_refund", "There is no such id.")

    def of(self, authorization: str) -> list[dict[str, Any]]:
        """Those of one authorization, oldest first. Raises Refusal (404)."""
        self._ledger.find(authorization)
        self.settle()
        query = "SELECT * FROM refund WHERE authorization = ? ORDER BY rowid"
        return self._ledger.all(query, authorization)

    def settle(self, at: datetime | None = None) -> None:
        """End the pending ones whose time has come now, or by `at`."""
        until = text(at or datetime.now(UTC))
        query = "SELECT * FROM refund WHERE status = 'pending' AND due_at <= ?"
        if not self._ledger.all(query, until):
            return
        with self._ledger.transaction() as db:
            for refund in db.execute(query, [until]).fetchall():
                self._end(db, dict(refund))

    def _begin(self, db: sqlite3.Connection, row: dict[str, Any], key: str, amount: int) -> Result:
        if amount > _left(db, row["id"]):
            return row["id"], "failed", "amount_too_large"
        status, reason = BORN[TOKENS[row["token"]].refunding]
        due_at = text(datetime.now(UTC) + self._pending_for) if status == "pending" else None
        db.execute(
            "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(f"ref_{secrets.token_hex(12)}", row["id"], amount, row["currency"], key),
                *(status, reason, due_at, now()),
            ],
        )
        if status != "failed":
            self._ledger.enter(db, row, "refund", amount, key)
        return row["id"], status, reason

    def _end(self, db: sqlite3.Connection, refund: dict[str, Any]) -> None:
        row = self._ledger.row(db, refund["authorization"])
        fails = TOKENS[row["token"]].refunding is Refunding.FAILS_LATER
        if fails:
            key = f"{refund['key']}:failed"
            self._ledger.enter(db, row, "refund_failed", refund["amount"], key)
        ended = ("failed", "account_closed") if fails else ("succeeded", None)
        db.execute("UPDATE refund SET status = ?, reason = ? WHERE id = ?", [*ended, refund["id"]])


def _left(db: sqlite3.Connection, authorization: str) -> int:
    """What was captured and is not paid back, nor about to be."""
    query = """
        SELECT coalesce(sum(CASE kind WHEN 'capture' THEN amount WHEN 'refund_failed' THEN amount
                                      WHEN 'refund' THEN -amount ELSE 0 END), 0)
        FROM entry WHERE authorization = ?"""
    left: int = db.execute(query, [authorization]).fetchone()[0]
    return left
