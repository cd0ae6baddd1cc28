"""The provider's own memory: authorizations, every movement of money, and every key seen.

An idempotency key and its effect are written in one SQLite transaction, so a key was either
never seen or has its effect, whenever the process is killed. The entries are append-only: the
audit of the shop compares its books with them.

This provider allows several captures of one authorization, as real ones do: a shop that captures
twice under two keys charges its customer twice, and sees it here.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.refusals import Refusal
from sandbox.tokens import TOKENS

SCHEMA = """
CREATE TABLE IF NOT EXISTS authorization (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL, token TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
    return_url TEXT, key TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    authorization TEXT NOT NULL REFERENCES authorization (id),
    reference TEXT NOT NULL,
    kind TEXT NOT NULL, -- authorize, capture, void, refund, or refund_failed: one came back
    amount INTEGER NOT NULL, currency TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
    key TEXT PRIMARY KEY, operation TEXT NOT NULL, fingerprint TEXT NOT NULL,
    authorization TEXT NOT NULL REFERENCES authorization (id), status TEXT NOT NULL, reason TEXT);
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a call; `is_new` is False when the key had been seen before."""

    authorization: str
    status: str
    reason: str | None
    is_new: bool


Result = tuple[str, str, str | None]  # of a new call: authorization, status, reason


class Ledger:
    """The SQLite file of one provider; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(0o600)  # SQLite gives its other files the same mode
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # survives SIGKILL, and is fast
        self._connection.execute("PRAGMA busy_timeout = 2000")
        self._connection.executescript(SCHEMA)

    def authorize(
        self, *, key: str, reference: str, amount: int, currency: str, token: str, return_url: str
    ) -> Outcome:
        """Reserve `amount` minor units as the token says."""
        behaviour = TOKENS[token]

        def begin(db: sqlite3.Connection) -> Result:
            row: dict[str, Any] = {
                "id": f"auth_{secrets.token_hex(12)}",
                "reference": reference,
                "amount": amount,
                "currency": currency,
                "token": token,
                "status": behaviour.status,
                "reason": behaviour.reason,
                "return_url": return_url,
                "key": key,
                "at": now(),
            }
            db.execute(
                "INSERT INTO authorization VALUES (:id, :reference, :amount, :currency, :token,"
                " :status, :reason, :return_url, :key, :at)",
                row,
            )
            if behaviour.status == "authorized":
                self.enter(db, row, "authorize", amount, key)
            return row["id"], behaviour.status, behaviour.reason

        return self.once("authorize", key, f"{reference} {amount} {currency} {token}", begin)

    def capture(self, *, key: str, authorization: str, amount: int) -> Outcome:
        """Take `amount` of what was reserved, if it still is."""

        def take(db: sqlite3.Connection) -> Result:
            row = self.row(db, authorization)
            if reason := _why_not_captured(row, amount):
                return authorization, "declined", reason
            self.enter(db, row, "capture", amount, key)
            self._set_status(db, authorization, "captured")
            return authorization, "captured", None

        return self.once("capture", key, f"{authorization} {amount}", take)

    def void(self, *, key: str, authorization: str) -> Outcome:
        """Give back what was reserved. What was captured stays captured; nothing held is fine."""

        def give_back(db: sqlite3.Connection) -> Result:
            row = self.row(db, authorization)
            if row["status"] not in ("authorized", "action_required"):
                return authorization, row["status"], row["reason"]
            if row["status"] == "authorized":
                self.enter(db, row, "void", row["amount"], key)
            self._set_status(db, authorization, "voided")
            return authorization, "voided", row["reason"]

        return self.once("void", key, authorization, give_back)

    def confirm(self, authorization: str, *, approved: bool) -> dict[str, Any]:
        """The shopper's answer on the bank's page; only the first answer counts."""
        with self.transaction() as db:
            row = self.row(db, authorization)
            if row["status"] == "action_required":
                if approved:
                    self.enter(db, row, "authorize", row["amount"], row["key"])
                    self._set_status(db, authorization, "authorized")
                else:
                    self._set_status(db, authorization, "declined", "confirmation_refused")
            return self.row(db, authorization)

    def find(self, authorization: str) -> dict[str, Any]:
        with self._lock:
            return self.row(self._connection, authorization)

    def look_up(self, key: str) -> tuple[str, Outcome] | None:
        """The operation and outcome of `key`, or None if it was never seen."""
        with self._lock:
            row = self._connection.execute("SELECT * FROM seen WHERE key = ?", [key]).fetchone()
            return None if row is None else (row["operation"], self._outcome(self._connection, row))

    def open_authorizations(self) -> list[dict[str, Any]]:
        """What still holds, or may come to hold, a shopper's money without taking it."""
        return self.all(
            "SELECT * FROM authorization WHERE status IN ('authorized', 'action_required')"
            " ORDER BY rowid"
        )

    def authorizations_of(self, reference: str, since: datetime) -> list[dict[str, Any]]:
        """What the shop asked for under its `reference` since then, oldest first."""
        query = "SELECT * FROM authorization WHERE reference = ? AND at >= ? ORDER BY rowid"
        return self.all(query, reference, text(since))

    def captures(self, since: datetime) -> list[dict[str, Any]]:
        """What was taken since then, oldest first, with the key of its authorization."""
        query = """
            SELECT entry.*, authorization.key AS authorization_key
            FROM entry JOIN authorization ON authorization.id = entry.authorization
            WHERE entry.kind = 'capture' AND entry.at >= ? ORDER BY entry.id"""
        return self.all(query, text(since))

    def entries(self) -> list[dict[str, Any]]:
        return self.all("SELECT * FROM entry ORDER BY id")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def all(self, query: str, *values: str) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]

    def row(self, db: sqlite3.Connection, authorization: str) -> dict[str, Any]:
        query = "SELECT * FROM authorization WHERE id = ?"
        row = db.execute(query, [authorization]).fetchone()
        if row is None:
            raise Refusal(404, "unknown_authorization", "There is no such id.")
        return dict(row)

    def once(
        self,
        operation: str,
        key: str,
        fingerprint: str,
        act: Callable[[sqlite3.Connection], Result],
    ) -> Outcome:
        """What `act` does, in one transaction with its key; what it did, if the key was seen."""
        with self.transaction() as db:
            row = db.execute("SELECT * FROM seen WHERE key = ?", [key]).fetchone()
            if row is None:
                authorization, status, reason = act(db)
                db.execute(
                    "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)",
                    [key, operation, fingerprint, authorization, status, reason],
                )
                return Outcome(authorization, status, reason, is_new=True)
            if (row["operation"], row["fingerprint"]) != (operation, fingerprint):
                detail = "This key was used before for something else."
                raise Refusal(422, "idempotency_key_reused", detail)
            return self._outcome(db, row)

    def _outcome(self, db: sqlite3.Connection, seen: sqlite3.Row) -> Outcome:
        """The stored outcome; an authorization is told as it is by now, not as it was born."""
        told = self.row(db, seen["authorization"]) if seen["operation"] == "authorize" else seen
        return Outcome(seen["authorization"], told["status"], told["reason"], is_new=False)

    def enter(
        self, db: sqlite3.Connection, row: dict[str, Any], kind: str, amount: int, key: str
    ) -> None:
        db.execute(
            "INSERT INTO entry (authorization, reference, kind, amount, currency, key, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [row["id"], row["reference"], kind, amount, row["currency"], key, now()],
        )

    def _set_status(
        self, db: sqlite3.Connection, authorization: str, status: str, reason: str | None = None
    ) -> None:
        db.execute(
            "UPDATE authorization SET status = ?, reason = ? WHERE id = ?",
            [status, reason, authorization],
        )


def _why_not_captured(row: dict[str, Any], amount: int) -> str | None:
    """The reason to refuse a capture, or None."""
    if row["status"] not in ("authorized", "captured"):
        return f"authorization_{row['status']}"
    if amount > row["amount"]:
        return "amount_too_large"
    return TOKENS[row["token"]].capture_reason


def now() -> str:
    return text(datetime.now(UTC))


def text(moment: datetime) -> str:
    """As it is stored: all in UTC and of one length, so that texts compare as their times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
